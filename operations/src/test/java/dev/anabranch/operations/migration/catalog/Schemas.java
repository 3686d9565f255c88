// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.operations.migration.catalog;

import dev.anabranch.devcluster.PostgresServer;
import dev.anabranch.operations.migration.sql.SqlScript;
import dev.anabranch.operations.migration.sql.SqlStatement;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Schemas in a database of their own for tests: made from SQL, read, changed by steps, compared. The server is shared by all
 * tests of the JVM and goes with it; with the system property {@code anabranch.test.postgres} (a JDBC URL with user) one that
 * runs already is used, such as one of another version.
 */
public final class Schemas implements AutoCloseable {
    private static final AtomicInteger NUMBER = new AtomicInteger();
    private static final String GIVEN = System.getProperty("anabranch.test.postgres", "");

    private final String name;
    private final Connection connection;

    private Schemas(String name, Connection connection) {
        this.name = name;
        this.connection = connection;
    }

    /** A new database, empty. */
    public static Schemas database() throws SQLException {
        String name = "schemas_" + ProcessHandle.current().pid() + "_" + NUMBER.incrementAndGet();
        try (Connection admin = connect("postgres");
                Statement statement = admin.createStatement()) {
            statement.execute("create database " + name);
        }
        return new Schemas(name, connect(name));
    }

    private static Connection connect(String database) throws SQLException {
        if (!GIVEN.isEmpty()) {
            return DriverManager.getConnection(GIVEN.replaceFirst("/[^/?]*(\\?|$)", "/" + database + "$1"));
        }
        return DriverManager.getConnection(
                Shared.SERVER.jdbcUrl(database), Shared.SERVER.superuser(), Shared.SERVER.password());
    }

    /** Started at the first use. */
    private static final class Shared {
        private static final PostgresServer SERVER = PostgresServer.start("catalog");
    }

    /** The session that makes and reads the schemas: as superuser, with auto-commit. */
    public Connection connection() {
        return connection;
    }

    /** A schema of that name in which the script has run; one that is there already goes first. */
    public CatalogSnapshot make(String schema, String script) throws SQLException {
        run("drop schema if exists " + Names.quote(schema) + " cascade");
        run("create schema " + Names.quote(schema));
        enter(schema);
        for (SqlStatement statement : SqlScript.split(script)) {
            run(statement.text());
        }
        return read(schema);
    }

    /** What the schema holds. */
    public CatalogSnapshot read(String schema) throws SQLException {
        return CatalogReader.read(connection, schema);
    }

    /** Makes the schema the only one that the session sees. */
    public void enter(String schema) throws SQLException {
        run("set search_path = " + Names.quote(schema));
    }

    /** Runs a statement, with auto-commit. */
    public void run(String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        } catch (SQLException e) {
            throw new SQLException(e.getMessage() + "\nin: " + sql, e.getSQLState(), e);
        }
    }

    /** Runs the steps as migrations do: the first phase in one transaction, the second one by one, the third in one. */
    public void apply(String schema, List<Step> steps) throws SQLException {
        enter(schema);
        for (Phase phase : Phase.values()) {
            connection.setAutoCommit(phase == Phase.ONLINE);
            try {
                for (Step step : steps) {
                    if (step.phase() == phase) {
                        run(step.sql());
                    }
                }
                if (phase != Phase.ONLINE) {
                    connection.commit();
                }
            } finally {
                if (!connection.getAutoCommit()) {
                    connection.rollback();
                }
                connection.setAutoCommit(true);
            }
        }
    }

    /**
     * Brings the schema to what is wanted and sees that it is just that: the snapshot equals the wanted one, and a second
     * comparison finds nothing.
     *
     * @return the steps that were run
     */
    public List<Step> bring(String schema, CatalogSnapshot wanted, Renames renames) throws SQLException {
        CatalogSnapshot old = read(schema);
        List<Step> steps = CatalogDiff.between(old, wanted, renames);
        assertThat(CatalogDiff.between(old, wanted, renames)).as("the same input gives the same steps").isEqualTo(steps);
        try {
            apply(schema, steps);
        } catch (SQLException e) {
            throw new AssertionError(e.getMessage() + "\namong the steps:\n" + text(steps), e);
        }
        assertEqual(read(schema), wanted, steps);
        return steps;
    }

    /** Fails with a line for each difference and the steps that were to leave none. */
    public static void assertEqual(CatalogSnapshot found, CatalogSnapshot wanted, List<Step> steps) {
        assertThat(CatalogDiff.describe(found, wanted)).as("differences after\n%s", text(steps)).isEmpty();
        if (!found.equals(wanted)) {
            List<String> is = new ArrayList<>(found.toString().lines().toList());
            List<String> shall = new ArrayList<>(wanted.toString().lines().toList());
            List<String> both = new ArrayList<>(is);
            both.retainAll(shall);
            is.removeAll(both);
            shall.removeAll(both);
            assertThat(is).as("what differs after\n%s", text(steps)).isEqualTo(shall);
            assertThat(found).as("snapshot after\n%s", text(steps)).isEqualTo(wanted);
        }
        assertThat(CatalogDiff.between(found, wanted, Renames.NONE))
                .as("a second comparison after\n%s", text(steps))
                .isEmpty();
    }

    /** The steps as a person would read them. */
    public static String text(List<Step> steps) {
        return steps.stream()
                .map(step -> step.phase() + ": " + step.sql() + ";"
                        + (step.lost() == null ? "" : " -- loses " + step.lost())
                        + (step.question() == null ? "" : " -- " + step.question()))
                .collect(Collectors.joining("\n"));
    }

    /** Drops the database. */
    @Override
    public void close() throws SQLException {
        connection.close();
        try (Connection admin = connect("postgres");
                Statement statement = admin.createStatement()) {
            statement.execute("drop database if exists " + name + " with (force)");
        }
    }
}
