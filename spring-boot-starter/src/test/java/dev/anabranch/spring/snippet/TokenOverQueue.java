// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.spring.snippet;

import dev.anabranch.Anabranch;
import dev.anabranch.consistency.ConsistencyContext;
import dev.anabranch.consistency.ConsistencySession;
import dev.anabranch.routing.RoutingScope;

final class TokenOverQueue {
    private TokenOverQueue() {}

    static void run(Anabranch anabranch, ConsistencySession session, Runnable report) {
        // snippet: token
        String token = anabranch.tokens().write(session);
        // … the message travels …
        ConsistencySession theirs = anabranch.tokens().read(token);
        ConsistencyContext.run(theirs, () -> RoutingScope.readOnly(report));
        // end
    }
}
