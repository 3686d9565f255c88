// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.directory.server.store;

import dev.anabranch.topology.BucketMap;
import dev.anabranch.topology.Group;
import dev.anabranch.topology.GroupSchema;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A group as it is stored, without its tenants. */
public sealed interface GroupRow {
    /** The group's name. */
    String name();

    /** The schema that it owns, or null. */
    @Nullable GroupSchema schema();

    /** The databases that its rules name; those of pinned tenants come on top. */
    Set<String> databases();

    /**
     * A group whose tenants are spread over databases.
     *
     * @param name the group's name
     * @param buckets which database holds each bucket
     * @param tenants which tenants are served
     * @param schema the schema that it owns, or null
     */
    record Sharded(String name, BucketMap buckets, Group.Tenants tenants, @Nullable GroupSchema schema)
            implements GroupRow {
        @Override
        public Set<String> databases() {
            return buckets.databases();
        }
    }

    /**
     * A group that needs no tenant.
     *
     * @param name the group's name
     * @param database the one database that holds it
     * @param routes the databases that answer some audiences instead, by audience
     * @param schema the schema that it owns, or null
     */
    record Global(String name, String database, Map<String, String> routes, @Nullable GroupSchema schema)
            implements GroupRow {
        @Override
        public Set<String> databases() {
            Set<String> all = new LinkedHashSet<>(Set.of(database));
            all.addAll(routes.values());
            return all;
        }
    }
}
