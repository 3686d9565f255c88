// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.routing;

import dev.anabranch.problem.AnabranchException;
import dev.anabranch.problem.ErrorCode;
import dev.anabranch.tenant.TenantContext;
import dev.anabranch.tenant.TenantId;
import java.sql.CallableStatement;
import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.SQLWarning;
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
final class RoutedConnection extends DelegatingConnection {
    private final RoutingDataSource source;
    private @Nullable Connection lent;
    private @Nullable Connection lentForMetadata;
    private @Nullable RouteDecision decision;
    private @Nullable TenantId boundAs;
    private boolean closed;

    private boolean autoCommit = true;
    private boolean readOnly;
    private @Nullable Integer isolation;
    private @Nullable Integer holdability;
    private @Nullable Integer networkTimeout;
    private @Nullable Executor networkExecutor;
    private @Nullable String schema;
    private @Nullable String catalog;
    private @Nullable String schemaBefore;
    private @Nullable String catalogBefore;

    RoutedConnection(RoutingDataSource source) {
        this.source = source;
    }

    /** The pool's connection; decides the route if that has not been done. */
    @Override
    Connection target() throws SQLException {
        return lent != null ? lent : route();
    }

    private Connection route() throws SQLException {
        checkOpen();
        RouteDecision decided = source.decide();
        Connection connection = source.lend(decided);
        try {
            applyTo(connection);
        } catch (SQLException | RuntimeException e) {
            source.discard(decided, connection);
            throw e;
        }
        decision = decided;
        boundAs = decided.tenant() == null ? null : TenantContext.require();
        lent = connection;
        return connection;
    }

    private void applyTo(Connection connection) throws SQLException {
        if (catalog != null) {
            changeCatalog(connection, catalog);
        }
        if (schema != null) {
            changeSchema(connection, schema);
        }
        if (readOnly) {
            connection.setReadOnly(true);
        }
        if (isolation != null) {
            connection.setTransactionIsolation(isolation);
        }
        if (holdability != null) {
            connection.setHoldability(holdability);
        }
        if (networkTimeout != null && networkExecutor != null) {
            connection.setNetworkTimeout(networkExecutor, networkTimeout);
        }
        if (!autoCommit) {
            connection.setAutoCommit(false);
        }
    }

    private void changeSchema(Connection connection, String name) throws SQLException {
        if (schemaBefore == null) {
            schemaBefore = connection.getSchema();
        }
        connection.setSchema(name);
    }

    private void changeCatalog(Connection connection, String name) throws SQLException {
        if (catalogBefore == null) {
            catalogBefore = connection.getCatalog();
        }
        connection.setCatalog(name);
    }

    /** The pool takes back all that is set on a connection but schema and catalog, which must not reach the next user. */
    private void giveBack(Connection connection) throws SQLException {
        if (schema == null && catalog == null) {
            connection.close();
            return;
        }
        try {
            if (!connection.getAutoCommit()) {
                // A change of schema inside a transaction goes with its rollback.
                connection.rollback();
                connection.setAutoCommit(true);
            }
            if (schema != null) {
                connection.setSchema(Objects.requireNonNull(schemaBefore, "no schema to go back to"));
            }
            if (catalog != null) {
                connection.setCatalog(Objects.requireNonNull(catalogBefore, "no catalog to go back to"));
            }
        } catch (SQLException | RuntimeException e) {
            source.discard(Objects.requireNonNull(decision), connection);
            return;
        }
        connection.close();
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

    /** The pool's connection, for a caller that is allowed to run a statement on it. */
    private Connection forStatement() throws SQLException {
        checkCaller();
        return target();
    }

    @Override
    public Statement createStatement() throws SQLException {
        return new RoutedStatement(this, forStatement().createStatement());
    }

    @Override
    public Statement createStatement(int type, int concurrency) throws SQLException {
        return new RoutedStatement(this, forStatement().createStatement(type, concurrency));
    }

    @Override
    public Statement createStatement(int type, int concurrency, int holding) throws SQLException {
        return new RoutedStatement(this, forStatement().createStatement(type, concurrency, holding));
    }

    @Override
    public PreparedStatement prepareStatement(String sql) throws SQLException {
        return new RoutedPreparedStatement(this, forStatement().prepareStatement(sql));
    }

    @Override
    public PreparedStatement prepareStatement(String sql, int type, int concurrency) throws SQLException {
        return new RoutedPreparedStatement(this, forStatement().prepareStatement(sql, type, concurrency));
    }

    @Override
    public PreparedStatement prepareStatement(String sql, int type, int concurrency, int holding)
            throws SQLException {
        return new RoutedPreparedStatement(this, forStatement().prepareStatement(sql, type, concurrency, holding));
    }

    @Override
    public PreparedStatement prepareStatement(String sql, int autoGeneratedKeys) throws SQLException {
        return new RoutedPreparedStatement(this, forStatement().prepareStatement(sql, autoGeneratedKeys));
    }

    @Override
    public PreparedStatement prepareStatement(String sql, int[] columnIndexes) throws SQLException {
        return new RoutedPreparedStatement(this, forStatement().prepareStatement(sql, columnIndexes));
    }

    @Override
    public PreparedStatement prepareStatement(String sql, String[] columnNames) throws SQLException {
        return new RoutedPreparedStatement(this, forStatement().prepareStatement(sql, columnNames));
    }

    @Override
    public CallableStatement prepareCall(String sql) throws SQLException {
        return new RoutedCallableStatement(this, forStatement().prepareCall(sql));
    }

    @Override
    public CallableStatement prepareCall(String sql, int type, int concurrency) throws SQLException {
        return new RoutedCallableStatement(this, forStatement().prepareCall(sql, type, concurrency));
    }

    @Override
    public CallableStatement prepareCall(String sql, int type, int concurrency, int holding) throws SQLException {
        return new RoutedCallableStatement(this, forStatement().prepareCall(sql, type, concurrency, holding));
    }

    @Override
    public Savepoint setSavepoint() throws SQLException {
        return forStatement().setSavepoint();
    }

    @Override
    public Savepoint setSavepoint(String name) throws SQLException {
        return forStatement().setSavepoint(name);
    }

    @Override
    public void commit() throws SQLException {
        checkOpen();
        if (lent != null) {
            lent.commit();
        }
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
            if (lentForMetadata != null) {
                lentForMetadata.close();
            }
        } finally {
            if (lent != null) {
                giveBack(lent);
            }
        }
    }

