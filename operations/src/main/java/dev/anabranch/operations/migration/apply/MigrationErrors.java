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
    private static final Pattern POSITION = Pattern.compile("Position: (\\d{1,9})");

    private MigrationErrors() {}

    /** No connection could be made. */
    static AnabranchException unreachable(Target target, Endpoint endpoint, SQLException e) {
        String state = String.valueOf(e.getSQLState());
        // The driver's own state where the server asks for a password and there is none to give.
        if (endpoint.password().isEmpty() && (state.startsWith("28") || state.equals("08004"))) {
            return new AnabranchException(
                    ErrorCode.CONFIGURATION_INVALID,
                    "The password of " + endpoint.user() + " is not known to this process, and " + target + " ("
                            + endpoint.address() + ") asks for one: " + said(e),
                    "Give it the password, or look from where it is known",
                    e);
        }
        boolean down = isDown(e);
        String hint = state.startsWith("28")
                ? "Check the login: it is " + endpoint.user() + "'s"
                : down
                        ? "Check that the server runs and can be reached from here, then run it again: it goes on where it was"
                        : "Correct the address or the login that the topology has";
        return new AnabranchException(
                down ? ErrorCode.DATABASE_UNAVAILABLE : ErrorCode.CONFIGURATION_INVALID,
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
                    "Give the group a schema of its own; or, where these objects are what the files up to V<N> make, say so: anabranch"
                            + " migrate apply --service " + target.group() + " --baseline <N>");
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
                        + endpoint.address() + ", schema " + target.schema() + "): " + Redaction.message(sql, statement)
                        + "; the statement is: " + Redaction.brief(statement),
                hint(target, endpoint, running, online, sql),
                sql);
    }

    private static String hint(Target target, Endpoint endpoint, MigrationFile file, boolean online, SQLException e) {
        return switch (endpoint.flavor()) {
            case POSTGRES -> online
                    ? "This file does not run in a transaction, so the statements before this one stay; correct the file or the"
                            + " data, and run it again: what broke off is cleared away by itself"
                    : "Nothing of this file was kept; correct the file or the data, and run it again";
            case MYSQL, MARIADB -> (e.getErrorCode() == 1205
                            ? "Somebody else holds a lock on the table for longer than this waits: let their transaction end."
                                    + " "
                            : "")
                    + "This server has no transactions for DDL, so the statements before this one stay, and the"
                    + " history keeps the file as failed. Undo them by hand, then run: "
                    + forget(target, file.fileName()) + " and migrate again";
        };
    }

    /** The statement that takes a failed row out of the history. */
    static String forget(Target target, String script) {
        // The version as it is stored: as the file's name writes it, with its zeros.
        return "DELETE FROM " + target.schema() + "." + MigrationHistory.TABLE + " WHERE version = '"
                + script.substring(1, script.indexOf("__"))
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

    /** What the database said, on one line, with its SQLState. */
    static String said(SQLException e) {
        return Redaction.plain(firstLine(e.getMessage())) + " (SQLState " + e.getSQLState() + ")";
    }

    static String firstLine(@Nullable String message) {
        return message == null ? "without a message" : message.lines().findFirst().orElse("").strip();
    }

    static boolean isLost(SQLException e) {
        String state = String.valueOf(e.getSQLState());
        return state.startsWith("08") || state.startsWith("57P0");
    }

    /** Whether the server cannot be reached or takes nobody at the moment. */
    static boolean isDown(SQLException e) {
        return e.getSQLState() == null || isLost(e) || e.getSQLState().equals("53300");
    }

    /** Whether the login is wrong or may not do it. */
    static boolean isRefused(SQLException e) {
        return isDenied(e) || String.valueOf(e.getSQLState()).startsWith("28");
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
