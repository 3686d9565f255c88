// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.routing;

import dev.anabranch.consistency.ServerChoice;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where a connection would go, which router decided, and why that server.
 *
 * @param access what it is for
 * @param steps the routers in the order they were asked, up to the one that decided
 * @param decision the database, and the rule that chose it
 * @param server which of the database's servers would answer now
 */
public record RouteExplanation(Access access, List<Step> steps, RouteDecision decision, ServerChoice server) {
    /**
     * One router's part.
     *
     * @param router its name
     * @param answer the database that it named; null where it passed
     * @param reason why, where the router's rule is known: {@code pinned}, {@code hash, bucket 17}; else that it answered
     *     or passed
     */
    public record Step(String router, @Nullable String answer, String reason) {}
}
