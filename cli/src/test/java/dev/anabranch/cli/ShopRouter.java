// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.cli;

import dev.anabranch.routing.DatabaseRouter;
import dev.anabranch.routing.RoutingHints;
import java.util.Optional;

/** Keeps a group off the database {@code two}, puts it on {@code spare}, and reads there. */
public final class ShopRouter implements DatabaseRouter {
    @Override
    public Optional<String> databaseForRead(RoutingHints hints) {
        return Optional.of("spare");
    }

    @Override
    public Optional<Boolean> allowMigrate(String database, RoutingHints hints) {
        return switch (database) {
            case "two" -> Optional.of(false);
            case "spare" -> Optional.of(true);
            default -> Optional.empty();
        };
    }
}
