// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.routing;

import dev.anabranch.problem.AnabranchException;
import dev.anabranch.problem.ErrorCode;
import java.sql.SQLException;
import java.sql.SQLNonTransientConnectionException;
import java.sql.SQLNonTransientException;
import java.sql.SQLTransientConnectionException;

/** At the JDBC boundary a failure is a {@link SQLException} of the right subclass, caused by an {@link AnabranchException}. */
final class JdbcErrors {
    private JdbcErrors() {}

    static SQLException of(AnabranchException failure) {
        String message = failure.getMessage();
        ErrorCode code = failure.code();
        return code.isTransient()
                ? new SQLTransientConnectionException(message, code.sqlState(), failure)
                : new SQLNonTransientException(message, code.sqlState(), failure);
    }

    /** Whether the connection is gone, as told by SQLState: class 08, or an end by the server's administrator. */
    static boolean isConnectionLost(SQLException failure) {
        String state = failure.getSQLState();
        return state != null && (state.startsWith("08") || state.startsWith("57P0"));
    }

    /**
     * Whether it, or what caused it, is a server's answer that it takes no more connections: PostgreSQL's state; MariaDB's
     * and MySQL's numbers for the server and for the user.
     */
    static boolean isTooManyConnections(SQLException failure) {
        Throwable seen = failure;
        // Bounded, because a chain of causes may be a circle.
        for (int depth = 0; seen != null && depth < 32; depth++) {
            if (seen instanceof SQLException e
                    && ("53300".equals(e.getSQLState()) || e.getErrorCode() == 1040 || e.getErrorCode() == 1203)) {
                return true;
            }
            seen = seen.getCause();
        }
        return false;
    }

    static SQLException closed(String what) {
        return new SQLNonTransientConnectionException("The " + what + " is closed", "08003");
    }
}
