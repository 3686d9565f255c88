// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.routing;

import dev.anabranch.tenant.TenantId;
import dev.anabranch.topology.Database;
import dev.anabranch.topology.Placement;
import org.jspecify.annotations.Nullable;

/**
 * Where a connection goes, and why.
 *
 * @param group the group asked for
 * @param tenant whose data it is, in canonical form; null for a group that needs no tenant
 * @param schema the schema that the group owns there; null for the default schema
 * @param placement the database's name, and the rule that chose it
 * @param location the database as the topology that decided knows it
 * @param revision the topology's revision by which it was decided
 * @param audience who asks; null where none is bound
 * @param router who chose the database: a router's name, or {@link RouterChain#TOPOLOGY}
 * @param only the replica that a router named; null where all of the database's may answer
 * @param fromCache whether that topology is the last one on disk, because the directory has not answered yet
 */
public record RouteDecision(
        String group,
        @Nullable TenantId tenant,
        @Nullable String schema,
        Placement placement,
        Database location,
        long revision,
        @Nullable String audience,
        String router,
        @Nullable String only,
        boolean fromCache) {

    /** The database's name. */
    public String database() {
        return placement.database();
    }

    /** The rule, as a person reads it, for example {@code hash, bucket 17}. */
    public String reason() {
        return placement.reason();
    }

    /** {@code for tenant '42' (group people, database shard-2, revision 17)}, for messages. */
    String place() {
        return (tenant == null ? "" : "for tenant '" + tenant + "' ")
                + "(group " + group + ", database " + database() + ", revision " + revision + ")";
    }
}
