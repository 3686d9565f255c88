// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.spring;

import dev.anabranch.routing.DatabasePreparation;
import dev.anabranch.topology.Database;
import dev.anabranch.topology.Group;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;

/** Several preparations as one: each step of all of them, in their order. */
record AllPreparations(List<DatabasePreparation> all) implements DatabasePreparation {
    @Override
    public void beforeConnecting(Database database, List<Group> groups) throws SQLException {
        for (DatabasePreparation preparation : all) {
            preparation.beforeConnecting(database, groups);
        }
    }

    @Override
    public void prepare(Database database, List<Group> groups, Connection connection) throws SQLException {
        for (DatabasePreparation preparation : all) {
            preparation.prepare(database, groups, connection);
        }
    }
}
