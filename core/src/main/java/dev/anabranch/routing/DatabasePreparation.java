// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.routing;

import dev.anabranch.topology.Database;
import dev.anabranch.topology.Group;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;

/**
 * What is done with each database before a group's first statement on it: once for each group, and once more where the
 * group has another schema since, or the database another address.
 *
 * <p>It may be called by several instances of the application at once. Where it fails, the statement that waited for it
 * fails, and it is called again at the next one.
 */
@FunctionalInterface
public interface DatabasePreparation {
    /** Does nothing. */
    DatabasePreparation NONE = (database, groups, connection) -> {};

    /**
     * Does what must be done before anybody connects as the application's user, who may not even be there yet. Called before
     * {@link #prepare}, and like it again where it failed; usually nothing is done here.
     *
     * @param database which one
     * @param groups those of the application's that have rows there and for which it has not been done
     * @throws SQLException where the database cannot be used yet
     */
    default void beforeConnecting(Database database, List<Group> groups) throws SQLException {}

    /**
     * Prepares the database.
     *
     * @param database which one
     * @param groups those of the application's that have rows there and for which it has not been done
     * @param connection a connection to it, in auto-commit mode; the caller closes it
     * @throws SQLException where it cannot be used yet
     */
    void prepare(Database database, List<Group> groups, Connection connection) throws SQLException;
}
