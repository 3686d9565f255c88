// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.routing;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.Objects;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * What has been set on a routed connection: held while it has no pool's connection, passed on once it has.
 *
 * <p>The pool takes back what it tracks itself. Schema and catalog it leaves as they are where it was given none of its
 * own, so that they are taken back here: they would reach the next user of the connection.
 */
final class HeldSettings {
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

    boolean autoCommit() {
        return autoCommit;
    }

    boolean readOnly() {
        return readOnly;
    }

    int isolationOr(int usual) {
        return isolation != null ? isolation : usual;
    }

    void setAutoCommit(boolean on, @Nullable Connection lent) throws SQLException {
        if (lent != null) {
            lent.setAutoCommit(on);
        }
        autoCommit = on;
    }

    void setReadOnly(boolean on, @Nullable Connection lent) throws SQLException {
        if (lent != null) {
            lent.setReadOnly(on);
        }
        readOnly = on;
    }

    void setIsolation(int level, @Nullable Connection lent) throws SQLException {
        if (lent != null) {
            lent.setTransactionIsolation(level);
        }
        isolation = level;
    }

    void setHoldability(int holding, @Nullable Connection lent) throws SQLException {
        if (lent != null) {
            lent.setHoldability(holding);
        }
        holdability = holding;
    }

    void setNetworkTimeout(Executor executor, int milliseconds, @Nullable Connection lent) throws SQLException {
        if (lent != null) {
            lent.setNetworkTimeout(executor, milliseconds);
        }
        networkExecutor = executor;
        networkTimeout = milliseconds;
    }

    void setSchema(String name, @Nullable Connection lent) throws SQLException {
        schema = name;
        if (lent != null) {
            applySchema(lent, name);
        }
    }

    void setCatalog(String name, @Nullable Connection lent) throws SQLException {
        catalog = name;
        if (lent != null) {
            applyCatalog(lent, name);
        }
    }

    /** Sets on a connection fresh from the pool what has been held. */
    void applyTo(Connection connection) throws SQLException {
        if (catalog != null) {
            applyCatalog(connection, catalog);
        }
        if (schema != null) {
            applySchema(connection, schema);
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

    /**
     * Takes back from a connection what its pool does not.
     *
     * @return whether that went well; if not, the connection must not go back to the pool
     */
    boolean takeBackFrom(Connection connection) {
        if (schema == null && catalog == null) {
            return true;
        }
        try {
            if (!autoCommit) {
                // A change of schema inside a transaction would go with the pool's rollback.
                connection.rollback();
                connection.setAutoCommit(true);
            }
            if (schema != null) {
                connection.setSchema(Objects.requireNonNull(schemaBefore, "no schema to go back to"));
            }
            if (catalog != null) {
                connection.setCatalog(Objects.requireNonNull(catalogBefore, "no catalog to go back to"));
            }
            return true;
        } catch (SQLException | RuntimeException e) {
            return false;
        }
    }

    private void applySchema(Connection connection, String name) throws SQLException {
        if (schemaBefore == null) {
            schemaBefore = connection.getSchema();
        }
        connection.setSchema(name);
    }

    private void applyCatalog(Connection connection, String name) throws SQLException {
        if (catalogBefore == null) {
            catalogBefore = connection.getCatalog();
        }
        connection.setCatalog(name);
    }
}
