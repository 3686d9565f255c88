// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.routing;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLWarning;
import java.sql.Statement;
import org.jspecify.annotations.Nullable;

/**
 * A statement of a {@link RoutedConnection}: all it does is done by the driver's own, after the connection has been asked
 * whether the caller may use it.
 *
 * <p>One line for each method of the interface, on purpose: the alternatives (reflective proxies, code made at run time)
 * cost an allocation for each call, or cannot be read.
 */
class RoutedStatement implements Statement {
    private final RoutedConnection connection;
    private final @Nullable Replay replay;
    private Statement target;

    /** @param replay how to make it again on another server; null where that never happens */
    RoutedStatement(RoutedConnection connection, Statement target, @Nullable Replay replay) {
        this.connection = connection;
        this.target = target;
        this.replay = replay;
    }

    /** What stands around executions, for a caller that is allowed to run one; usually null. */
    final @Nullable Watch watch() throws SQLException {
        connection.checkCaller();
        return connection.watch();
    }

    /** The same for a text of SQL, which the connection is told of. */
    private @Nullable Watch watch(String sql) throws SQLException {
        connection.checkCaller();
        connection.takeNoteOf(sql);
        return connection.watch();
    }

    /** The driver's statement. */
    final Statement target() {
        return target;
    }

    /** Makes the driver's statement anew where the connection has moved since. */
    final void renewFor(Connection now) throws SQLException {
        if (replay != null && replay.isRepeatable() && !replay.isFor(now)) {
            target = replay.on(now);
            renewed(target);
        }
    }

    /** The driver's statement is another one from now on. */
    void renewed(Statement another) {}

    /** Whether it can be made again as it is. */
    final boolean isRepeatable() {
        return replay != null && replay.isRepeatable();
    }

    final @Nullable Replay replay() {
        return replay;
    }

    /** It has been given what cannot be given again. */
    final void giveUpReplay() {
        if (replay != null) {
            replay.giveUp();
        }
    }

    @Override
    public Connection getConnection() {
        return connection;
    }

    @Override
    public <T> T unwrap(Class<T> type) throws SQLException {
        if (type.isInstance(this)) {
            return type.cast(this);
        }
        connection.unwrapped();
        return target.unwrap(type);
    }

    @Override
    public boolean isWrapperFor(Class<?> type) throws SQLException {
        return type.isInstance(this) || target.isWrapperFor(type);
    }

    @Override
    public ResultSet executeQuery(String sql) throws SQLException {
        Watch watch = watch(sql);
        return watch == null ? target.executeQuery(sql) : watch.run(this, now -> now.executeQuery(sql));
    }

    @Override
    public int executeUpdate(String sql) throws SQLException {
        Watch watch = watch(sql);
        return watch == null ? target.executeUpdate(sql) : watch.run(this, now -> now.executeUpdate(sql));
    }

    @Override
    public void close() throws SQLException {
        giveUpReplay();
        target.close();
    }

    @Override
    public int getMaxFieldSize() throws SQLException {
        return target.getMaxFieldSize();
    }

    @Override
    public void setMaxFieldSize(int max) throws SQLException {
        target.setMaxFieldSize(max);
        if (replay != null) {
            replay.add(again -> again.setMaxFieldSize(max));
        }
    }

    @Override
    public int getMaxRows() throws SQLException {
        return target.getMaxRows();
    }

    @Override
    public void setMaxRows(int max) throws SQLException {
        target.setMaxRows(max);
        if (replay != null) {
            replay.add(again -> again.setMaxRows(max));
        }
    }

    @Override
    public void setEscapeProcessing(boolean enable) throws SQLException {
        target.setEscapeProcessing(enable);
        if (replay != null) {
            replay.add(again -> again.setEscapeProcessing(enable));
        }
    }

    @Override
    public int getQueryTimeout() throws SQLException {
        return target.getQueryTimeout();
    }

    @Override
    public void setQueryTimeout(int seconds) throws SQLException {
        target.setQueryTimeout(seconds);
        if (replay != null) {
            replay.add(again -> again.setQueryTimeout(seconds));
        }
    }

    @Override
    public void cancel() throws SQLException {
        target.cancel();
    }

    @Override
    public SQLWarning getWarnings() throws SQLException {
        return target.getWarnings();
    }

    @Override
    public void clearWarnings() throws SQLException {
        target.clearWarnings();
    }

    @Override
    public void setCursorName(String name) throws SQLException {
        target.setCursorName(name);
        if (replay != null) {
            replay.add(again -> again.setCursorName(name));
        }
    }

    @Override
    public boolean execute(String sql) throws SQLException {
        Watch watch = watch(sql);
        return watch == null ? target.execute(sql) : watch.run(this, now -> now.execute(sql));
    }

    @Override
    public ResultSet getResultSet() throws SQLException {
        return target.getResultSet();
    }

    @Override
    public int getUpdateCount() throws SQLException {
        return target.getUpdateCount();
    }

    @Override
    public boolean getMoreResults() throws SQLException {
        return target.getMoreResults();
    }

    @Override
    public void setFetchDirection(int direction) throws SQLException {
        target.setFetchDirection(direction);
        if (replay != null) {
            replay.add(again -> again.setFetchDirection(direction));
        }
    }

    @Override
    public int getFetchDirection() throws SQLException {
        return target.getFetchDirection();
    }

    @Override
    public void setFetchSize(int rows) throws SQLException {
        target.setFetchSize(rows);
        if (replay != null) {
            replay.add(again -> again.setFetchSize(rows));
        }
    }

    @Override
    public int getFetchSize() throws SQLException {
        return target.getFetchSize();
    }

