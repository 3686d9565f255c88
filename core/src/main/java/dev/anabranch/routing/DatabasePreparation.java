// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.routing;

import dev.anabranch.topology.Database;
import dev.anabranch.topology.Group;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;

/**
 * What is done once with each database before the application's first statement on it.
 *
 * <p>It may be called by several instances of the application at once. Where it fails, the statement that waited for it
 * fails, and it is called again at the next one.
 */
@FunctionalInterface
public interface DatabasePreparation {
    /** Does nothing. */
    DatabasePreparation NONE = (database, groups, connection) -> {};

    /**
     * Prepares the database.
     *
     * @param database which one
     * @param groups those that the application uses, as the topology knows them now
     * @param connection a connection to it, in auto-commit mode; the caller closes it
     * @throws SQLException where it cannot be used yet
     */
    void prepare(Database database, List<Group> groups, Connection connection) throws SQLException;
}
