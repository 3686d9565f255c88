// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.spring.actuate;

import dev.anabranch.Anabranch;
import dev.anabranch.problem.AnabranchException;
import dev.anabranch.routing.Access;
import dev.anabranch.routing.RouteExplanation;
import dev.anabranch.routing.RoutingHints;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.actuate.endpoint.InvalidEndpointRequestException;
import org.springframework.boot.actuate.endpoint.annotation.Endpoint;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;
import org.springframework.boot.actuate.endpoint.annotation.Selector;

/**
 * Tells where a connection would go, which router says so and why that server:
 * {@code GET /actuator/anabranch/explain?group=reviews&tenant=acme&audience=public&access=read}. Names alone, neither addresses
 * nor credentials; no connection is taken.
 */
@Endpoint(id = "anabranch")
public final class AnabranchEndpoint {
    private static final String EXPLAIN = "explain";

    private final Anabranch anabranch;
    private final String primaryGroup;

    AnabranchEndpoint(Anabranch anabranch, String primaryGroup) {
        this.anabranch = anabranch;
        this.primaryGroup = primaryGroup;
    }

    /**
     * Explains a route.
     *
     * @param what {@code explain}; for anything else there is nothing
     * @param group the group; without it the primary one
     * @param access {@code read} or {@code write}; without it {@code read}
     */
    @ReadOperation
    public @Nullable Map<String, Object> explain(
            @Selector String what,
            @Nullable String group,
            @Nullable String tenant,
            @Nullable String audience,
            @Nullable String access) {
        if (!what.equals(EXPLAIN)) {
            return null;
        }
        try {
            RoutingHints hints = RoutingHints.of(group == null ? primaryGroup : group)
                    .withTenant(tenant == null ? null : anabranch.tenant(tenant))
                    .withAudience(audience);
            return members(anabranch.explain(hints, access(access)));
        } catch (AnabranchException e) {
            throw new InvalidEndpointRequestException(
                    e.code().code() + ": " + e.problem() + ". " + e.hint() + ".", e.code().code());
        }
    }

    private static Map<String, Object> members(RouteExplanation explanation) {
        List<Map<String, Object>> steps = new ArrayList<>();
        for (RouteExplanation.Step step : explanation.steps()) {
            Map<String, Object> members = new LinkedHashMap<>();
            members.put("router", step.router());
            members.put("answer", step.answer());
            members.put("reason", step.reason());
            steps.add(members);
        }
        Map<String, Object> members = new LinkedHashMap<>();
        members.put("access", lower(explanation.access()));
        members.put("steps", steps);
        members.put("database", explanation.decision().database());
        members.put("server", explanation.server().server());
        members.put("why", lower(explanation.server().why()));
        members.put("detail", explanation.server().detail());
        members.put("revision", explanation.decision().revision());
        return members;
    }

    private static Access access(@Nullable String text) {
        return switch (text == null ? "read" : text.toLowerCase(Locale.ROOT)) {
            case "read" -> Access.READ;
            case "write" -> Access.WRITE;
            default -> throw new InvalidEndpointRequestException("The access is neither read nor write", "access");
        };
    }

    private static String lower(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT);
    }
}
