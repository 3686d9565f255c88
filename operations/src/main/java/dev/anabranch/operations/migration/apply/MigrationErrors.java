// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.operations.migration.apply;

import dev.anabranch.operations.migration.files.MigrationFile;
import dev.anabranch.problem.AnabranchException;
import dev.anabranch.problem.ErrorCode;
import dev.anabranch.topology.Endpoint;
import java.sql.SQLException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.flywaydb.core.api.CoreErrorCode;
import org.flywaydb.core.api.FlywayException;
import org.flywaydb.core.internal.sqlscript.FlywaySqlScriptException;
import org.jspecify.annotations.Nullable;

/** What a database or Flyway said, told with place, file, line, statement and SQLState, and never with a credential. */
final class MigrationErrors {
    private static final int STATEMENT_LIMIT = 160;
    private static final Pattern POSITION = Pattern.compile("Position: (\\d{1,9})");
    /** What a statement may carry that nobody else shall read: {@code PASSWORD '…'}. */
    private static final Pattern PASSWORD =
            Pattern.compile("(?i)(password|identified\\s+by)(\\s+)(E?'(?:[^']|'')*'?|\"[^\"]*\"?)");

    private MigrationErrors() {}

    /** No connection could be made. */
    static AnabranchException unreachable(Target target, Endpoint endpoint, SQLException e) {
        String state = String.valueOf(e.getSQLState());
        String hint = state.startsWith("28")
                ? "Check the login: it is " + endpoint.user() + "'s"
                : "Check that the server runs and can be reached from here, then run it again: it goes on where it was";
        return new AnabranchException(
                ErrorCode.DATABASE_UNAVAILABLE,
                "No connection to " + target + " (" + endpoint.address() + ") as " + endpoint.user() + ": " + said(e),
                hint,
                e);
    }

    /** A statement of ours failed, not one of a file. */
    static AnabranchException of(Target target, Endpoint endpoint, SQLException e) {
        if (isLost(e)) {
            return lost(target, endpoint, e);
        }
        return new AnabranchException(
                ErrorCode.MIGRATION_FAILED,
                "Preparing " + target + " (" + endpoint.address() + ") as " + endpoint.user() + " failed: " + said(e),
                "Correct what the database names, then run it again",
                e);
    }

    /** Files and history contradict each other. */
    static AnabranchException invalid(Target target, String problem, String hint) {
        return new AnabranchException(
                ErrorCode.MIGRATION_INVALID,
                problem + ", for " + target + " (" + target.database().primary().address() + ", schema " + target.schema() + ")",
                hint);
    }

    /**
     * Flyway failed.
     *
     * @param running the file that ran; null where none did
     */
    static AnabranchException of(
            Target target, Endpoint endpoint, @Nullable MigrationFile running, boolean online, FlywayException e) {
        var ours = AnabranchException.in(e);
        if (ours.isPresent()) {
            return ours.get();
        }
        SQLException sql = sqlException(e);
        if (sql != null && isLost(sql)) {
            return lost(target, endpoint, sql);
        }
        if (e.getErrorCode() == CoreErrorCode.NON_EMPTY_SCHEMA_WITHOUT_SCHEMA_HISTORY_TABLE) {
            return invalid(
                    target,
                    "The schema has objects already, and no history that says which files made them",
                    "Give the group a schema of its own, or record with Flyway's baseline which version these objects are at");
        }
        FlywaySqlScriptException script = in(e, FlywaySqlScriptException.class);
        if (running == null || sql == null || script == null) {
            return new AnabranchException(
                    ErrorCode.MIGRATION_FAILED,
                    "Migrating " + target + " (" + endpoint.address() + ") failed: " + firstLine(e.getMessage()),
                    "Correct what is named here, then run it again",
                    e);
        }
        String statement = script.getStatement();
        return new AnabranchException(
                ErrorCode.MIGRATION_FAILED,
                running.fileName() + ":" + line(script.getLineNumber(), statement, sql) + " failed for " + target + " ("
                        + endpoint.address() + ", schema " + target.schema() + "): " + said(sql) + "; the statement is: "
                        + brief(statement),
                hint(target, endpoint, running, online),
                sql);
    }

    private static String hint(Target target, Endpoint endpoint, MigrationFile file, boolean online) {
        return switch (endpoint.flavor()) {
            case POSTGRES -> online
                    ? "This file does not run in a transaction, so the statements before this one stay; correct the file or the"
                            + " data, and run it again: what broke off is cleared away by itself"
                    : "Nothing of this file was kept; correct the file or the data, and run it again";
            case MYSQL, MARIADB -> "This server has no transactions for DDL, so the statements before this one stay, and the"
                    + " history keeps the file as failed. Undo them by hand, then run: "
                    + forget(target, file.version()) + " and migrate again";
        };
    }

    /** The statement that takes a failed row out of the history. */
    static String forget(Target target, long version) {
        return "DELETE FROM " + target.schema() + "." + MigrationHistory.TABLE + " WHERE version = '" + version
                + "' AND success = 0";
    }

    private static AnabranchException lost(Target target, Endpoint endpoint, SQLException e) {
        return new AnabranchException(
                ErrorCode.DATABASE_UNAVAILABLE,
                "The connection to " + target + " (" + endpoint.address() + ") broke while it was migrated: " + said(e),
                "Check that the server runs, then run it again: it goes on where it was",
                e);
    }

    /** The line where the database saw the error: in a long statement that is not the one it begins in. */
    private static int line(int first, String statement, SQLException e) {
        Matcher position = POSITION.matcher(String.valueOf(e.getMessage()));
        if (!position.find()) {
            return first;
        }
        int at = Math.min(Integer.parseInt(position.group(1)) - 1, statement.length());
        return first + (int) statement.substring(0, Math.max(0, at)).chars().filter(c -> c == '\n').count();
    }

    private static String brief(String statement) {
        String line = PASSWORD.matcher(statement.strip().replaceAll("\\s+", " ")).replaceAll("$1$2'***'");
        return line.length() <= STATEMENT_LIMIT ? line : line.substring(0, STATEMENT_LIMIT - 1) + "…";
    }

    /** What the database said, on one line, with its SQLState. */
    static String said(SQLException e) {
        return PASSWORD.matcher(firstLine(e.getMessage())).replaceAll("$1$2'***'") + " (SQLState " + e.getSQLState() + ")";
    }

    private static String firstLine(@Nullable String message) {
        return message == null ? "without a message" : message.lines().findFirst().orElse("").strip();
    }

    static boolean isLost(SQLException e) {
        String state = String.valueOf(e.getSQLState());
        return state.startsWith("08") || state.startsWith("57P0");
    }

    /** Whether the login may not do it: PostgreSQL's state; MariaDB's and MySQL's numbers for a database and for a table. */
    static boolean isDenied(SQLException e) {
        return "42501".equals(e.getSQLState()) || e.getErrorCode() == 1044 || e.getErrorCode() == 1142;
    }

    static @Nullable SQLException sqlException(Throwable e) {
        return in(e, SQLException.class);
    }

    private static <T extends Throwable> @Nullable T in(Throwable e, Class<T> type) {
        Throwable seen = e;
        for (int depth = 0; seen != null && depth < 32; depth++) {
            if (type.isInstance(seen)) {
                return type.cast(seen);
            }
            seen = seen.getCause();
        }
        return null;
    }
}
