// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.operations.migration.desired;

import dev.anabranch.devcluster.PostgresServer;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/** Databases on the one server that these tests share: started at the first use, gone with the JVM. */
final class TestDatabase {
    static final String PASSWORD = "correct-horse-battery";
    private static final PostgresServer SERVER = PostgresServer.start("desired");
    private static final AtomicInteger COUNT = new AtomicInteger();

    private final String name;

    private TestDatabase(String name) {
        this.name = name;
    }

    /** A new one, owned by a role of the same name that is nothing else. */
    static TestDatabase create() throws SQLException {
        String name = "desired" + COUNT.incrementAndGet();
        SERVER.createRole(name, PASSWORD);
        SERVER.createDatabase(name, name);
        return new TestDatabase(name);
    }

    String name() {
        return name;
    }

    /** As its owner. */
    Connection connect() throws SQLException {
        return DriverManager.getConnection(SERVER.jdbcUrl(name), name, PASSWORD);
    }

    /** As a role that owns nothing. */
    Connection connectAs(String role) throws SQLException {
        SERVER.createRole(role, PASSWORD);
        return DriverManager.getConnection(SERVER.jdbcUrl(name), role, PASSWORD);
    }

    static void execute(Connection connection, String... statements) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.setEscapeProcessing(false);
            for (String sql : statements) {
                statement.execute(sql);
            }
        }
    }

    static List<String> strings(Connection connection, String query) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(query)) {
            List<String> found = new ArrayList<>();
            while (rows.next()) {
                found.add(rows.getString(1));
            }
            return found;
        }
    }
}
