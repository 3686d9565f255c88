// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.routing;

import dev.anabranch.problem.AnabranchException;
import dev.anabranch.problem.ErrorCode;
import dev.anabranch.topology.Endpoint;
import dev.anabranch.topology.Flavor;
import java.io.PrintWriter;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import java.sql.SQLTransientConnectionException;
import java.time.Duration;
import java.time.Instant;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.logging.Logger;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * Makes the connections of one database's pool, within the budget.
 *
 * <p>The address and the credentials may change while it is used: connections carry the generation they were made in, and
 * the pool drops the old ones as they come back. A waiting caller is thus served by the new place, and never dropped.
 */
final class PhysicalSource implements DataSource, AutoCloseable {
    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(2);
    /** For the whole of it: a peer that accepts and then says nothing must not hold the pool's only maker of connections. */
    private static final Duration LOGIN_TIMEOUT = Duration.ofSeconds(4);
    /** A server that takes longer to let its watcher in is not one to send readers to. */
    private static final Duration WATCH_TIMEOUT = Duration.ofSeconds(1);

    private final ConnectionBudget budget;
    private final Duration patience;
    private final Set<PhysicalConnection> alive = ConcurrentHashMap.newKeySet();
    private volatile Target target;
    private volatile @Nullable Failure failure;
    private volatile boolean closed;

    PhysicalSource(Endpoint endpoint, ConnectionBudget budget, Duration patience) {
        this.target = new Target(endpoint, 0);
        this.budget = budget;
        this.patience = patience;
    }

    private record Target(Endpoint endpoint, int generation) {}

    /**
     * Why no connection could be made.
     *
     * @param since the first failure after the last success
     * @param lastNanos when the last attempt failed, by {@link System#nanoTime()}
     * @param cause what the driver said
     */
    record Failure(Instant since, long lastNanos, SQLException cause) {}

    Endpoint endpoint() {
        return target.endpoint();
    }

    int generation() {
        return target.generation();
    }

    /** The failure that no success has followed. */
    @Nullable Failure failure() {
        return failure;
    }

    /** Takes note that no connection could be made to where it connects now, by whomever. */
    void failed(SQLException cause) {
        Failure before = failure;
        failure = new Failure(before == null ? Instant.now() : before.since(), System.nanoTime(), cause);
    }

    /** From now on connects there. */
    synchronized void moveTo(Endpoint endpoint) {
        target = new Target(endpoint, target.generation() + 1);
        failure = null;
    }

    @Override
    public Connection getConnection() throws SQLException {
        takePermit();
        Target aim = target;
        PhysicalConnection connection;
        try {
            Connection driver = DriverManager.getConnection(
                    url(aim.endpoint()), properties(aim.endpoint(), CONNECT_TIMEOUT, LOGIN_TIMEOUT));
            connection = new PhysicalConnection(driver, aim.generation(), this::gone);
        } catch (SQLException e) {
            budget.giveBack();
            if (aim.equals(target)) {
                failed(e);
            }
            throw e;
        } catch (RuntimeException | Error e) {
            budget.giveBack();
            throw e;
        }
        failure = null;
        alive.add(connection);
        if (closed) {
            connection.close();
            throw JdbcErrors.closed("pool");
        }
        return connection;
    }

    private void gone(PhysicalConnection connection) {
        alive.remove(connection);
        budget.giveBack();
    }

    /** Closes every connection that is left, and each that is still being made as soon as it is. */
    @Override
    public void close() {
        closed = true;
        for (PhysicalConnection connection : alive) {
            try {
                connection.close();
            } catch (SQLException e) {
                // It is gone either way.
            }
        }
    }

