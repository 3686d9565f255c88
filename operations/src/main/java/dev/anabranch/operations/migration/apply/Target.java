// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.operations.migration.apply;

import dev.anabranch.topology.Database;
import dev.anabranch.topology.Endpoint;
import dev.anabranch.topology.Group;
import dev.anabranch.topology.GroupSchema;

/**
 * One group's schema on one database.
 *
 * @param group the group's name
 * @param database where
 * @param schema the schema's name
 */
public record Target(String group, Database database, String schema) {
    /** The group's schema on this database, which may be one that the group has not used yet. */
    public static Target of(Group group, Database database) {
        return new Target(
                group.name(), database, group.schema().map(GroupSchema::name).orElse(database.defaultSchema()));
    }

    /** Where to connect to migrate: as the owner, or as the application's user where there is no owner. */
    public Endpoint migrating() {
        return database.owner().orElse(database.primary());
    }

    /** {@code billing on main}, for messages. */
    @Override
    public String toString() {
        return group + " on " + database.name();
    }
}
