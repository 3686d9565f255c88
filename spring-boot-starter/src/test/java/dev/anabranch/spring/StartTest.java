// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.spring;

import dev.anabranch.Anabranch;
import dev.anabranch.spring.Contexts.Application;
import dev.anabranch.tenant.TenantContext;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tag;
import java.sql.SQLException;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.boot.health.contributor.Status;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.task.AsyncTaskExecutor;
import org.springframework.jdbc.datasource.LazyConnectionDataSourceProxy;
import org.springframework.jdbc.datasource.SingleConnectionDataSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;



@ExtendWith(OutputCaptureExtension.class)
class StartTest {

    @Test
    void givesTheGroupsDataSourceAndClosesItWithTheContext() throws Exception {
        Anabranch anabranch;
        DataSource dataSource;
        try (ConfigurableApplicationContext context = start()) {
            anabranch = context.getBean(Anabranch.class);
            dataSource = context.getBean(DataSource.class);
            assertThat(anabranch.topology().databases()).containsKey("main");
        }
        assertThatThrownBy(() -> TenantContext.call("1", () -> {
                    try (var connection = dataSource.getConnection();
                            var statement = connection.createStatement()) {
                        return statement.execute("select 1");
                    }
                }))
                .isInstanceOf(SQLException.class)
                .hasMessageContaining("closed");
    }

    @Test
    void stepsAsideWhereItIsTurnedOff() {
        try (ConfigurableApplicationContext context = start(
                "anabranch.enabled=false",
                "spring.autoconfigure.exclude=org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration")) {
            assertThat(context.getBeansOfType(Anabranch.class)).isEmpty();
            assertThat(context.getBeansOfType(DataSource.class)).isEmpty();
        }
    }

    @Test
    void warnsOfADataSourceThatIsInTheWay(CapturedOutput output) {
        // Boot's Flyway, which is on this class path, would run there: it is the application's own.
        Contexts.start(
                        new SpringApplicationBuilder(Application.class, OwnDataSource.class),
                        "spring.flyway.enabled=false")
                .close();
        assertThat(output.getAll())
                .contains("WARN", "a DataSource of its own, [mine]", "anabranch.enabled=false")
                .doesNotContain("hunter2");
    }

    @Test
    void doesNotWarnOfTheOneThatRoutesHoweverItIsWrapped(CapturedOutput output) {
        start().close();
        Contexts.start(new SpringApplicationBuilder(Application.class, WrappedDataSource.class)).close();
        assertThat(output.getAll()).doesNotContain("a DataSource of its own");
    }

    @ParameterizedTest
    @CsvSource({
        "SHARDING_MODE=cluster, SHARDING_MODE, anabranch.mode",
        "SHARDING_FLAVOR=oracle, SHARDING_FLAVOR, postgres",
        "SHARDING_CONFIG=/nowhere/anabranch.yaml, /nowhere/anabranch.yaml, path",
        "SHARDING_IDENTIFIER_FIELD=a;b, a;b, customer_id",
        "anabranch.flavor=oracle, anabranch.flavor, oracle",
        "spring.jpa.hibernate.ddl-auto=update, ddl-auto, migrations"
    })
    void aBrokenConfigurationIsToldWithoutAStackTrace(
            String property, String named, String advice, CapturedOutput output) {
        assertThatThrownBy(() -> start(property).close()).isInstanceOf(Exception.class);
        assertThat(output.getAll())
                .contains("APPLICATION FAILED TO START", "Description:", "Action:", named, advice)
                .doesNotContain("\tat ", "hunter2");
    }

    @Test
    void bootsExecutorHandsTheTenantOver() throws Exception {
        for (String virtual : new String[] {"true", "false"}) {
            try (ConfigurableApplicationContext context = start("spring.threads.virtual.enabled=" + virtual)) {
                AsyncTaskExecutor executor = context.getBean("applicationTaskExecutor", AsyncTaskExecutor.class);
                assertThat(TenantContext.<String, Exception>call("acme", () -> tenantOn(executor)))
                        .isEqualTo("acme");
                assertThat(tenantOn(executor)).isEqualTo("nobody");
            }
        }
    }

    @Test
    void isDownWhenEveryDatabaseIsAndMetersNameDatabasesAndNoTenant() {
        try (ConfigurableApplicationContext context = start()) {
            Health health = Objects.requireNonNull(
                    context.getBean("dbHealthContributor", HealthIndicator.class).health());
            assertThat(health.getStatus()).isEqualTo(Status.DOWN);
            assertThat(health.toString()).contains("main").doesNotContain("hunter2");
            MeterRegistry meters = context.getBean(MeterRegistry.class);
            assertThat(meters.get("anabranch.topology.revision").gauge().value()).isZero();
            assertThat(meters.get("anabranch.database.up").tag("database", "main").gauge().value())
                    .isZero();
            assertThat(meters.get("anabranch.connections").gauges())
                    .extracting(gauge -> gauge.getId().getTag("state"))
                    .containsExactlyInAnyOrder("active", "idle", "waiting", "max");
            assertThat(meters.getMeters())
                    .flatExtracting(meter -> meter.getId().getTags())
                    .extracting(Tag::getKey)
                    .doesNotContain("tenant", "customer");
        }
    }

    @Test
    void theDefaultsGiveWayToTheApplicationsOwn() {
        try (ConfigurableApplicationContext context = start()) {
            assertThat(context.getEnvironment().getProperty("spring.jpa.open-in-view")).isEqualTo("false");
            assertThat(context.getEnvironment().getProperty("spring.mvc.problemdetails.enabled"))
                    .isEqualTo("true");
        }
        try (ConfigurableApplicationContext context = start("spring.jpa.open-in-view=true")) {
            assertThat(context.getEnvironment().getProperty("spring.jpa.open-in-view")).isEqualTo("true");
        }
    }

    @Configuration(proxyBeanMethods = false)
    static class OwnDataSource {
        @Bean
        DataSource mine() {
            return new SingleConnectionDataSource("jdbc:postgresql://127.0.0.1:1/none", true);
        }
    }

    @Configuration(proxyBeanMethods = false)
    static class WrappedDataSource {
        @Bean
        DataSource wrapped(Anabranch anabranch) {
            return new LazyConnectionDataSourceProxy(anabranch.dataSource());
        }
    }

    private static String tenantOn(AsyncTaskExecutor executor) throws InterruptedException, ExecutionException {
        return CompletableFuture.supplyAsync(
                        () -> TenantContext.current().map(Object::toString).orElse("nobody"), executor)
                .get();
    }

    private static ConfigurableApplicationContext start(String... properties) {
        return Contexts.start(new SpringApplicationBuilder(Application.class), properties);
    }
}
