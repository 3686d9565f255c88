// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.operations.migration.catalog;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * Reads what a schema holds from PostgreSQL's catalog, in a dozen questions however much there is.
 *
 * <p>The search path is the schema's alone meanwhile, so that definitions name the schema's own objects without it and
 * those of others with theirs; dates and numbers are written in one way whatever the session's is.
 */
public final class CatalogReader {
    private CatalogReader() {}

    /**
     * What the schema holds; nothing where it does not exist.
     *
     * <p>With auto-commit on, all of it is seen as of one moment. Inside an open transaction it is what that transaction
     * sees, and the transaction stays open, with the search path it had.
     *
     * @throws SQLException what the server said; the connection's settings are as they were
     */
    public static CatalogSnapshot read(Connection connection, String schema) throws SQLException {
        if (!connection.getAutoCommit()) {
            return inTransaction(connection, schema);
        }
        connection.setAutoCommit(false);
        try {
            try (var statement = connection.createStatement()) {
                statement.execute("set transaction isolation level repeatable read, read only");
            }
            return inTransaction(connection, schema);
        } finally {
            connection.rollback();
            connection.setAutoCommit(true);
        }
    }

    private static CatalogSnapshot inTransaction(Connection connection, String schema) throws SQLException {
        List<String> before = new ArrayList<>();
        for (Setting setting : Setting.values()) {
            before.add(text(connection, "select current_setting('" + setting.key() + "')"));
        }
        // Local to the transaction: whatever happens, its end brings back the session's own.
        set(connection, List.of(Names.quote(schema), "UTC", "ISO, MDY", "postgres", "1"));
        CatalogSnapshot snapshot = new SchemaReading(connection, schema).all();
        set(connection, before);
        return snapshot;
    }

    /** What the text of definitions hangs on. */
    private enum Setting {
        SEARCH_PATH,
        TIMEZONE,
        DATESTYLE,
        INTERVALSTYLE,
        EXTRA_FLOAT_DIGITS;

        String key() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    private static String text(Connection connection, String sql) throws SQLException {
        try (var statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            row.next();
            return row.getString(1);
        }
    }

    private static void set(Connection connection, List<String> values) throws SQLException {
        String calls = Arrays.stream(Setting.values())
                .map(setting -> "set_config('" + setting.key() + "', ?, true)")
                .collect(Collectors.joining(", "));
        try (PreparedStatement statement = connection.prepareStatement("select " + calls)) {
            for (int n = 0; n < values.size(); n++) {
                statement.setString(n + 1, values.get(n));
            }
            statement.execute();
        }
    }

    /** What one row of an answer says. */
    @FunctionalInterface
    interface Row<T> {
        T of(ResultSet row) throws SQLException;
    }

    /** Asks, with the schema's oid for each question mark. */
    static <T> List<T> ask(Connection connection, String sql, long schema, Row<T> row) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql.replace("?", Long.toString(schema)))) {
            return rows(statement, row);
        }
    }

    static <T> List<T> rows(PreparedStatement statement, Row<T> row) throws SQLException {
        List<T> found = new ArrayList<>();
        try (ResultSet answer = statement.executeQuery()) {
            while (answer.next()) {
                found.add(row.of(answer));
            }
        }
        return found;
    }
}
