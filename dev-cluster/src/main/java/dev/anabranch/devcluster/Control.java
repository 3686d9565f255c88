// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.devcluster;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Properties;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGProperty;

/** A superuser's session that gives up on a server that does not answer. Not thread-safe. */
record Control(Connection connection) implements AutoCloseable {

    /** Connects; that, and each answer, may take so long, in whole seconds. */
    static Control of(PostgresServer server, Duration limit) throws SQLException {
        var seconds = String.valueOf(Math.max(1, limit.toSeconds()));
        var properties = new Properties();
        PGProperty.USER.set(properties, server.superuser());
        PGProperty.PASSWORD.set(properties, server.password());
        // else it tries again otherwise, each time for as long
        PGProperty.SSL_MODE.set(properties, "disable");
        PGProperty.GSS_ENC_MODE.set(properties, "disable");
        PGProperty.CONNECT_TIMEOUT.set(properties, seconds);
        PGProperty.SOCKET_TIMEOUT.set(properties, seconds);
        PGProperty.APPLICATION_NAME.set(properties, "anabranch-dev-cluster");
        return new Control(DriverManager.getConnection(server.jdbcUrl("postgres"), properties));
    }

    /** The first column of the first row as text; null if that is null or there is no row. */
    @Nullable String ask(String sql, @Nullable String... parameters) throws SQLException {
        try (var statement = connection.prepareStatement(sql)) {
            for (int i = 0; i < parameters.length; i++) {
                statement.setString(i + 1, parameters[i]);
            }
            try (var rows = statement.executeQuery()) {
                return rows.next() ? rows.getString(1) : null;
            }
        }
    }

    /** Whether the answer is true. */
    boolean is(String sql, @Nullable String... parameters) throws SQLException {
        return "t".equals(ask(sql, parameters));
    }

    @Override
    public void close() throws SQLException {
        connection.close();
    }
}
