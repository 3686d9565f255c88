// SPDX-License-Identifier: Apache-2.0
package dev.anabranch;

import dev.anabranch.devcluster.PostgresServer;
import dev.anabranch.topology.Database;
import dev.anabranch.topology.Endpoint;
import dev.anabranch.topology.Flavor;
import dev.anabranch.topology.Secret;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** The real server that core's tests share: started at the first use, gone with the JVM. */
public final class Servers {
    public static final String PASSWORD = "correct-horse-battery";
    private static final PostgresServer SHARED = PostgresServer.start("core");

    private Servers() {}

    /** The server that the tests share; it is never stopped. */
    public static PostgresServer shared() {
        return SHARED;
    }

    /** A database of that name on the server, with a role of the same name that owns it and a table of notes. */
    public static Database database(PostgresServer server, String name) {
        try {
            server.createRole(name, PASSWORD);
            server.createDatabase(name, name);
            try (Connection connection = DriverManager.getConnection(server.jdbcUrl(name), name, PASSWORD);
                    Statement statement = connection.createStatement()) {
                statement.execute("create table note (customer_id text not null, body text not null)");
            }
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
        return new Database(name, endpoint(server, name, PASSWORD), null);
    }

    public static Endpoint endpoint(PostgresServer server, String name, String password) {
        return new Endpoint(
                Flavor.POSTGRES, server.host(), server.port(), name, name, Secret.of(password), Map.of());
    }

    /** Waits until the condition holds, at most 20 s. */
    public static void await(String what, BooleanSupplier condition) {
        long deadline = System.nanoTime() + 20_000_000_000L;
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("Not within 20 s: " + what);
            }
            // A pause between two looks, not a wait for something to have happened.
            LockSupport.parkNanos(5_000_000);
        }
    }
}
