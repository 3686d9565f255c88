// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.routing;

import java.sql.Connection;
import java.sql.SQLClientInfoException;
import java.sql.SQLException;
import java.sql.SQLWarning;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/** The side of a routed connection that is set and asked before there is a pool's connection; see {@link HeldSettings}. */
abstract class ConfigurableConnection extends DelegatingConnection {
    private final HeldSettings settings = new HeldSettings();

    /** The pool's connection, or null where the route has not been decided. */
    abstract @Nullable Connection lent() throws SQLException;

    /** The isolation level that the group's servers begin with. */
    abstract int usualIsolation();

    final HeldSettings settings() {
        return settings;
    }

    @Override
    public void setAutoCommit(boolean on) throws SQLException {
        settings.setAutoCommit(on, lent());
    }

    @Override
    public boolean getAutoCommit() throws SQLException {
        lent();
        return settings.autoCommit();
    }

    @Override
    public void setReadOnly(boolean on) throws SQLException {
        settings.setReadOnly(on, lent());
    }

    @Override
    public boolean isReadOnly() throws SQLException {
        lent();
        return settings.readOnly();
    }

    @Override
    public void setTransactionIsolation(int level) throws SQLException {
        settings.setIsolation(level, lent());
    }

    @Override
    public int getTransactionIsolation() throws SQLException {
        Connection connection = lent();
        return connection != null ? connection.getTransactionIsolation() : settings.isolationOr(usualIsolation());
    }

    @Override
    public void setHoldability(int holding) throws SQLException {
        settings.setHoldability(holding, lent());
    }

    @Override
    public int getHoldability() throws SQLException {
        Integer held = settings.holdability();
        return lent() == null && held != null ? held : target().getHoldability();
    }

    @Override
    public void setSchema(String name) throws SQLException {
        settings.setSchema(name, lent());
    }

    @Override
    public String getSchema() throws SQLException {
        String held = settings.schema();
        return lent() == null && held != null ? held : target().getSchema();
    }

    @Override
    public void setCatalog(String name) throws SQLException {
        settings.setCatalog(name, lent());
    }

    @Override
    public String getCatalog() throws SQLException {
        String held = settings.catalog();
        return lent() == null && held != null ? held : target().getCatalog();
    }

    @Override
    public void setTypeMap(Map<String, Class<?>> map) throws SQLException {
        settings.setTypeMap(map, lent());
    }

    @Override
    public void setClientInfo(String name, String value) throws SQLClientInfoException {
        Properties one = new Properties();
        one.setProperty(name, value);
        setClientInfo(one);
    }

    @Override
    public void setClientInfo(Properties properties) throws SQLClientInfoException {
        try {
            settings.setClientInfo(properties, lent());
        } catch (SQLClientInfoException e) {
            throw e;
        } catch (SQLException e) {
            throw new SQLClientInfoException(e.getMessage(), Map.of(), e);
        }
    }

    @Override
    public void setNetworkTimeout(Executor executor, int milliseconds) throws SQLException {
        settings.setNetworkTimeout(executor, milliseconds, lent());
    }

    @Override
    public int getNetworkTimeout() throws SQLException {
        Connection connection = lent();
        return connection != null ? connection.getNetworkTimeout() : settings.networkTimeout();
    }

    @Override
    public @Nullable SQLWarning getWarnings() throws SQLException {
        Connection connection = lent();
        return connection == null ? null : connection.getWarnings();
    }

    @Override
    public void clearWarnings() throws SQLException {
        Connection connection = lent();
        if (connection != null) {
            connection.clearWarnings();
        }
    }

    @Override
    public void beginRequest() throws SQLException {
        Connection connection = lent();
        if (connection != null) {
            connection.beginRequest();
        }
    }

    @Override
    public void endRequest() throws SQLException {
        Connection connection = lent();
        if (connection != null) {
            connection.endRequest();
        }
    }
}
