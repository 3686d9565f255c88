// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.routing;

import java.io.InputStream;
import java.io.Reader;
import java.math.BigDecimal;
import java.net.URL;
import java.sql.Array;
import java.sql.Blob;
import java.sql.Clob;
import java.sql.Date;
import java.sql.NClob;
import java.sql.ParameterMetaData;
import java.sql.PreparedStatement;
import java.sql.Ref;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.RowId;
import java.sql.SQLException;
import java.sql.SQLType;
import java.sql.SQLXML;
import java.sql.Statement;
import java.sql.Time;
import java.sql.Timestamp;
import java.util.Calendar;
import org.jspecify.annotations.Nullable;

/** A prepared statement of a {@link RoutedConnection}; see {@link RoutedStatement}. */
class RoutedPreparedStatement extends RoutedStatement implements PreparedStatement {
    private PreparedStatement target;

    RoutedPreparedStatement(RoutedConnection connection, PreparedStatement target, @Nullable Replay replay) {
        super(connection, target, replay);
        this.target = target;
    }

    @Override
    final void renewed(Statement another) {
        target = (PreparedStatement) another;
    }

    /** The driver's statement, for what cannot be given to it again. */
    private PreparedStatement once() {
        giveUpReplay();
        return target;
    }

    /** Sets a parameter now, and again wherever the statement is made anew. */
    private void set(Replay replay, int parameterIndex, Replay.Parameter parameter) throws SQLException {
        replay.put(parameterIndex, parameter);
        parameter.on(target);
    }

    private void set(Replay replay, int parameterIndex, Object value, Replay.Parameter parameter) throws SQLException {
        replay.put(parameterIndex, value, parameter);
        parameter.on(target);
    }

    @Override
    public ResultSet executeQuery() throws SQLException {
        Watch watch = watch();
        return watch == null ? target.executeQuery() : watch.run(this, _ -> target.executeQuery());
    }

    @Override
    public int executeUpdate() throws SQLException {
        Watch watch = watch();
        return watch == null ? target.executeUpdate() : watch.run(this, _ -> target.executeUpdate());
    }

    @Override
    public void setNull(int parameterIndex, int sqlType) throws SQLException {
        Replay replay = replay();
        if (replay == null) {
            target.setNull(parameterIndex, sqlType);
        } else {
            set(replay, parameterIndex, again -> again.setNull(parameterIndex, sqlType));
        }
    }

    @Override
    public void setBoolean(int parameterIndex, boolean x) throws SQLException {
        Replay replay = replay();
        if (replay == null) {
            target.setBoolean(parameterIndex, x);
        } else {
            set(replay, parameterIndex, again -> again.setBoolean(parameterIndex, x));
        }
    }

    @Override
    public void setByte(int parameterIndex, byte x) throws SQLException {
        Replay replay = replay();
        if (replay == null) {
            target.setByte(parameterIndex, x);
        } else {
            set(replay, parameterIndex, again -> again.setByte(parameterIndex, x));
        }
    }

    @Override
    public void setShort(int parameterIndex, short x) throws SQLException {
        Replay replay = replay();
        if (replay == null) {
            target.setShort(parameterIndex, x);
        } else {
            set(replay, parameterIndex, again -> again.setShort(parameterIndex, x));
        }
    }

    @Override
    public void setInt(int parameterIndex, int x) throws SQLException {
        Replay replay = replay();
        if (replay == null) {
            target.setInt(parameterIndex, x);
        } else {
            set(replay, parameterIndex, again -> again.setInt(parameterIndex, x));
        }
    }

    @Override
    public void setLong(int parameterIndex, long x) throws SQLException {
        Replay replay = replay();
        if (replay == null) {
            target.setLong(parameterIndex, x);
        } else {
            set(replay, parameterIndex, again -> again.setLong(parameterIndex, x));
        }
    }

    @Override
    public void setFloat(int parameterIndex, float x) throws SQLException {
        Replay replay = replay();
        if (replay == null) {
            target.setFloat(parameterIndex, x);
        } else {
            set(replay, parameterIndex, again -> again.setFloat(parameterIndex, x));
        }
    }

    @Override
    public void setDouble(int parameterIndex, double x) throws SQLException {
        Replay replay = replay();
        if (replay == null) {
            target.setDouble(parameterIndex, x);
        } else {
            set(replay, parameterIndex, again -> again.setDouble(parameterIndex, x));
        }
    }

    @Override
    public void setBigDecimal(int parameterIndex, BigDecimal x) throws SQLException {
        Replay replay = replay();
        if (replay == null) {
            target.setBigDecimal(parameterIndex, x);
        } else {
            set(replay, parameterIndex, again -> again.setBigDecimal(parameterIndex, x));
        }
    }

    @Override
    public void setString(int parameterIndex, String x) throws SQLException {
        Replay replay = replay();
        if (replay == null) {
            target.setString(parameterIndex, x);
        } else {
            set(replay, parameterIndex, again -> again.setString(parameterIndex, x));
        }
    }