    /**
     * A connection that asks a server how it is, and belongs to no pool: of the budget's reserve, made at once or not at all.
     *
     * @param patience how long it may wait for the budget
     */
    static Connection watching(Endpoint endpoint, ConnectionBudget budget, Duration patience) throws SQLException {
        try {
            if (!budget.takeReserved(patience)) {
                throw allInUse(budget);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new SQLTransientConnectionException("Interrupted while waiting for the connection budget", "08001", e);
        }
        try {
            Properties properties = properties(endpoint, WATCH_TIMEOUT, WATCH_TIMEOUT);
            Connection driver = DriverManager.getConnection(url(endpoint), properties);
            return new PhysicalConnection(driver, 0, gone -> budget.giveBackReserved());
        } catch (SQLException | RuntimeException | Error e) {
            budget.giveBackReserved();
            throw e;
        }
    }

    private static SQLException allInUse(ConnectionBudget budget) {
        return new SQLTransientConnectionException(
                "All " + budget.total() + " connections of this process's budget are in use. Raise"
                        + " SHARDING_CONNECTION_BUDGET, or lower SHARDING_CONNECTIONS_PER_DATABASE.",
                "08001");
    }

    private void takePermit() throws SQLException {
        try {
            if (!budget.take(patience)) {
                throw allInUse(budget);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new SQLTransientConnectionException("Interrupted while waiting for the connection budget", "08001", e);
        }
    }

    /**
     * Makes sure that a driver is there for an endpoint.
     *
     * @throws AnabranchException {@link ErrorCode#CONFIGURATION_INVALID} where none is on the class path
     */
    static void requireDriver(Endpoint endpoint) {
        try {
            DriverManager.getDriver(url(endpoint));
        } catch (SQLException e) {
            throw new AnabranchException(
                    ErrorCode.CONFIGURATION_INVALID,
                    "No JDBC driver for the flavor " + endpoint.flavor().id() + " is on the class path",
                    "Add " + (endpoint.flavor() == Flavor.POSTGRES
                            ? "org.postgresql:postgresql"
                            : "org.mariadb.jdbc:mariadb-java-client"));
        }
    }

    private static String url(Endpoint endpoint) {
        String url = endpoint.jdbcUrl();
        // MariaDB's connector speaks to MySQL too, and takes addresses of its own kind alone.
        return endpoint.flavor() == Flavor.MYSQL && !HAS_CONNECTOR_J ? url.replaceFirst("jdbc:mysql", "jdbc:mariadb") : url;
    }

    private static final boolean HAS_CONNECTOR_J =
            DriverManager.drivers().anyMatch(driver -> driver.getClass().getName().startsWith("com.mysql.cj."));

    private static Properties properties(Endpoint endpoint, Duration connectTimeout, Duration loginTimeout) {
        Properties properties = new Properties();
        properties.setProperty("user", endpoint.user());
        properties.setProperty("password", endpoint.password().reveal());
        switch (endpoint.flavor()) {
            case POSTGRES -> {
                properties.setProperty("connectTimeout", Long.toString(connectTimeout.toSeconds()));
                properties.setProperty("loginTimeout", Long.toString(loginTimeout.toSeconds()));
                properties.setProperty("tcpKeepAlive", "true");
                properties.setProperty("ApplicationName", "anabranch");
            }
            case MYSQL, MARIADB -> properties.setProperty("connectTimeout", Long.toString(connectTimeout.toMillis()));
        }
        // What the topology says stands in the address, which wins over these in every driver.
        endpoint.properties().keySet().forEach(properties::remove);
        return properties;
    }

    @Override
    public Connection getConnection(String user, String password) throws SQLException {
        throw new SQLFeatureNotSupportedException("The topology says as whom to log in");
    }

    @Override
    public @Nullable PrintWriter getLogWriter() {
        return null;
    }

    @Override
    public void setLogWriter(PrintWriter out) {
        // Drivers log by themselves.
    }

    @Override
    public void setLoginTimeout(int seconds) {
        // The connect timeout is fixed; the pool sets this one for drivers that have no other.
    }

    /** In seconds; for so long a pool that closes waits for the connection that is being made. */
    @Override
    public int getLoginTimeout() {
        return (int) LOGIN_TIMEOUT.toSeconds();
    }

    @Override
    public Logger getParentLogger() throws SQLFeatureNotSupportedException {
        throw new SQLFeatureNotSupportedException();
    }

    @Override
    public <T> T unwrap(Class<T> type) throws SQLException {
        throw new SQLException("Not a wrapper for " + type.getName());
    }

    @Override
    public boolean isWrapperFor(Class<?> type) {
        return false;
    }
}
