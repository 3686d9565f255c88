// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.directory.server.start;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.anabranch.directory.server.DirectoryProperties;
import dev.anabranch.problem.AnabranchException;
import dev.anabranch.topology.Endpoint;
import dev.anabranch.topology.Flavor;
import dev.anabranch.topology.Secret;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Properties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** The pool of the meta database. */
@Configuration(proxyBeanMethods = false)
class MetaDatabase {
    private static final String TIMEOUT_SECONDS = "5";
    private static final String READ_TIMEOUT_SECONDS = "30";

    /** Asks once before the pool is opened, because a pool says less clearly what is wrong. */
    @Bean(destroyMethod = "close")
    HikariDataSource metaDataSource(DirectoryProperties properties) {
        DirectoryProperties.Meta meta = properties.meta();
        if (meta.url().isBlank() || meta.user().isBlank()) {
            throw new StartRefused(
                    "The meta database is not configured",
                    "Set ANABRANCH_META_URL (jdbc:postgresql://host:port/database), ANABRANCH_META_USER and"
                            + " ANABRANCH_META_PASSWORD");
        }
        Endpoint at = endpoint(meta);
        Properties login = new Properties();
        login.setProperty("user", at.user());
        login.setProperty("password", at.password().reveal());
        login.setProperty("connectTimeout", TIMEOUT_SECONDS);
        login.setProperty("loginTimeout", TIMEOUT_SECONDS);
        login.setProperty("ApplicationName", "anabranch-directory");
        try (Connection connection = DriverManager.getConnection(at.jdbcUrl(), login)) {
            connection.isValid(1);
        } catch (SQLException e) {
            String state = e.getSQLState() == null ? "unknown" : e.getSQLState();
            throw new StartRefused(
                    "The meta database " + at.address() + " cannot be used as '" + at.user() + "' (" + meaning(state)
                            + ", SQLState " + state + ")",
                    "Check that it runs, and ANABRANCH_META_URL, ANABRANCH_META_USER and ANABRANCH_META_PASSWORD");
        }
        login.setProperty("socketTimeout", READ_TIMEOUT_SECONDS);
        HikariConfig config = new HikariConfig();
        config.setPoolName("meta");
        config.setJdbcUrl(at.jdbcUrl());
        config.setDataSourceProperties(login);
        config.setMaximumPoolSize(meta.connections());
        config.setConnectionTimeout(Long.parseLong(TIMEOUT_SECONDS) * 1000);
        return new HikariDataSource(config);
    }

    private static Endpoint endpoint(DirectoryProperties.Meta meta) {
        try {
            Secret password = Secret.resolve(meta.password(), System::getenv);
            Endpoint at = Endpoint.ofUrl(meta.url(), meta.user(), password);
            if (at.flavor() != Flavor.POSTGRES) {
                throw new StartRefused(
                        "The meta database is no PostgreSQL", "Set ANABRANCH_META_URL to jdbc:postgresql://…");
            }
            return at;
        } catch (AnabranchException e) {
            throw new StartRefused(e.problem(), e.hint());
        }
    }

    private static String meaning(String state) {
        return switch (state) {
            case "28P01", "28000" -> "login refused";
            case "3D000" -> "no such database";
            case "08001", "08004", "08006" -> "unreachable";
            default -> "refused";
        };
    }
}
