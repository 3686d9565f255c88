// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.routing;

import dev.anabranch.consistency.ServerChoice;

/**
 * Is told of each route that a connection takes, for traces and logs.
 *
 * <p>It is called by the thread that runs the connection's first statement, once the connection is there; again where a read is
 * tried on another server. It must be fast and safe for many threads. What it throws is logged, and the
 * statement goes on.
 */
@FunctionalInterface
public interface RouteListener {
    /** A connection was lent for the decision, by this server. */
    void routed(RouteDecision decision, ServerChoice server);
}