    @Override
    public void setBytes(int parameterIndex, byte[] x) throws SQLException {
        Replay replay = replay();
        if (replay == null) {
            target.setBytes(parameterIndex, x);
        } else {
            set(replay, parameterIndex, again -> again.setBytes(parameterIndex, x));
        }
    }

    @Override
    public void setDate(int parameterIndex, Date x) throws SQLException {
        Replay replay = replay();
        if (replay == null) {
            target.setDate(parameterIndex, x);
        } else {
            set(replay, parameterIndex, again -> again.setDate(parameterIndex, x));
        }
    }

    @Override
    public void setTime(int parameterIndex, Time x) throws SQLException {
        Replay replay = replay();
        if (replay == null) {
            target.setTime(parameterIndex, x);
        } else {
            set(replay, parameterIndex, again -> again.setTime(parameterIndex, x));
        }
    }

    @Override
    public void setTimestamp(int parameterIndex, Timestamp x) throws SQLException {
        Replay replay = replay();
        if (replay == null) {
            target.setTimestamp(parameterIndex, x);
        } else {
            set(replay, parameterIndex, again -> again.setTimestamp(parameterIndex, x));
        }
    }

    @Override
    public void setAsciiStream(int parameterIndex, InputStream x, int length) throws SQLException {
        once().setAsciiStream(parameterIndex, x, length);
    }

    @Deprecated
    @SuppressWarnings("deprecation")
    @Override
    public void setUnicodeStream(int parameterIndex, InputStream x, int length) throws SQLException {
        once().setUnicodeStream(parameterIndex, x, length);
    }

    @Override
    public void setBinaryStream(int parameterIndex, InputStream x, int length) throws SQLException {
        once().setBinaryStream(parameterIndex, x, length);
    }

    @Override
    public void clearParameters() throws SQLException {
        target.clearParameters();
        Replay replay = replay();
        if (replay != null) {
            replay.clearParameters();
        }
    }

    @Override
    public void setObject(int parameterIndex, Object x, int targetSqlType) throws SQLException {
        Replay replay = replay();
        if (replay == null) {
            target.setObject(parameterIndex, x, targetSqlType);
        } else {
            set(replay, parameterIndex, x, again -> again.setObject(parameterIndex, x, targetSqlType));
        }
    }

    @Override
    public void setObject(int parameterIndex, Object x) throws SQLException {
        Replay replay = replay();
        if (replay == null) {
            target.setObject(parameterIndex, x);
        } else {
            set(replay, parameterIndex, x, again -> again.setObject(parameterIndex, x));
        }
    }

    @Override
    public boolean execute() throws SQLException {
        Watch watch = watch();
        return watch == null ? target.execute() : watch.run(this, _ -> target.execute());
    }

    @Override
    public void addBatch() throws SQLException {
        once().addBatch();
    }

    @Override
    public void setCharacterStream(int parameterIndex, Reader reader, int length) throws SQLException {
        once().setCharacterStream(parameterIndex, reader, length);
    }

    @Override
    public void setRef(int parameterIndex, Ref x) throws SQLException {
        Replay replay = replay();
        if (replay == null) {
            target.setRef(parameterIndex, x);
        } else {
            set(replay, parameterIndex, again -> again.setRef(parameterIndex, x));
        }
    }

    @Override
    public void setBlob(int parameterIndex, Blob x) throws SQLException {
        once().setBlob(parameterIndex, x);
    }

    @Override
    public void setClob(int parameterIndex, Clob x) throws SQLException {
        once().setClob(parameterIndex, x);
    }

    @Override
    public void setArray(int parameterIndex, Array x) throws SQLException {
        Replay replay = replay();
        if (replay == null) {
            target.setArray(parameterIndex, x);
        } else {
            set(replay, parameterIndex, again -> again.setArray(parameterIndex, x));
        }
    }

    @Override
    public ResultSetMetaData getMetaData() throws SQLException {
        return target.getMetaData();
    }

    @Override
    public void setDate(int parameterIndex, Date x, Calendar cal) throws SQLException {
        Replay replay = replay();
        if (replay == null) {
            target.setDate(parameterIndex, x, cal);
        } else {
            set(replay, parameterIndex, again -> again.setDate(parameterIndex, x, cal));
        }
    }

    @Override
    public void setTime(int parameterIndex, Time x, Calendar cal) throws SQLException {
        Replay replay = replay();
        if (replay == null) {
            target.setTime(parameterIndex, x, cal);
        } else {
            set(replay, parameterIndex, again -> again.setTime(parameterIndex, x, cal));
        }
    }

    @Override
    public void setTimestamp(int parameterIndex, Timestamp x, Calendar cal) throws SQLException {
        Replay replay = replay();
        if (replay == null) {
            target.setTimestamp(parameterIndex, x, cal);
        } else {
            set(replay, parameterIndex, again -> again.setTimestamp(parameterIndex, x, cal));
        }
    }

    @Override
    public void setNull(int parameterIndex, int sqlType, String typeName) throws SQLException {
        Replay replay = replay();
        if (replay == null) {
            target.setNull(parameterIndex, sqlType, typeName);
        } else {
            set(replay, parameterIndex, again -> again.setNull(parameterIndex, sqlType, typeName));
        }
    }

