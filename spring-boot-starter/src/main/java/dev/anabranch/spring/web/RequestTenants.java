// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.spring.web;

import dev.anabranch.Anabranch;
import dev.anabranch.problem.AnabranchException;
import dev.anabranch.problem.ErrorCode;
import dev.anabranch.tenant.TenantId;
import dev.anabranch.topology.Group;
import dev.anabranch.topology.Topology;
import jakarta.servlet.http.HttpServletRequest;
import java.util.List;
import java.util.Optional;
import org.springframework.http.server.PathContainer;
import org.springframework.web.cors.CorsUtils;
import org.springframework.web.util.pattern.PathPattern;

/** Decides whose request it is, or refuses it. */
final class RequestTenants {
    private final Anabranch anabranch;
    private final List<String> groups;
    private final TenantResolver resolver;
    private final List<TenantResolver> witnesses;
    private final List<PathPattern> excluded;

    /**
     * @param groups the groups that the application uses, the primary one first
     * @param resolver names the tenant
     * @param witnesses what must name the same tenant where it names one
     * @param excluded paths that need no tenant
     */
    RequestTenants(
            Anabranch anabranch,
            List<String> groups,
            TenantResolver resolver,
            List<TenantResolver> witnesses,
            List<PathPattern> excluded) {
        this.anabranch = anabranch;
        this.groups = List.copyOf(groups);
        this.resolver = resolver;
        this.witnesses = List.copyOf(witnesses);
        this.excluded = List.copyOf(excluded);
    }

    /**
     * The request's tenant; empty where the request needs none.
     *
     * @throws AnabranchException where it needs one and has none, has one that is invalid or unknown, or has two
     */
    Optional<TenantId> of(HttpServletRequest request) {
        if (isExcluded(request)) {
            return Optional.empty();
        }
        Optional<TenantId> tenant = resolver.resolve(request).map(anabranch::tenant);
        Topology topology = anabranch.topology();
        if (tenant.isEmpty()) {
            // With a global group beside, the request may be about that one alone; a statement elsewhere is refused then.
            if (groups.stream().allMatch(group -> topology.group(group) instanceof Group.Sharded)) {
                throw new AnabranchException(
                        ErrorCode.TENANT_NOT_BOUND, "The request names no tenant", resolver.instruction());
            }
            return tenant;
        }
        for (TenantResolver witness : witnesses) {
            witness.resolve(request).ifPresent(text -> agree(tenant.get(), text, witness.source()));
        }
        if (topology.group(groups.getFirst()) instanceof Group.Sharded sharded
                && sharded.tenants() == Group.Tenants.LISTED) {
            anabranch.explain(sharded.name(), tenant.get());
        }
        return tenant;
    }

    /**
     * Checks another mention of the tenant in the same request.
     *
     * @param source where it is mentioned, as a message says it
     * @throws AnabranchException {@link ErrorCode#TENANT_CONFLICT} where it is another tenant's
     */
    void agree(TenantId tenant, String mentioned, String source) {
        TenantId other = anabranch.tenant(mentioned);
        if (!other.equals(tenant)) {
            throw new AnabranchException(
                    ErrorCode.TENANT_CONFLICT,
                    "The request is for tenant '" + tenant + "' by " + resolver.source() + ", and " + source + " names '"
                            + other + "'",
                    "Name one tenant in a request");
        }
    }

    private boolean isExcluded(HttpServletRequest request) {
        // A browser asks for permission before it sends any header of ours.
        if (CorsUtils.isPreFlightRequest(request)) {
            return true;
        }
        PathContainer path = PathTenantResolver.pathOf(request);
        return excluded.stream().anyMatch(pattern -> pattern.matches(path));
    }
}
