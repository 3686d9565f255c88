// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.routing;

import dev.anabranch.directory.Directory;
import dev.anabranch.problem.AnabranchException;
import dev.anabranch.problem.ErrorCode;
import dev.anabranch.tenant.TenantContext;
import dev.anabranch.tenant.TenantId;
import dev.anabranch.topology.Database;
import dev.anabranch.topology.Group;
import dev.anabranch.topology.GroupSchema;
import dev.anabranch.topology.Placement;
import dev.anabranch.topology.Topology;
import org.jspecify.annotations.Nullable;

/** Decides where a connection goes. It takes nothing from any pool. Safe for use by many threads. */
public final class Router {
    private final Directory directory;

    /** A router over what this directory knows. */
    public Router(Directory directory) {
        this.directory = directory;
    }

    /** What it decides by. */
    public Directory directory() {
        return directory;
    }

    /**
     * Decides for a tenant.
     *
     * @param group the group's name
     * @param tenant whose data it is, in any spelling; null only for a group that needs no tenant
     * @throws AnabranchException {@link ErrorCode#GROUP_UNKNOWN}, {@link ErrorCode#TENANT_NOT_BOUND},
     *     {@link ErrorCode#TENANT_INVALID}, {@link ErrorCode#TENANT_UNKNOWN} or
     *     {@link ErrorCode#DIRECTORY_UNAVAILABLE}
     */
    public RouteDecision decide(String group, @Nullable TenantId tenant) {
        Topology topology = directory.topology();
        boolean fromCache = directory.isFromCache();
        return switch (topology.group(group)) {
            case Group.Global global -> {
                yield decision(group, null, new Placement.Whole(global.database()), topology, fromCache);
            }
            case Group.Sharded sharded -> {
                if (tenant == null) {
                    throw notBound(group);
                }
                TenantId canonical = topology.shardKey().type().canonical(tenant);
                if (sharded.tenants() == Group.Tenants.LISTED) {
                    directory.requireListed(group, canonical);
                }
                Placement placement = sharded.place(canonical, topology.shardKey().type());
                yield decision(group, canonical, placement, topology, fromCache);
            }
        };
    }

    /** Decides for the tenant that is bound to the running code. */
    RouteDecision decideForBound(String group) {
        return decide(group, TenantContext.current().orElse(null));
    }

    private static RouteDecision decision(
            String group, @Nullable TenantId tenant, Placement placement, Topology topology, boolean fromCache) {
        Database location = topology.database(placement.database());
        String schema = topology.group(group).schema().map(GroupSchema::name).orElse(null);
        return new RouteDecision(group, tenant, schema, placement, location, topology.revision(), fromCache);
    }

    private static AnabranchException notBound(String group) {
        return new AnabranchException(
                ErrorCode.TENANT_NOT_BOUND,
                "No tenant is bound to " + Thread.currentThread() + ", and the group '" + group + "' is sharded by tenant",
                "Call within TenantContext.run(tenant, ...), or hand the caller's tenant to this thread with"
                        + " TenantContext.propagating(...)");
    }
}