    @Override
    public int getResultSetConcurrency() throws SQLException {
        return target.getResultSetConcurrency();
    }

    @Override
    public int getResultSetType() throws SQLException {
        return target.getResultSetType();
    }

    @Override
    public void addBatch(String sql) throws SQLException {
        connection.takeNoteOf(sql);
        giveUpReplay();
        target.addBatch(sql);
    }

    @Override
    public void clearBatch() throws SQLException {
        target.clearBatch();
    }

    @Override
    public int[] executeBatch() throws SQLException {
        Watch watch = watch();
        return watch == null ? target.executeBatch() : watch.run(this, Statement::executeBatch);
    }

    @Override
    public boolean getMoreResults(int current) throws SQLException {
        return target.getMoreResults(current);
    }

    @Override
    public ResultSet getGeneratedKeys() throws SQLException {
        return target.getGeneratedKeys();
    }

    @Override
    public int executeUpdate(String sql, int autoGeneratedKeys) throws SQLException {
        Watch watch = watch(sql);
        return watch == null ? target.executeUpdate(sql, autoGeneratedKeys) : watch.run(this, now -> now.executeUpdate(sql, autoGeneratedKeys));
    }

    @Override
    public int executeUpdate(String sql, int[] columnIndexes) throws SQLException {
        Watch watch = watch(sql);
        return watch == null ? target.executeUpdate(sql, columnIndexes) : watch.run(this, now -> now.executeUpdate(sql, columnIndexes));
    }

    @Override
    public int executeUpdate(String sql, String[] columnNames) throws SQLException {
        Watch watch = watch(sql);
        return watch == null ? target.executeUpdate(sql, columnNames) : watch.run(this, now -> now.executeUpdate(sql, columnNames));
    }

    @Override
    public boolean execute(String sql, int autoGeneratedKeys) throws SQLException {
        Watch watch = watch(sql);
        return watch == null ? target.execute(sql, autoGeneratedKeys) : watch.run(this, now -> now.execute(sql, autoGeneratedKeys));
    }

    @Override
    public boolean execute(String sql, int[] columnIndexes) throws SQLException {
        Watch watch = watch(sql);
        return watch == null ? target.execute(sql, columnIndexes) : watch.run(this, now -> now.execute(sql, columnIndexes));
    }

    @Override
    public boolean execute(String sql, String[] columnNames) throws SQLException {
        Watch watch = watch(sql);
        return watch == null ? target.execute(sql, columnNames) : watch.run(this, now -> now.execute(sql, columnNames));
    }

    @Override
    public int getResultSetHoldability() throws SQLException {
        return target.getResultSetHoldability();
    }

    @Override
    public boolean isClosed() throws SQLException {
        return target.isClosed();
    }

    @Override
    public void setPoolable(boolean poolable) throws SQLException {
        target.setPoolable(poolable);
        if (replay != null) {
            replay.add(again -> again.setPoolable(poolable));
        }
    }

    @Override
    public boolean isPoolable() throws SQLException {
        return target.isPoolable();
    }

    @Override
    public void closeOnCompletion() throws SQLException {
        target.closeOnCompletion();
        giveUpReplay();
    }

    @Override
    public boolean isCloseOnCompletion() throws SQLException {
        return target.isCloseOnCompletion();
    }

    @Override
    public long getLargeUpdateCount() throws SQLException {
        return target.getLargeUpdateCount();
    }

    @Override
    public void setLargeMaxRows(long max) throws SQLException {
        target.setLargeMaxRows(max);
        if (replay != null) {
            replay.add(again -> again.setLargeMaxRows(max));
        }
    }

    @Override
    public long getLargeMaxRows() throws SQLException {
        return target.getLargeMaxRows();
    }

    @Override
    public long[] executeLargeBatch() throws SQLException {
        Watch watch = watch();
        return watch == null ? target.executeLargeBatch() : watch.run(this, Statement::executeLargeBatch);
    }

    @Override
    public long executeLargeUpdate(String sql) throws SQLException {
        Watch watch = watch(sql);
        return watch == null ? target.executeLargeUpdate(sql) : watch.run(this, now -> now.executeLargeUpdate(sql));
    }

    @Override
    public long executeLargeUpdate(String sql, int autoGeneratedKeys) throws SQLException {
        Watch watch = watch(sql);
        return watch == null ? target.executeLargeUpdate(sql, autoGeneratedKeys) : watch.run(this, now -> now.executeLargeUpdate(sql, autoGeneratedKeys));
    }

    @Override
    public long executeLargeUpdate(String sql, int[] columnIndexes) throws SQLException {
        Watch watch = watch(sql);
        return watch == null ? target.executeLargeUpdate(sql, columnIndexes) : watch.run(this, now -> now.executeLargeUpdate(sql, columnIndexes));
    }

    @Override
    public long executeLargeUpdate(String sql, String[] columnNames) throws SQLException {
        Watch watch = watch(sql);
        return watch == null ? target.executeLargeUpdate(sql, columnNames) : watch.run(this, now -> now.executeLargeUpdate(sql, columnNames));
    }

    @Override
    public String enquoteLiteral(String val) throws SQLException {
        return target.enquoteLiteral(val);
    }

    @Override
    public String enquoteIdentifier(String identifier, boolean alwaysQuote) throws SQLException {
        return target.enquoteIdentifier(identifier, alwaysQuote);
    }

    @Override
    public boolean isSimpleIdentifier(String identifier) throws SQLException {
        return target.isSimpleIdentifier(identifier);
    }

    @Override
    public String enquoteNCharLiteral(String val) throws SQLException {
        return target.enquoteNCharLiteral(val);
    }
}
