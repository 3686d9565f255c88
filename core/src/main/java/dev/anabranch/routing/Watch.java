// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.routing;

import java.sql.SQLException;
import java.sql.Statement;

/**
 * What stands around the statements of a connection whose database has replicas, or that only reads. A connection that
 * writes to a database without replicas has none, and pays for none.
 */
sealed interface Watch permits FirstRead, WriteMarks {
    /** One execution of a statement of the driver's. */
    @FunctionalInterface
    interface Work<S extends Statement, R> {
        R on(S target) throws SQLException;
    }

    /** Executes. */
    <R> R run(RoutedStatement statement, Work<Statement, R> work) throws SQLException;
}
