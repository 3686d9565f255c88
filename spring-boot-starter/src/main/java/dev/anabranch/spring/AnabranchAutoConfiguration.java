// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.spring;

import dev.anabranch.Anabranch;
import dev.anabranch.Settings;
import dev.anabranch.problem.AnabranchException;
import dev.anabranch.problem.ErrorCode;
import dev.anabranch.routing.DatabasePreparation;
import dev.anabranch.routing.DatabaseRouter;
import dev.anabranch.routing.RouteListener;
import dev.anabranch.routing.RouterChain;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.observation.ObservationRegistry;
import java.util.List;
import javax.sql.DataSource;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.Environment;
import org.springframework.core.io.ResourceLoader;
import org.springframework.core.task.TaskDecorator;

/** Opens Anabranch with the application's configuration, and gives the application the group's {@code DataSource}. */
@AutoConfiguration(
        before = DataSourceAutoConfiguration.class,
        afterName = "org.springframework.boot.micrometer.metrics.autoconfigure.CompositeMeterRegistryAutoConfiguration")
@ConditionalOnBooleanProperty(name = "anabranch.enabled", matchIfMissing = true)
@EnableConfigurationProperties(AnabranchProperties.class)
public final class AnabranchAutoConfiguration {

    @Bean
    @ConditionalOnMissingBean
    Settings anabranchSettings(
            Environment environment,
            AnabranchProperties properties,
            ObjectProvider<DatabasePreparation> preparations,
            ObjectProvider<DatabaseRouter> routers,
            ObjectProvider<RouteListener> listeners,
            ResourceLoader resources,
            ObjectProvider<MeterRegistrySetting> meterRegistry) {
        Settings settings = Settings.fromEnvironment(
                new ShardingVariables(environment, properties), properties.groupNames());
        List<DatabasePreparation> all = preparations.orderedStream().toList();
        if (!all.isEmpty()) {
            settings = settings.withPreparation(new AllPreparations(all));
        }
        List<DatabaseRouter> own = routers.orderedStream().toList();
        settings = settings.withRouters(own.isEmpty() ? RouterChain.loaded(loader(resources)) : new RouterChain(own));
        List<RouteListener> told = listeners.orderedStream().toList();
        if (!told.isEmpty()) {
            settings = settings.withRouteListener(
                    (decision, server) -> told.forEach(listener -> listener.routed(decision, server)));
        }
        MeterRegistrySetting metered = meterRegistry.getIfAvailable();
        return metered == null ? settings : metered.applyTo(settings);
    }

    private static ClassLoader loader(ResourceLoader resources) {
        ClassLoader given = resources.getClassLoader();
        return given == null ? AnabranchAutoConfiguration.class.getClassLoader() : given;
    }

    @Bean(destroyMethod = "close")
    @ConditionalOnMissingBean
    Anabranch anabranch(
            Settings settings,
            AnabranchProperties properties,
            ObjectProvider<CheckAtStart> checks,
            ObjectProvider<PreparationAtStart> preparation) {
        PreparationAtStart atStart = preparation.getIfAvailable(() -> withoutMigrations(properties.migrate()));
        Anabranch anabranch = Anabranch.open(settings);
        try {
            checks.orderedStream().forEach(check -> check.check(anabranch));
            // Here and not later: whoever gets Anabranch or its data source finds the schemas ready.
            atStart.prepare(anabranch);
            return anabranch;
        } catch (RuntimeException e) {
            anabranch.close();
            throw e;
        }
    }

    private static PreparationAtStart withoutMigrations(AnabranchProperties.Migrate migrate) {
        if (migrate.isAskedFor()) {
            throw new AnabranchException(
                    ErrorCode.CONFIGURATION_INVALID,
                    "Migrations are asked for (anabranch.migrate.mode=" + migrate.mode() + ", anabranch.migrate.location="
                            + migrate.location() + "), and what applies them is not on the class path",
                    "Add the dependency dev.anabranch:anabranch-operations, or set anabranch.migrate.mode to off");
        }
        return anabranch -> {};
    }

    /** No destroy method: closing Anabranch closes the pools. */
    @Bean(destroyMethod = "")
    @ConditionalOnMissingBean(DataSource.class)
    DataSource dataSource(Anabranch anabranch, AnabranchProperties properties) {
        return anabranch.dataSource(properties.primaryGroup());
    }

    /** Asked when all singletons are there, whichever way the application makes its own. */
    @Bean
    static SmartInitializingSingleton unroutedDataSourceWarning(ConfigurableListableBeanFactory beans) {
        return () -> UnroutedDataSources.warn(beans.getBeansOfType(DataSource.class, false, false));
    }

    /** Hands the caller's tenant, audience and session over to what Boot's executor runs: {@code @Async}, MVC's asynchronous results. */
    @Bean
    TaskDecorator tenantTaskDecorator() {
        return Anabranch::propagating;
    }

    @Configuration(proxyBeanMethods = false)
    @ConditionalOnClass(ObservationRegistry.class)
    static class WithObservations {
        @Bean
        RouteListener anabranchRouteObservation(ObjectProvider<ObservationRegistry> registry) {
            return new RouteObservation(registry);
        }
    }

    /** The part of the settings that needs Micrometer on the class path. */
    interface MeterRegistrySetting {
        Settings applyTo(Settings settings);
    }

    @Configuration(proxyBeanMethods = false)
    @ConditionalOnClass(MeterRegistry.class)
    static class WithMicrometer {
        @Bean
        MeterRegistrySetting anabranchMeterRegistry(ObjectProvider<MeterRegistry> registry) {
            return settings -> {
                MeterRegistry found = registry.getIfAvailable();
                return found == null ? settings : settings.withMeterRegistry(found);
            };
        }
    }
}
