// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.routing;

import dev.anabranch.topology.Group;
import dev.anabranch.topology.GroupSchema;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The groups for which a database has been prepared, each with the schema that it had then. Immutable.
 *
 * @param uses which; few, and looked through for every loan
 * @param begun whether it was done at all, for groups or for none
 */
record PreparedGroups(List<Use> uses, boolean begun) {
    static final PreparedGroups NONE = new PreparedGroups(List.of(), false);

    record Use(String group, @Nullable String schema) {}

    boolean has(@Nullable String group, @Nullable String schema) {
        for (Use use : uses) {
            if (use.group().equals(group) && Objects.equals(use.schema(), schema)) {
                return true;
            }
        }
        return false;
    }

    boolean hasAll(List<Group> groups) {
        return begun && missing(groups).isEmpty();
    }

    /** Those of the groups for which it has not been done, or for another schema. */
    List<Group> missing(List<Group> groups) {
        return groups.stream().filter(group -> !has(group.name(), schemaOf(group))).toList();
    }

    PreparedGroups with(List<Group> groups) {
        List<Use> all = new ArrayList<>(uses);
        missing(groups).forEach(group -> all.add(new Use(group.name(), schemaOf(group))));
        return new PreparedGroups(List.copyOf(all), true);
    }

    static @Nullable String schemaOf(Group group) {
        return group.schema().map(GroupSchema::name).orElse(null);
    }
}
