// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.directory.server.problem;

import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import org.jspecify.annotations.Nullable;
import org.springframework.transaction.TransactionSystemException;

/** What an SQL failure of the meta database means. */
public final class MetaFailure {
    private MetaFailure() {}

    /** Whether the meta database did not answer, as opposed to having refused. */
    public static boolean isUnavailable(Throwable failure) {
        SQLException sql = in(failure);
        if (sql == null) {
            return false;
        }
        String state = sql.getSQLState();
        // 08: connection; 57P: shutting down or starting; 53: out of connections or memory.
        return sql instanceof SQLTransientConnectionException
                || (state != null && (state.startsWith("08") || state.startsWith("57P") || state.startsWith("53")
                        // 55P03: waited too long for a lock; 57014: took too long altogether.
                        || state.equals("55P03")
                        || state.equals("57014")));
    }

    /** The SQLState among the causes, or {@code unknown}. */
    public static String sqlState(Throwable failure) {
        SQLException sql = in(failure);
        String state = sql == null ? null : sql.getSQLState();
        return state == null ? "unknown" : state;
    }

    private static @Nullable SQLException in(Throwable failure) {
        Throwable seen = failure;
        for (int depth = 0; seen != null && depth < 32; depth++) {
            if (seen instanceof SQLException sql) {
                return sql;
            }
            // A failed rollback hides what it was to undo, which is what went wrong.
            seen = seen instanceof TransactionSystemException rollback && rollback.getApplicationException() != null
                    ? rollback.getApplicationException()
                    : seen.getCause();
        }
        return null;
    }
}
