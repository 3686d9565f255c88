// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.operations.migration.apply;

import dev.anabranch.problem.AnabranchException;
import dev.anabranch.problem.ErrorCode;
import dev.anabranch.topology.Endpoint;
import dev.anabranch.topology.Flavor;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashMap;
import java.util.Map;
import java.util.Properties;

/** A connection of its own, made to migrate or to look: unqualified names are those of the schema, and of it alone. */
final class MigrationSession implements AutoCloseable {
    /** PostgreSQL cuts longer names off. */
    private static final int NAME_LIMIT = 63;

    private static final boolean HAS_CONNECTOR_J =
            DriverManager.drivers().anyMatch(driver -> driver.getClass().getName().startsWith("com.mysql.cj."));

    private final Connection connection;
    private final Endpoint endpoint;
    /** What each file finds set, whatever the one before it has set; empty where that is nothing. */
    private String fresh = "";

    private MigrationSession(Connection connection, Endpoint endpoint) {
        this.connection = connection;
        this.endpoint = endpoint;
    }

    /**
     * Connects as the one who migrates.
     *
     * @throws AnabranchException {@link ErrorCode#CONFIGURATION_INVALID} where this process does not know the owner's
     *     password; {@link ErrorCode#DATABASE_UNAVAILABLE} where there is no connection to be had
     */
    static MigrationSession toMigrate(Target target, MigrationSettings settings) {
        Endpoint endpoint = target.migrating();
        if (endpoint.password().isEmpty() && target.database().owner().isPresent()) {
            throw new AnabranchException(
                    ErrorCode.CONFIGURATION_INVALID,
                    "This process does not know the password of " + endpoint.user() + ", who owns and migrates " + target
                            + " (" + endpoint.address() + ")",
                    "Give it the owner's password, or migrate from where it is known");
        }
        MigrationSession session = connect(target, endpoint, withoutSocketTimeout(endpoint), settings, "migrate");
        try {
            session.prepare(target, settings);
        } catch (SQLException e) {
            session.close();
            throw MigrationErrors.of(target, endpoint, e);
        }
        return session;
    }

    /** Connects as the one who migrates, or as the application's user where the owner's password is not known. */
    static MigrationSession toLook(Target target, MigrationSettings settings) {
        Endpoint endpoint = target.migrating();
        Endpoint known = endpoint.password().isEmpty() ? target.database().primary() : endpoint;
        return connect(target, known, known, settings, "status");
    }

    /** A file may take longer than any statement of the application. */
    private static Endpoint withoutSocketTimeout(Endpoint endpoint) {
        Map<String, String> properties = new HashMap<>(endpoint.properties());
        properties.keySet().removeIf(key -> key.equalsIgnoreCase("socketTimeout"));
        return new Endpoint(
                endpoint.flavor(),
                endpoint.host(),
                endpoint.port(),
                endpoint.database(),
                endpoint.user(),
                endpoint.password(),
                properties);
    }

    private static MigrationSession connect(
            Target target, Endpoint endpoint, Endpoint address, MigrationSettings settings, String what) {
        Properties properties = new Properties();
        properties.setProperty("user", endpoint.user());
        properties.setProperty("password", endpoint.password().reveal());
        long millis = settings.connectTimeout().toMillis();
        switch (endpoint.flavor()) {
            case POSTGRES -> {
                properties.setProperty("connectTimeout", Long.toString(Math.ceilDiv(millis, 1000)));
                properties.setProperty("loginTimeout", Long.toString(Math.ceilDiv(millis, 1000)));
                properties.setProperty("tcpKeepAlive", "true");
                properties.setProperty("ApplicationName", name(target, settings, what));
                // Each statement runs once, so that one prepared on the server would be made for nothing.
                properties.setProperty("prepareThreshold", "0");
            }
            case MYSQL, MARIADB -> properties.setProperty("connectTimeout", Long.toString(millis));
        }
        // What the topology says stands in the address, which wins over these in every driver.
        endpoint.properties().keySet().forEach(properties::remove);
        try {
            return new MigrationSession(DriverManager.getConnection(url(address), properties), endpoint);
        } catch (SQLException e) {
            throw MigrationErrors.unreachable(target, endpoint, e);
        }
    }

    private static String url(Endpoint endpoint) {
        String url = endpoint.jdbcUrl();
        // MariaDB's connector speaks to MySQL too, and takes addresses of its own kind alone.
        return endpoint.flavor() == Flavor.MYSQL && !HAS_CONNECTOR_J ? url.replaceFirst("jdbc:mysql", "jdbc:mariadb") : url;
    }

    /** Who this is, for others who look at the server's sessions. */
    static String name(Target target, MigrationSettings settings, String what) {
        String name = "anabranch " + what + " " + target + ", " + settings.runner();
        String ascii = name.replaceAll("[^\\x20-\\x7e]", "?");
        return ascii.length() <= NAME_LIMIT ? ascii : ascii.substring(0, NAME_LIMIT);
    }

    private void prepare(Target target, MigrationSettings settings) throws SQLException {
        if (endpoint.flavor() != Flavor.POSTGRES) {
            // A table that somebody uses is waited for as long, and not for a day.
            execute("SET SESSION lock_wait_timeout = " + Math.ceilDiv(settings.lockTimeout().toMillis(), 1000));
            return;
        }
        fresh = "SET search_path = " + quoted(target.schema()) + "; SET application_name = '"
                + name(target, settings, "migrate").replace("'", "''")
                // What the server sets for the role's everyday statements must not break an index off half way.
                + "'; SET statement_timeout = 0; SET lock_timeout = 0; SET idle_in_transaction_session_timeout = 0"
                + "; SET default_transaction_read_only = off"
                + (connection.getMetaData().getDatabaseMajorVersion() >= 17 ? "; SET transaction_timeout = 0" : "");
        execute(fresh);
        try {
            // So that a statement ends, and with it the lock on the schema, when the runner is gone.
            String check = "SET client_connection_check_interval = '1s'";
            execute(check);
            fresh += "; " + check;
        } catch (SQLException e) {
            // A server whose operating system cannot tell; it then notices at the statement's end.
        }
    }

    /** The statements that undo what a file has set for the session, and set what each finds. */
    String renewal() {
        // RESET ALL leaves both roles as they are.
        return "RESET SESSION AUTHORIZATION; RESET ROLE; RESET ALL; " + fresh;
    }

    /** As {@link #renewal()} says. */
    void renew() throws SQLException {
        if (isPostgres()) {
            execute(renewal());
        }
    }

    Connection connection() {
        return connection;
    }

    Endpoint endpoint() {
        return endpoint;
    }

    boolean isPostgres() {
        return endpoint.flavor() == Flavor.POSTGRES;
    }

    void execute(String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    /** The name in quotes, as this server writes them. */
    String quoted(String name) {
        return isPostgres() ? "\"" + name.replace("\"", "\"\"") + "\"" : "`" + name.replace("`", "``") + "`";
    }

    @Override
    public void close() {
        try {
            connection.close();
        } catch (SQLException e) {
            // It is gone either way.
        }
    }
}
