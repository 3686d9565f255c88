// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.routing;

import java.io.InputStream;
import java.io.Reader;
import java.sql.Blob;
import java.sql.Clob;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.SQLXML;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * How to make a statement again on another connection: how it was made, what was set on it, and its parameters. Kept for
 * statements on replicas alone.
 */
final class Replay {
    private final Maker maker;
    private final List<Setting> settings = new ArrayList<>(2);
    private final Map<Integer, Parameter> parameters = new TreeMap<>();
    private Connection madeOn;
    private boolean repeatable = true;

    /** Makes the driver's statement. */
    @FunctionalInterface
    interface Maker {
        Statement make(Connection connection) throws SQLException;
    }

    /** Sets something on a statement. */
    @FunctionalInterface
    interface Setting {
        void on(Statement statement) throws SQLException;
    }

    /** Sets a parameter. */
    @FunctionalInterface
    interface Parameter {
        void on(PreparedStatement statement) throws SQLException;
    }

    Replay(Connection madeOn, Maker maker) {
        this.madeOn = madeOn;
        this.maker = maker;
    }

    void add(Setting setting) {
        settings.add(setting);
    }

    void put(int index, Parameter parameter) {
        parameters.put(index, parameter);
    }

    /** As {@link #put(int, Parameter)}; a value that can be read once cannot be given again. */
    void put(int index, Object value, Parameter parameter) {
        if (value instanceof InputStream || value instanceof Reader || value instanceof Blob || value instanceof Clob
                || value instanceof SQLXML) {
            giveUp();
        }
        put(index, parameter);
    }

    void clearParameters() {
        parameters.clear();
    }

    /** It has been given what can be read once, or more than one set of parameters, or is closed. */
    void giveUp() {
        repeatable = false;
    }

    boolean isRepeatable() {
        return repeatable;
    }

    boolean isFor(Connection connection) {
        return madeOn == connection;
    }

    /** The same statement on another connection. */
    Statement on(Connection connection) throws SQLException {
        Statement made = maker.make(connection);
        for (Setting setting : settings) {
            setting.on(made);
        }
        if (made instanceof PreparedStatement prepared) {
            for (Parameter parameter : parameters.values()) {
                parameter.on(prepared);
            }
        }
        madeOn = connection;
        return made;
    }
}
