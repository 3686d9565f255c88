// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.routing;

import dev.anabranch.problem.AnabranchException;
import dev.anabranch.topology.Topology;
import java.io.PrintWriter;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import java.util.logging.Logger;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * The {@link DataSource} of one group: every connection finds the database of the tenant that is bound when it runs its
 * first statement.
 *
 * <p>{@link #getConnection()} takes nothing from any pool and never waits. There is no default tenant and no default
 * database: without a tenant, a statement on a sharded group fails and says how to bind one. Safe for use by many threads.
 */
public final class RoutingDataSource implements DataSource {
    private final String group;
    private final Router router;
    private final Pools pools;
    private final Replication replication;

    /**
     * The data source of a group.
     *
     * @param group the group's name
     * @param router decides where connections go
     * @param pools where connections come from
     * @param replication which of a database's servers answers
     */
    public RoutingDataSource(String group, Router router, Pools pools, Replication replication) {
        this.group = group;
        this.router = router;
        this.pools = pools;
        this.replication = replication;
    }

    /** The group whose tables this leads to. */
    public String group() {
        return group;
    }

    @Override
    public Connection getConnection() {
        return new RoutedConnection(this);
    }

    Replication replication() {
        return replication;
    }

    /** What a connection is for whose caller has said that it only reads, or has not. */
    Access access(boolean saidToRead) throws SQLException {
        try {
            return router.access(saidToRead);
        } catch (AnabranchException e) {
            throw JdbcErrors.of(e);
        }
    }

    /** Where a connection would go now. */
    RouteDecision decide(Access access) throws SQLException {
        try {
            return router.decideForBound(group, access);
        } catch (AnabranchException e) {
            throw JdbcErrors.of(e);
        }
    }

    /** A connection that writes to the place decided. */
    Connection lend(RouteDecision decision) throws SQLException {
        try {
            return pools.lend(decision, Access.WRITE);
        } catch (AnabranchException e) {
            throw JdbcErrors.of(e);
        }
    }

    /** Closes a connection instead of giving it back. */
    void discard(RouteDecision decision, Connection connection) throws SQLException {
        pools.discard(decision.database(), connection);
    }

    /** A connection to any database of the group that answers: all are alike in what metadata says. */
    Connection lendForMetadata() throws SQLException {
        Topology topology = router.directory().topology();
        SQLException failed = null;
        for (String name : topology.group(group).databases()) {
            try {
                return pools.lendFor(
                        topology.group(group),
                        topology.database(name),
                        topology.revision(),
                        "for metadata of the group " + group);
            } catch (SQLException e) {
                if (failed != null) {
                    e.addSuppressed(failed);
                }
                failed = e;
            }
        }
        throw failed == null ? new SQLException("The group '" + group + "' has no database") : failed;
    }

    /** The isolation level that the servers of this flavor begin with. */
    int usualIsolation() {
        Topology topology = router.directory().topology();
        String first = topology.group(group).databases().iterator().next();
        return switch (topology.database(first).flavor()) {
            case POSTGRES -> Connection.TRANSACTION_READ_COMMITTED;
            case MYSQL, MARIADB -> Connection.TRANSACTION_REPEATABLE_READ;
        };
    }

    @Override
    public Connection getConnection(String user, String password) throws SQLException {
        throw new SQLFeatureNotSupportedException("The topology says as whom to log in: call getConnection()");
    }

    @Override
    public @Nullable PrintWriter getLogWriter() {
        return null;
    }

    @Override
    public void setLogWriter(@Nullable PrintWriter out) {
        // SLF4J is used instead.
    }

    @Override
    public void setLoginTimeout(int seconds) {
        // How long a statement waits for a connection is a setting of the pools.
    }

    @Override
    public int getLoginTimeout() {
        return 0;
    }

    @Override
    public Logger getParentLogger() throws SQLFeatureNotSupportedException {
        throw new SQLFeatureNotSupportedException("SLF4J is used instead of java.util.logging");
    }

    @Override
    public <T> T unwrap(Class<T> type) throws SQLException {
        if (type.isInstance(this)) {
            return type.cast(this);
        }
        throw new SQLException("A routing data source is no " + type.getName());
    }

    @Override
    public boolean isWrapperFor(Class<?> type) {
        return type.isInstance(this);
    }

    @Override
    public String toString() {
        return "RoutingDataSource[" + group + "]";
    }
}
