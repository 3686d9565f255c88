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
    private @Nullable Watch watch;
    private boolean closed;

    RoutedConnection(RoutingDataSource source) {
        this.source = source;
    }

    /** The pool's connection, for a caller that may use it; decides the route if that has not been done. */
    @Override
    Connection target() throws SQLException {
        checkCaller();
        return lent != null ? lent : borrow();
    }

    private Connection borrow() throws SQLException {
        if (watch instanceof FirstRead reads) {
            // What it had was lost at the end of a transaction, and the route stays.
            lent = reads.connection();
            return lent;
        }
        return route();
    }

    /** What stands around the statements; null for most connections that write. */
    @Nullable Watch watch() {
        return watch;
    }

    /** The reads go on on another server's connection, or on none yet. */
    void moved(@Nullable Connection another) {
        lent = another;
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
            pin();
        }
        if (watch instanceof WriteMarks marks) {
            marks.takeNoteOf(sql);
        }
    }

    /** The caller has, or the session is in, what another connection would not give. */
    private void pin() {
        if (watch instanceof FirstRead reads) {
            reads.pin();
        }
    }

    /** The caller has the driver's own objects: what is done with them is not seen here. */
    void unwrapped() {
        pin();
        if (watch instanceof WriteMarks marks) {
            marks.unwrapped();
        }
    }

    private boolean isMovable() {
        return watch instanceof FirstRead reads && reads.isMovable();
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
        Access access = source.access(settings().readOnly());
        RouteDecision decided = source.decide(access);
        if (access == Access.READ) {
            return routeRead(decided);
        }
        Connection connection = source.lend(decided);
        try {
            settings().applyTo(connection, false);
        } catch (SQLException | RuntimeException e) {
            source.discard(decided, connection);
            throw e;
        }
        decision = decided;
        boundAs = decided.tenant() == null ? null : TenantContext.require();
        lent = connection;
        watch = source.replication().marks(decided, settings());
        source.replication().toldToWrite(decided);
        return connection;
    }

    private Connection routeRead(RouteDecision decided) throws SQLException {
        FirstRead reads = new FirstRead(this, decided, settings(), source.replication());
        Connection connection = reads.connection();
        decision = decided;
        boundAs = decided.tenant() == null ? null : TenantContext.require();
        lent = connection;
        watch = reads;
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
        Connection on = target();
        return new RoutedStatement(
                this,
                on.createStatement(),
                isMovable() ? new Replay(on, now -> now.createStatement()) : null);
    }

    @Override
    public Statement createStatement(int type, int concurrency) throws SQLException {
        Connection on = target();
        return new RoutedStatement(
                this,
                on.createStatement(type, concurrency),
                isMovable() ? new Replay(on, now -> now.createStatement(type, concurrency)) : null);
    }

    @Override
    public Statement createStatement(int type, int concurrency, int holding) throws SQLException {
        Connection on = target();
        return new RoutedStatement(
                this,
                on.createStatement(type, concurrency, holding),
                isMovable() ? new Replay(on, now -> now.createStatement(type, concurrency, holding)) : null);
    }

    @Override
    public PreparedStatement prepareStatement(String sql) throws SQLException {
        Connection on = target(sql);
        return new RoutedPreparedStatement(
                this,
                on.prepareStatement(sql),
                isMovable() ? new Replay(on, now -> now.prepareStatement(sql)) : null);
    }

    @Override
    public PreparedStatement prepareStatement(String sql, int type, int concurrency) throws SQLException {
        Connection on = target(sql);
        return new RoutedPreparedStatement(
                this,
                on.prepareStatement(sql, type, concurrency),
                isMovable() ? new Replay(on, now -> now.prepareStatement(sql, type, concurrency)) : null);
    }

    @Override
    public PreparedStatement prepareStatement(String sql, int type, int concurrency, int holding) throws SQLException {
        Connection on = target(sql);
        return new RoutedPreparedStatement(
                this,
                on.prepareStatement(sql, type, concurrency, holding),
                isMovable() ? new Replay(on, now -> now.prepareStatement(sql, type, concurrency, holding)) : null);
    }

    @Override
    public PreparedStatement prepareStatement(String sql, int autoGeneratedKeys) throws SQLException {
        Connection on = target(sql);
        return new RoutedPreparedStatement(
                this,
                on.prepareStatement(sql, autoGeneratedKeys),
                isMovable() ? new Replay(on, now -> now.prepareStatement(sql, autoGeneratedKeys)) : null);
    }

    @Override
    public PreparedStatement prepareStatement(String sql, int[] columnIndexes) throws SQLException {
        Connection on = target(sql);
        return new RoutedPreparedStatement(
                this,
                on.prepareStatement(sql, columnIndexes),
                isMovable() ? new Replay(on, now -> now.prepareStatement(sql, columnIndexes)) : null);
    }

    @Override
    public PreparedStatement prepareStatement(String sql, String[] columnNames) throws SQLException {
        Connection on = target(sql);
        return new RoutedPreparedStatement(
                this,
                on.prepareStatement(sql, columnNames),
                isMovable() ? new Replay(on, now -> now.prepareStatement(sql, columnNames)) : null);
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
    public <T> T unwrap(Class<T> type) throws SQLException {
        if (type.isInstance(this)) {
            return type.cast(this);
        }
        Connection connection = target();
        unwrapped();
        return connection.unwrap(type);
    }

    @Override
    public Savepoint setSavepoint() throws SQLException {
        Connection connection = target();
        pin();
        return connection.setSavepoint();
    }

    @Override
    public Savepoint setSavepoint(String name) throws SQLException {
        Connection connection = target();
        pin();
        return connection.setSavepoint(name);
    }

    /** A transaction that is open ends with it, and may have written. */
    @Override
    public void setAutoCommit(boolean on) throws SQLException {
        boolean ends = on && !settings().autoCommit() && lent != null;
        try {
            super.setAutoCommit(on);
        } finally {
            if (ends && watch instanceof WriteMarks marks) {
                marks.wrote();
            } else if (watch instanceof FirstRead reads) {
                reads.begin();
            }
        }
    }

    /** The route stays: what was lent to a reader refuses writes until it is closed, unless its database has no replica. */
    @Override
    public void setReadOnly(boolean on) throws SQLException {
        checkOpen();
        if (on || !(watch instanceof FirstRead reads)) {
            super.setReadOnly(on);
        } else if (reads.isOnlyChoice() && source.access(false) == Access.WRITE) {
            super.setReadOnly(false);
            reads.allowWrites();
        } else {
            settings().setReadOnly(false, null);
        }
    }

    @Override
    public void commit() throws SQLException {
        checkOpen();
        if (lent == null) {
            return;
        }
        try {
            if (watch instanceof FirstRead reads) {
                reads.commit();
            } else {
                lent.commit();
            }
            noteWrites();
        } catch (SQLException e) {
            if (JdbcErrors.isConnectionLost(e)) {
                noteWrites();
                throw outcomeUnknown(e);
            }
            throw e;
        }
    }

    private void noteWrites() {
        if (watch instanceof WriteMarks marks) {
            marks.wrote();
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
        Connection connection = lent;
        try {
            if (watch instanceof FirstRead reads) {
                reads.rollback();
            } else {
                connection.rollback();
            }
            if (watch instanceof WriteMarks marks) {
                marks.rolledBack();
            }
        } catch (SQLException e) {
            // A server rolls back what was on a connection that is gone. To fail here would hide from the caller why it
            // rolls back: frameworks throw the rollback's failure in place of the statement's.
            if (!connection.isClosed()) {
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
            if (watch instanceof FirstRead reads) {
                reads.close(!settings().isMarked());
            } else if (lent != null && settings().isMarked()) {
                source.discard(Objects.requireNonNull(decision), lent);
            } else if (lent != null) {
                lent.close();
            }
            if (watch instanceof WriteMarks marks) {
                marks.close();
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
                if (watch instanceof FirstRead reads) {
                    reads.close(false);
                } else {
                    source.discard(Objects.requireNonNull(decision), lent);
                }
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
            Connection connection = target();
            pin();
            return RoutedMetaData.of(this, connection.getMetaData());
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
