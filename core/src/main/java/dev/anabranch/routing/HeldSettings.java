// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.routing;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * What has been set on a routed connection: held while it has no pool's connection, passed on once it has.
 *
 * <p>The pool takes back auto-commit, read-only, isolation and network timeout by itself. Schema, catalog, holdability,
 * client info and type map it leaves as they are, and they cannot be taken back soundly (a search path has more than its
 * first schema). A connection on which one of these was set is {@link #isMarked() marked}, and does not go back.
 */
final class HeldSettings {
    private boolean autoCommit = true;
    private boolean readOnly;
    private @Nullable Integer isolation;
    private @Nullable Integer networkTimeout;
    private @Nullable Executor networkExecutor;
    private @Nullable Integer holdability;
    private @Nullable String schema;
    private @Nullable String catalog;
    private @Nullable Map<String, Class<?>> typeMap;
    private @Nullable Properties clientInfo;
    private boolean marked;

    /** Whether something was set that the pool would hand on to the connection's next user. */
    boolean isMarked() {
        return marked;
    }

    /** Takes note that a statement has set something of which the pool knows nothing. */
    void mark() {
        marked = true;
    }

    boolean autoCommit() {
        return autoCommit;
    }

    boolean readOnly() {
        return readOnly;
    }

    @Nullable String schema() {
        return schema;
    }

    @Nullable String catalog() {
        return catalog;
    }

    @Nullable Integer holdability() {
        return holdability;
    }

    int networkTimeout() {
        return networkTimeout == null ? 0 : networkTimeout;
    }

    /** The level that was set; else the one named, which is then set indeed, because the caller will count on it. */
    int isolationOr(int usual) {
        if (isolation == null) {
            isolation = usual;
        }
        return isolation;
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

    void setNetworkTimeout(Executor executor, int milliseconds, @Nullable Connection lent) throws SQLException {
        if (lent != null) {
            lent.setNetworkTimeout(executor, milliseconds);
        }
        networkExecutor = executor;
        networkTimeout = milliseconds;
    }

    void setHoldability(int holding, @Nullable Connection lent) throws SQLException {
        marked = true;
        if (lent != null) {
            lent.setHoldability(holding);
        }
        holdability = holding;
    }

    void setSchema(String name, @Nullable Connection lent) throws SQLException {
        marked = true;
        if (lent != null) {
            lent.setSchema(name);
        }
        schema = name;
    }

    void setCatalog(String name, @Nullable Connection lent) throws SQLException {
        marked = true;
        if (lent != null) {
            lent.setCatalog(name);
        }
        catalog = name;
    }

    void setTypeMap(Map<String, Class<?>> map, @Nullable Connection lent) throws SQLException {
        marked = true;
        if (lent != null) {
            lent.setTypeMap(map);
        }
        typeMap = map;
    }

    void setClientInfo(Properties more, @Nullable Connection lent) throws SQLException {
        marked = true;
        if (lent != null) {
            lent.setClientInfo(more);
        }
        if (clientInfo == null) {
            clientInfo = new Properties();
        }
        clientInfo.putAll(more);
    }

    /**
     * Sets on a connection fresh from the pool what has been held.
     *
     * @param reads whether it only reads, said here or elsewhere
     */
    void applyTo(Connection connection, boolean reads) throws SQLException {
        if (catalog != null) {
            connection.setCatalog(catalog);
        }
        if (schema != null) {
            connection.setSchema(schema);
        }
        if (readOnly || reads) {
            connection.setReadOnly(true);
        }
        if (isolation != null) {
            connection.setTransactionIsolation(isolation);
        }
        if (holdability != null) {
            connection.setHoldability(holdability);
        }
        if (typeMap != null) {
            connection.setTypeMap(typeMap);
        }
        if (clientInfo != null) {
            connection.setClientInfo(clientInfo);
        }
        if (networkTimeout != null && networkExecutor != null) {
            connection.setNetworkTimeout(networkExecutor, networkTimeout);
        }
        if (!autoCommit) {
            connection.setAutoCommit(false);
        }
    }
}