    @Override
    public void setURL(int parameterIndex, URL x) throws SQLException {
        Replay replay = replay();
        if (replay == null) {
            target.setURL(parameterIndex, x);
        } else {
            set(replay, parameterIndex, again -> again.setURL(parameterIndex, x));
        }
    }

    @Override
    public ParameterMetaData getParameterMetaData() throws SQLException {
        return target.getParameterMetaData();
    }

    @Override
    public void setRowId(int parameterIndex, RowId x) throws SQLException {
        Replay replay = replay();
        if (replay == null) {
            target.setRowId(parameterIndex, x);
        } else {
            set(replay, parameterIndex, again -> again.setRowId(parameterIndex, x));
        }
    }

    @Override
    public void setNString(int parameterIndex, String value) throws SQLException {
        Replay replay = replay();
        if (replay == null) {
            target.setNString(parameterIndex, value);
        } else {
            set(replay, parameterIndex, again -> again.setNString(parameterIndex, value));
        }
    }

    @Override
    public void setNCharacterStream(int parameterIndex, Reader value, long length) throws SQLException {
        once().setNCharacterStream(parameterIndex, value, length);
    }

    @Override
    public void setNClob(int parameterIndex, NClob value) throws SQLException {
        once().setNClob(parameterIndex, value);
    }

    @Override
    public void setClob(int parameterIndex, Reader reader, long length) throws SQLException {
        once().setClob(parameterIndex, reader, length);
    }

    @Override
    public void setBlob(int parameterIndex, InputStream inputStream, long length) throws SQLException {
        once().setBlob(parameterIndex, inputStream, length);
    }

    @Override
    public void setNClob(int parameterIndex, Reader reader, long length) throws SQLException {
        once().setNClob(parameterIndex, reader, length);
    }

    @Override
    public void setSQLXML(int parameterIndex, SQLXML xmlObject) throws SQLException {
        once().setSQLXML(parameterIndex, xmlObject);
    }

    @Override
    public void setObject(int parameterIndex, Object x, int targetSqlType, int scaleOrLength) throws SQLException {
        Replay replay = replay();
        if (replay == null) {
            target.setObject(parameterIndex, x, targetSqlType, scaleOrLength);
        } else {
            set(replay, parameterIndex, x, again -> again.setObject(parameterIndex, x, targetSqlType, scaleOrLength));
        }
    }

    @Override
    public void setAsciiStream(int parameterIndex, InputStream x, long length) throws SQLException {
        once().setAsciiStream(parameterIndex, x, length);
    }

    @Override
    public void setBinaryStream(int parameterIndex, InputStream x, long length) throws SQLException {
        once().setBinaryStream(parameterIndex, x, length);
    }

    @Override
    public void setCharacterStream(int parameterIndex, Reader reader, long length) throws SQLException {
        once().setCharacterStream(parameterIndex, reader, length);
    }

    @Override
    public void setAsciiStream(int parameterIndex, InputStream x) throws SQLException {
        once().setAsciiStream(parameterIndex, x);
    }

    @Override
    public void setBinaryStream(int parameterIndex, InputStream x) throws SQLException {
        once().setBinaryStream(parameterIndex, x);
    }

    @Override
    public void setCharacterStream(int parameterIndex, Reader reader) throws SQLException {
        once().setCharacterStream(parameterIndex, reader);
    }

    @Override
    public void setNCharacterStream(int parameterIndex, Reader value) throws SQLException {
        once().setNCharacterStream(parameterIndex, value);
    }

    @Override
    public void setClob(int parameterIndex, Reader reader) throws SQLException {
        once().setClob(parameterIndex, reader);
    }

    @Override
    public void setBlob(int parameterIndex, InputStream inputStream) throws SQLException {
        once().setBlob(parameterIndex, inputStream);
    }

    @Override
    public void setNClob(int parameterIndex, Reader reader) throws SQLException {
        once().setNClob(parameterIndex, reader);
    }

    @Override
    public void setObject(
            int parameterIndex, Object x, SQLType targetSqlType, int scaleOrLength) throws SQLException {
        Replay replay = replay();
        if (replay == null) {
            target.setObject(parameterIndex, x, targetSqlType, scaleOrLength);
        } else {
            set(replay, parameterIndex, x, again -> again.setObject(parameterIndex, x, targetSqlType, scaleOrLength));
        }
    }

    @Override
    public void setObject(int parameterIndex, Object x, SQLType targetSqlType) throws SQLException {
        Replay replay = replay();
        if (replay == null) {
            target.setObject(parameterIndex, x, targetSqlType);
        } else {
            set(replay, parameterIndex, x, again -> again.setObject(parameterIndex, x, targetSqlType));
        }
    }

    @Override
    public long executeLargeUpdate() throws SQLException {
        Watch watch = watch();
        return watch == null ? target.executeLargeUpdate() : watch.run(this, _ -> target.executeLargeUpdate());
    }
}
