// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.routing;

import dev.anabranch.directory.Directory;
import dev.anabranch.problem.AnabranchException;
import dev.anabranch.problem.ErrorCode;
import dev.anabranch.tenant.AudienceContext;
import dev.anabranch.tenant.TenantContext;
import dev.anabranch.tenant.TenantId;
import dev.anabranch.topology.Group;
import dev.anabranch.topology.GroupSchema;
import dev.anabranch.topology.Placement;
import dev.anabranch.topology.Topology;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Decides where a connection goes: asks the application's routers, and at last the topology. It takes nothing from any pool.
 * Safe for use by many threads.
 */
public final class Router {
    private static final Logger LOG = LoggerFactory.getLogger(Router.class);

    private final Directory directory;
    private final RouterChain chain;

    /** A router by the topology's rules alone. */
    public Router(Directory directory) {
        this(directory, RouterChain.NONE);
    }

    /**
     * A router.
     *
     * @param directory what it decides by at last
     * @param chain who is asked before
     */
    public Router(Directory directory, RouterChain chain) {
        this.directory = directory;
        this.chain = chain;
    }

    /** What it decides by. */
    public Directory directory() {
        return directory;
    }

    /** What a connection is for, whose caller has said that it only reads, or has not: scope and audience may say so too. */
    Access access(boolean saidToRead) {
        return saidToRead || RoutingScope.isReadOnly() ? Access.READ : access(Access.WRITE, AudienceContext.current().orElse(null));
    }

    /**
     * What a connection for this audience is for.
     *
     * @throws AnabranchException {@link ErrorCode#AUDIENCE_UNKNOWN}
     */
    public Access access(Access asked, @Nullable String audience) {
        return audience != null && directory.topology().audience(audience).readOnly() ? Access.READ : asked;
    }

    /** Decides for the tenant and the audience that are bound to the running code. */
    RouteDecision decideForBound(String group, Access access) {
        TenantId tenant = TenantContext.current().orElse(null);
        String audience = AudienceContext.current().orElse(null);
        RouteDecision decision;
        if (chain.routers().isEmpty()) {
            decision = decide(group, tenant, audience, null, access);
        } else {
            RoutingScope.About about = RoutingScope.about().orElse(NOTHING);
            RoutingHints hints =
                    new RoutingHints(group, tenant, audience, about.table(), about.entity(), about.instance());
            decision = decide(group, tenant, audience, new Asked(hints, null), access);
        }
        if (LOG.isDebugEnabled()) {
            LOG.debug("{} {}: {} ({})", access, decision.place(), decision.router(), decision.reason());
        }
        return decision;
    }

    private static final RoutingScope.About NOTHING = new RoutingScope.About(null, null, null);

    /**
     * Decides by these hints.
     *
     * @param hints the group and what else is known; the tenant in any spelling, none only for a group that needs none
     * @param access what the connection is for
     * @param steps takes each router that was asked and its answer; null where nobody wants to know
     * @throws AnabranchException {@link ErrorCode#GROUP_UNKNOWN}, {@link ErrorCode#AUDIENCE_UNKNOWN},
     *     {@link ErrorCode#TENANT_NOT_BOUND}, {@link ErrorCode#TENANT_INVALID}, {@link ErrorCode#TENANT_UNKNOWN},
     *     {@link ErrorCode#ROUTER_INVALID} or {@link ErrorCode#DIRECTORY_UNAVAILABLE}
     */
    public RouteDecision decide(RoutingHints hints, Access access, @Nullable List<RouteExplanation.Step> steps) {
        return decide(hints.group(), hints.tenantOrNull(), hints.audienceOrNull(), new Asked(hints, steps), access);
    }

    private record Asked(RoutingHints hints, @Nullable List<RouteExplanation.Step> steps) {}

    /** @param asked null where there is nobody to ask but the topology, so that nothing is made for it */
    private RouteDecision decide(
            String name, @Nullable TenantId tenant, @Nullable String audience, @Nullable Asked asked, Access access) {
        Topology topology = directory.topology();
        if (audience != null) {
            topology.audience(audience);
        }
        Group group = topology.group(name);
        TenantId canonical =
                switch (group) {
                    case Group.Global global -> null;
                    case Group.Sharded sharded -> canonical(sharded, tenant, topology);
                };
        RouterChain.Answer answer = asked == null
                ? null
                : chain.database(asked.hints().withTenant(canonical), access, topology, asked.steps());
        Placement placement = answer != null ? answer.placement() : placement(group, canonical, audience, topology);
        RouteDecision decision = new RouteDecision(
                name,
                canonical,
                group.schema().map(GroupSchema::name).orElse(null),
                placement,
                topology.database(placement.database()),
                topology.revision(),
                audience,
                answer != null ? answer.router() : RouterChain.TOPOLOGY,
                answer != null ? answer.only() : null,
                directory.isFromCache());
        if (asked != null && asked.steps() != null && answer == null) {
            asked.steps().add(new RouteExplanation.Step(RouterChain.TOPOLOGY, decision.database(), decision.reason()));
        }
        return decision;
    }

    /** A sharded group needs its tenant wherever it goes: its rows are told apart by it. */
    private TenantId canonical(Group.Sharded group, @Nullable TenantId tenant, Topology topology) {
        if (tenant == null) {
            throw notBound(group.name());
        }
        TenantId canonical = topology.shardKey().type().canonical(tenant);
        if (group.tenants() == Group.Tenants.LISTED) {
            directory.requireListed(group.name(), canonical);
        }
        return canonical;
    }

    private static Placement placement(
            Group group, @Nullable TenantId tenant, @Nullable String audience, Topology topology) {
        return switch (group) {
            case Group.Global global ->
                audience != null && global.routes().containsKey(audience)
                        ? new Placement.Audience(audience, global.databaseFor(audience))
                        : new Placement.Whole(global.database());
            case Group.Sharded sharded -> {
                if (tenant == null) {
                    throw notBound(group.name());
                }
                yield sharded.place(tenant, topology.shardKey().type());
            }
        };
    }

    private static AnabranchException notBound(String group) {
        return new AnabranchException(
                ErrorCode.TENANT_NOT_BOUND,
                "No tenant is bound to " + Thread.currentThread() + ", and the group '" + group + "' is sharded by tenant",
                "Call within TenantContext.run(tenant, ...), or hand the caller's tenant to this thread with"
                        + " TenantContext.propagating(...)");
    }
}
