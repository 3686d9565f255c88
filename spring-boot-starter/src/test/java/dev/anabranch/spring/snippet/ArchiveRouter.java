// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.spring.snippet;

import dev.anabranch.routing.DatabaseRouter;
import dev.anabranch.routing.RoutingHints;
import java.util.Optional;

// snippet: router
public final class ArchiveRouter implements DatabaseRouter {
    @Override
    public Optional<String> databaseForRead(RoutingHints hints) {
        return hints.tenant().filter(tenant -> tenant.value().startsWith("old-")).map(tenant -> "archive");
    }
}
// end
