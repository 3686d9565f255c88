// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.spring.hibernate;

import dev.anabranch.Anabranch;
import dev.anabranch.problem.AnabranchException;
import dev.anabranch.problem.ErrorCode;
import dev.anabranch.spring.AnabranchAutoConfiguration;
import dev.anabranch.spring.AnabranchProperties;
import dev.anabranch.topology.Group;
import dev.anabranch.topology.Topology;
import jakarta.persistence.EntityManager;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.hibernate.cfg.AvailableSettings;
import org.hibernate.engine.spi.SessionImplementor;
import org.hibernate.integrator.spi.Integrator;
import org.hibernate.jpa.boot.spi.IntegratorProvider;
import org.hibernate.jpa.boot.spi.JpaSettings;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.hibernate.autoconfigure.HibernatePropertiesCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.orm.jpa.LocalContainerEntityManagerFactoryBean;

/** Lets Hibernate start without a connection, and guards the shard key of what it writes. */
@AutoConfiguration(
        after = AnabranchAutoConfiguration.class,
        beforeName = "org.springframework.boot.hibernate.autoconfigure.HibernateJpaAutoConfiguration")
@ConditionalOnClass({
    LocalContainerEntityManagerFactoryBean.class,
    EntityManager.class,
    SessionImplementor.class,
    HibernatePropertiesCustomizer.class
})
@ConditionalOnBean(Anabranch.class)
public final class AnabranchHibernateAutoConfiguration {
    private static final Set<String> NO_DDL = Set.of("none", "false", "");
    /** A global group has one database and needs no tenant: Hibernate may look there whether the entities fit. */
    private static final Set<String> READ_ONLY = Set.of("none", "false", "", "validate");

    @Bean
    HibernatePropertiesCustomizer anabranchHibernateProperties(
            Anabranch anabranch, AnabranchProperties properties) {
        return hibernate -> customize(hibernate, anabranch, properties);
    }

    private static void customize(
            Map<String, Object> hibernate, Anabranch anabranch, AnabranchProperties properties) {
        Topology topology = anabranch.topology();
        GroupFlavor flavor = GroupFlavor.follow(anabranch::topology, anabranch::onChange, properties.group());
        flavor.hibernateSettings().forEach(hibernate::putIfAbsent);
        // Asking a database what it is takes a connection, and the one asked may be down.
        hibernate.put("hibernate.boot.allow_jdbc_metadata_access", "false");
        Set<String> harmless = topology.group(properties.group()) instanceof Group.Global ? READ_ONLY : NO_DDL;
        refuseDdl(hibernate, AvailableSettings.HBM2DDL_AUTO, harmless);
        refuseDdl(hibernate, AvailableSettings.JAKARTA_HBM2DDL_DATABASE_ACTION, harmless);
        if (topology.group(properties.group()) instanceof Group.Sharded) {
            Integrator integrator = new ShardingIntegrator(
                    topology.shardKey(), Set.copyOf(properties.jpa().withoutShardKey()));
            Object earlier = hibernate.get(JpaSettings.INTEGRATOR_PROVIDER);
            hibernate.put(JpaSettings.INTEGRATOR_PROVIDER, (IntegratorProvider) () -> both(earlier, integrator));
        }
    }

    private static List<Integrator> both(@Nullable Object earlier, Integrator integrator) {
        List<Integrator> all = new ArrayList<>();
        if (earlier instanceof IntegratorProvider provider) {
            all.addAll(provider.getIntegrators());
        }
        all.add(integrator);
        return all;
    }

    private static void refuseDdl(Map<String, Object> hibernate, String setting, Set<String> harmless) {
        Object action = hibernate.get(setting);
        if (action != null && !harmless.contains(action.toString())) {
            throw new AnabranchException(
                    ErrorCode.CONFIGURATION_INVALID,
                    "Hibernate is to touch the schema at start (" + setting + "=" + action
                            + "), and would do so on one database of many",
                    "Set spring.jpa.hibernate.ddl-auto to none, and change schemas by migrations or a DatabasePreparation");
        }
    }
}
