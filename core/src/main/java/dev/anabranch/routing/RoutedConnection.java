// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.routing;

import dev.anabranch.problem.AnabranchException;
import dev.anabranch.problem.ErrorCode;
import dev.anabranch.tenant.TenantContext;
import dev.anabranch.tenant.TenantId;
import dev.anabranch.topology.Flavor;
import java.sql.CallableStatement;
import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.sql.Statement;
import java.util.Objects;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * A connection that takes nothing from any pool until its first statement.
 *
 * <p>What is set on it before (auto-commit, read-only, isolation, schema and so on) is held, and applied when the first
 * statement decides the route by the tenant bound at that moment. From then on the route does not change until the
 * connection is closed, and a statement under another tenant, or under none, is refused: that is how a connection that
 * was handed to the wrong thread is found before it shows one customer another's rows. Commit, rollback and close are
 * always allowed. Like every JDBC connection, it is for one thread at a time.
 */
final class RoutedConnection extends ConfigurableConnection {
    private final RoutingDataSource source;
    private @Nullable Connection lent;
    private @Nullable Connection lentForMetadata;
    private @Nullable RouteDecision decision;
    private @Nullable TenantId boundAs;
    private boolean closed;

    RoutedConnection(RoutingDataSource source) {
        this.source = source;
    }

    /** The pool's connection, for a caller that may use it; decides the route if that has not been done. */
    @Override
    Connection target() throws SQLException {
        checkCaller();
        return lent != null ? lent : route();
    }

    private Connection target(String sql) throws SQLException {
        Connection connection = target();
        takeNoteOf(sql);
        return connection;
    }

    /** After a statement that changes the session, the connection does not go back to the pool. */
    void takeNoteOf(String sql) {
        RouteDecision decided = decision;
        if (decided != null && SessionSql.changesSession(sql, decided.location().flavor() == Flavor.POSTGRES)) {
            settings().mark();
        }
    }

    @Override
    @Nullable Connection lent() throws SQLException {
        checkOpen();
        return lent;
    }

    @Override
    int usualIsolation() {
        return source.usualIsolation();
    }

    private Connection route() throws SQLException {
        RouteDecision decided = source.decide();
        Connection connection = source.lend(decided);
        try {
            settings().applyTo(connection);
        } catch (SQLException | RuntimeException e) {
            source.discard(decided, connection);
            throw e;
        }
        decision = decided;
        boundAs = decided.tenant() == null ? null : TenantContext.require();
        lent = connection;
        return connection;
    }

    /** Refuses a caller of another tenant than the one the route was decided for. */
    void checkCaller() throws SQLException {
        checkOpen();
        TenantId owner = boundAs;
        if (owner != null && !TenantContext.isBoundTo(owner)) {
            throw JdbcErrors.of(new AnabranchException(
                    ErrorCode.TENANT_CONFLICT,
                    "A connection " + Objects.requireNonNull(decision).place() + " was used "
                            + TenantContext.current().map(other -> "under tenant '" + other + "'").orElse("without a tenant"),
                    "Take a connection inside each tenant's scope, and do not hand one to another thread"));
        }
    }

    private void checkOpen() throws SQLException {
        if (closed) {
            throw JdbcErrors.closed("connection");
        }
    }

    @Override
    public Statement createStatement() throws SQLException {
        return new RoutedStatement(this, target().createStatement());
    }

    @Override
    public Statement createStatement(int type, int concurrency) throws SQLException {
        return new RoutedStatement(this, target().createStatement(type, concurrency));
    }

    @Override
    public Statement createStatement(int type, int concurrency, int holding) throws SQLException {
        return new RoutedStatement(this, target().createStatement(type, concurrency, holding));
    }

    @Override
    public PreparedStatement prepareStatement(String sql) throws SQLException {
        return new RoutedPreparedStatement(this, target(sql).prepareStatement(sql));
    }

    @Override
    public PreparedStatement prepareStatement(String sql, int type, int concurrency) throws SQLException {
        return new RoutedPreparedStatement(this, target(sql).prepareStatement(sql, type, concurrency));
    }

    @Override
    public PreparedStatement prepareStatement(String sql, int type, int concurrency, int holding)
            throws SQLException {
        return new RoutedPreparedStatement(this, target(sql).prepareStatement(sql, type, concurrency, holding));
    }

