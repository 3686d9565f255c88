// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.spring.migrate;

import dev.anabranch.problem.AnabranchException;
import dev.anabranch.problem.ErrorCode;
import dev.anabranch.routing.RoutingDataSource;
import dev.anabranch.spring.AnabranchAutoConfiguration;
import java.sql.SQLException;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.flyway.autoconfigure.FlywayMigrationStrategy;
import org.springframework.context.annotation.Bean;
import org.springframework.core.env.Environment;

/**
 * Keeps Boot's own Flyway from the data source that routes: it would run there without a tenant, on one database of many, and
 * as the application's user.
 */
@AutoConfiguration(
        after = AnabranchAutoConfiguration.class,
        beforeName = "org.springframework.boot.flyway.autoconfigure.FlywayAutoConfiguration")
@ConditionalOnClass({Flyway.class, FlywayMigrationStrategy.class})
@ConditionalOnBooleanProperty(name = "anabranch.enabled", matchIfMissing = true)
public final class BootFlywayAutoConfiguration {
    private static final Logger LOG = LoggerFactory.getLogger(BootFlywayAutoConfiguration.class);

    @Bean
    @ConditionalOnMissingBean
    FlywayMigrationStrategy anabranchFlywayStrategy(Environment environment) {
        return flyway -> {
            if (!routes(flyway.getConfiguration().getDataSource())) {
                flyway.migrate();
            } else if ("true".equalsIgnoreCase(environment.getProperty("spring.flyway.enabled"))) {
                throw new AnabranchException(
                        ErrorCode.CONFIGURATION_INVALID,
                        "Spring Boot's Flyway is switched on (spring.flyway.enabled=true), and the DataSource that it would"
                                + " migrate routes to many databases",
                        "Set spring.flyway.enabled to false: the migrations at anabranch.migrate.location are applied to"
                                + " each of them; or give Flyway a database of its own by spring.flyway.url");
            } else {
                LOG.warn("Spring Boot's Flyway is on the class path and is not run: the DataSource routes to many databases, whose"
                        + " migrations are those at anabranch.migrate.location. Set spring.flyway.enabled=false to"
                        + " say so yourself.");
            }
        };
    }

    private static boolean routes(@Nullable DataSource dataSource) {
        try {
            return dataSource instanceof RoutingDataSource
                    || (dataSource != null && dataSource.isWrapperFor(RoutingDataSource.class));
        } catch (SQLException e) {
            return false;
        }
    }
}