    @Override
    public void abort(Executor executor) throws SQLException {
        closed = true;
        if (lent != null) {
            lent.abort(executor);
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
            return target().getMetaData();
        }
        if (lentForMetadata == null) {
            lentForMetadata = source.lendForMetadata();
        }
        return lentForMetadata.getMetaData();
    }

    @Override
    public void setAutoCommit(boolean on) throws SQLException {
        checkOpen();
        if (lent != null) {
            lent.setAutoCommit(on);
        }
        autoCommit = on;
    }

    @Override
    public boolean getAutoCommit() throws SQLException {
        checkOpen();
        return autoCommit;
    }

    @Override
    public void setReadOnly(boolean on) throws SQLException {
        checkOpen();
        if (lent != null) {
            lent.setReadOnly(on);
        }
        readOnly = on;
    }

    @Override
    public boolean isReadOnly() throws SQLException {
        checkOpen();
        return readOnly;
    }

    @Override
    public void setTransactionIsolation(int level) throws SQLException {
        checkOpen();
        if (lent != null) {
            lent.setTransactionIsolation(level);
        }
        isolation = level;
    }

    @Override
    public int getTransactionIsolation() throws SQLException {
        checkOpen();
        if (lent != null) {
            return lent.getTransactionIsolation();
        }
        return isolation != null ? isolation : source.usualIsolation();
    }

    @Override
    public void setHoldability(int holding) throws SQLException {
        checkOpen();
        if (lent != null) {
            lent.setHoldability(holding);
        }
        holdability = holding;
    }

    @Override
    public void setSchema(String name) throws SQLException {
        checkOpen();
        if (lent != null) {
            changeSchema(lent, name);
        }
        schema = name;
    }

    @Override
    public void setCatalog(String name) throws SQLException {
        checkOpen();
        if (lent != null) {
            changeCatalog(lent, name);
        }
        catalog = name;
    }

    @Override
    public void setNetworkTimeout(Executor executor, int milliseconds) throws SQLException {
        checkOpen();
        if (lent != null) {
            lent.setNetworkTimeout(executor, milliseconds);
        }
        networkExecutor = executor;
        networkTimeout = milliseconds;
    }

    @Override
    public @Nullable SQLWarning getWarnings() throws SQLException {
        checkOpen();
        return lent == null ? null : lent.getWarnings();
    }

    @Override
    public void clearWarnings() throws SQLException {
        checkOpen();
        if (lent != null) {
            lent.clearWarnings();
        }
    }

    @Override
    public String toString() {
        RouteDecision decided = decision;
        return "RoutedConnection[" + (decided == null ? "group " + source.group() + ", not routed" : decided.place()) + "]";
    }
}