    @Override
    public PreparedStatement prepareStatement(String sql, int autoGeneratedKeys) throws SQLException {
        return new RoutedPreparedStatement(this, target(sql).prepareStatement(sql, autoGeneratedKeys));
    }

    @Override
    public PreparedStatement prepareStatement(String sql, int[] columnIndexes) throws SQLException {
        return new RoutedPreparedStatement(this, target(sql).prepareStatement(sql, columnIndexes));
    }

    @Override
    public PreparedStatement prepareStatement(String sql, String[] columnNames) throws SQLException {
        return new RoutedPreparedStatement(this, target(sql).prepareStatement(sql, columnNames));
    }

    @Override
    public CallableStatement prepareCall(String sql) throws SQLException {
        return new RoutedCallableStatement(this, target(sql).prepareCall(sql));
    }

    @Override
    public CallableStatement prepareCall(String sql, int type, int concurrency) throws SQLException {
        return new RoutedCallableStatement(this, target(sql).prepareCall(sql, type, concurrency));
    }

    @Override
    public CallableStatement prepareCall(String sql, int type, int concurrency, int holding) throws SQLException {
        return new RoutedCallableStatement(this, target(sql).prepareCall(sql, type, concurrency, holding));
    }

    @Override
    public Savepoint setSavepoint() throws SQLException {
        return target().setSavepoint();
    }

    @Override
    public Savepoint setSavepoint(String name) throws SQLException {
        return target().setSavepoint(name);
    }

    @Override
    public void commit() throws SQLException {
        checkOpen();
        if (lent == null) {
            return;
        }
        try {
            lent.commit();
        } catch (SQLException e) {
            throw JdbcErrors.isConnectionLost(e) ? outcomeUnknown(e) : e;
        }
    }

    private SQLException outcomeUnknown(SQLException cause) {
        return JdbcErrors.of(new AnabranchException(
                ErrorCode.OUTCOME_UNKNOWN,
                "The connection broke in a commit " + Objects.requireNonNull(decision).place()
                        + ": whether it took place is not known",
                "Look whether the change is there before making it again",
                cause));
    }

    @Override
    public void rollback() throws SQLException {
        checkOpen();
        if (lent == null) {
            return;
        }
        try {
            lent.rollback();
        } catch (SQLException e) {
            // A server rolls back what was on a connection that is gone. To fail here would hide from the caller why it
            // rolls back: frameworks throw the rollback's failure in place of the statement's.
            if (!lent.isClosed()) {
                throw e;
            }
        }
    }

    @Override
    public void close() throws SQLException {
        if (closed) {
            return;
        }
        closed = true;
        try {
            closeMetadata();
        } finally {
            if (lent != null && settings().isMarked()) {
                source.discard(Objects.requireNonNull(decision), lent);
            } else if (lent != null) {
                lent.close();
            }
        }
    }

    @Override
    public void abort(Executor executor) throws SQLException {
        if (closed) {
            return;
        }
        closed = true;
        try {
            closeMetadata();
        } finally {
            if (lent != null) {
                lent.abort(executor);
                source.discard(Objects.requireNonNull(decision), lent);
            }
        }
    }

    private void closeMetadata() throws SQLException {
        if (lentForMetadata != null) {
            lentForMetadata.close();
        }
    }

    @Override
    public boolean isClosed() throws SQLException {
        return closed || (lent != null && lent.isClosed());
    }

    @Override
    public boolean isValid(int timeout) throws SQLException {
        return !closed && (lent == null || lent.isValid(timeout));
    }

    /** Before the first statement and without a tenant: of any database of the group that answers. */
    @Override
    public DatabaseMetaData getMetaData() throws SQLException {
        checkOpen();
        if (lent != null || TenantContext.current().isPresent()) {
            return RoutedMetaData.of(this, target().getMetaData());
        }
        if (lentForMetadata == null) {
            lentForMetadata = source.lendForMetadata();
        }
        return RoutedMetaData.of(this, lentForMetadata.getMetaData());
    }

    @Override
    public String toString() {
        RouteDecision decided = decision;
        return "RoutedConnection[" + (decided == null ? "group " + source.group() + ", not routed" : decided.place()) + "]";
    }
}
