// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.operations.migration.apply;

import dev.anabranch.devcluster.DatabaseServer;
import dev.anabranch.devcluster.MariaDbServer;
import dev.anabranch.devcluster.PostgresServer;
import dev.anabranch.operations.migration.files.MigrationFile;
import dev.anabranch.operations.migration.files.MigrationSet;
import dev.anabranch.topology.Database;
import dev.anabranch.topology.Endpoint;
import dev.anabranch.topology.Flavor;
import dev.anabranch.topology.Login;
import dev.anabranch.topology.Secret;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** The real servers that the tests of migrations share: started at the first use, gone with the JVM. */
public final class MigrationServers {
    public static final Secret OWNER_PASSWORD = Secret.of("owner-battery-staple");
    public static final Secret APP_PASSWORD = Secret.of("app-battery-staple");
    private static final AtomicInteger COUNT = new AtomicInteger();

    private MigrationServers() {}

    private static final class Postgres {
        static final PostgresServer SERVER = PostgresServer.start("migration");
    }

    private static final class MariaDb {
        static final MariaDbServer SERVER = MariaDbServer.start("migration-maria");
    }

    /** The PostgreSQL server that is never stopped. */
    public static PostgresServer postgres() {
        return Postgres.SERVER;
    }

    /** The MariaDB server that is never stopped. */
    public static MariaDbServer mariadb() {
        return MariaDb.SERVER;
    }

    /** A new database on the shared server, whose owner migrates it; the application's role is not there yet. */
    public static Database owned() {
        return owned(postgres(), "db" + COUNT.incrementAndGet());
    }

    /** A new database of that name, whose owner may make roles and migrates it. */
    public static Database owned(PostgresServer server, String name) {
        try {
            server.createRole(name + "_owner", OWNER_PASSWORD.reveal());
            server.execute("postgres", "ALTER ROLE " + name + "_owner CREATEROLE");
            server.createDatabase(name, name + "_owner");
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
        return new Database(
                name, endpoint(server, name, name + "_app", APP_PASSWORD), new Login(name + "_owner", OWNER_PASSWORD), null);
    }

    /** A new database that the application's user owns and migrates. */
    public static Database plain() {
        return plain(postgres(), "db" + COUNT.incrementAndGet());
    }

    /** A new database of that name that the application's user owns and migrates. */
    public static Database plain(PostgresServer server, String name) {
        try {
            server.createRole(name, APP_PASSWORD.reveal());
            server.createDatabase(name, name);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
        return new Database(name, endpoint(server, name, name, APP_PASSWORD), null);
    }

    /** The same as {@link #plain(PostgresServer, String)} has made, as another process sees it. */
    public static Database known(int port, String name) {
        return new Database(
                name,
                new Endpoint(Flavor.POSTGRES, "127.0.0.1", port, name, name, APP_PASSWORD, Map.of()),
                null);
    }

    private static Endpoint endpoint(DatabaseServer server, String database, String user, Secret password) {
        return new Endpoint(Flavor.POSTGRES, server.host(), server.port(), database, user, password, Map.of());
    }

    /** Files V1, V2 and so on: each text is a name, a line break and the SQL. */
    public static MigrationSet set(String... texts) {
        List<MigrationFile> files = new ArrayList<>();
        for (String text : texts) {
            String[] parts = text.split("\n", 2);
            files.add(MigrationSet.file("test", "V" + (files.size() + 1) + "__" + parts[0] + ".sql", parts[1]));
        }
        return new MigrationSet("test", files);
    }

    /** Connects as whom the endpoint says. */
    public static Connection connect(Endpoint endpoint) throws SQLException {
        return java.sql.DriverManager.getConnection(
                endpoint.jdbcUrl(), endpoint.user(), endpoint.password().reveal());
    }

    /** The first column of all rows, as text. */
    public static List<String> query(Connection connection, String sql) throws SQLException {
        List<String> values = new ArrayList<>();
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            while (row.next()) {
                values.add(String.valueOf(row.getString(1)));
            }
        }
        return values;
    }

    /** The first column of all rows, as the superuser of the shared server. */
    public static List<String> query(Database database, String sql) {
        try (Connection connection = postgres().connect(database.primary().database())) {
            return query(connection, sql);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Executes as the superuser of the shared server. */
    public static void execute(Database database, String sql) {
        try {
            postgres().execute(database.primary().database(), sql);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Waits until the condition holds, at most 30 s. */
    public static void await(String what, BooleanSupplier condition) {
        long deadline = System.nanoTime() + 30_000_000_000L;
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("Not within 30 s: " + what);
            }
            // A pause between two looks, not a wait for something to have happened.
            LockSupport.parkNanos(5_000_000);
        }
    }
}
