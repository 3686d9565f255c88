// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.operations.migration.apply;

import dev.anabranch.problem.AnabranchException;
import dev.anabranch.problem.ErrorCode;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a schema's history table says at one moment. It is Flyway's table, in the schema itself.
 *
 * @param exists whether the table is there
 * @param applied its rows in the order they were installed in
 */
public record MigrationHistory(boolean exists, List<AppliedMigration> applied) {
    /** The history table's name. */
    public static final String TABLE = "flyway_schema_history";

    /** Undefined table or schema with PostgreSQL; unknown database and no such table with MariaDB and MySQL. */
    private static final Set<String> MISSING = Set.of("42P01", "3F000", "42000", "42S02");

    private static final Set<Integer> MISSING_NUMBERS = Set.of(0, 1049, 1146);

    /** Copies the rows. */
    public MigrationHistory {
        applied = List.copyOf(applied);
    }

    /**
     * Reads it in one round trip.
     *
     * @param connection a connection to the database, in auto-commit mode
     * @param schema the schema's name
     * @throws SQLException where the table is there and cannot be read
     * @throws AnabranchException {@link ErrorCode#MIGRATION_INVALID} where it has versions that are no whole numbers
     */
    public static MigrationHistory read(Connection connection, String schema) throws SQLException {
        String quote = connection.getMetaData().getIdentifierQuoteString();
        String sql = "SELECT version, description, type, script, checksum, installed_on, execution_time, success FROM "
                + quote + schema + quote + "." + quote + TABLE + quote + " ORDER BY installed_rank";
        List<AppliedMigration> rows = new ArrayList<>();
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            while (row.next()) {
                String version = row.getString("version");
                // Without a version: the marker of a schema that Flyway made, or a repeatable migration, which we have not.
                if (version != null) {
                    rows.add(row(row, version, schema));
                }
            }
        } catch (SQLException e) {
            if (MISSING.contains(String.valueOf(e.getSQLState())) && MISSING_NUMBERS.contains(e.getErrorCode())) {
                return new MigrationHistory(false, List.of());
            }
            throw e;
        }
        return new MigrationHistory(true, rows);
    }

    private static AppliedMigration row(ResultSet row, String version, String schema) throws SQLException {
        long number;
        try {
            number = Long.parseLong(version);
        } catch (NumberFormatException e) {
            throw new AnabranchException(
                    ErrorCode.MIGRATION_INVALID,
                    "The history of the schema " + schema + " has the version " + version + ", which is no whole number",
                    "Keep this schema with the tool that numbers it so, or renumber its files and its history",
                    e);
        }
        @Nullable Integer checksum = (Integer) row.getObject("checksum");
        return new AppliedMigration(
                number,
                row.getString("description"),
                row.getString("script"),
                checksum,
                row.getTimestamp("installed_on").toInstant(),
                row.getInt("execution_time"),
                row.getBoolean("success"));
    }

    /** The highest version that was applied; 0 where none was. */
    public long version() {
        return applied.stream()
                .filter(AppliedMigration::success)
                .mapToLong(AppliedMigration::version)
                .max()
                .orElse(0);
    }

    /** The migration that broke off, if the last one did. */
    public Optional<AppliedMigration> failed() {
        return applied.stream().filter(row -> !row.success()).findFirst();
    }
}
