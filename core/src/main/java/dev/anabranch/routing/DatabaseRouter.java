// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.routing;

import java.util.Optional;

/**
 * Chooses a database, or passes.
 *
 * <p>An application's routers are asked in their order, and the first that answers decides; the topology's own rules come
 * last. Each method passes (answers with nothing) unless it is overridden. In Spring a router is a bean, ordered by
 * {@code @Order}; without it, a {@link java.util.ServiceLoader} provider, or one of {@code Settings.withRouters}. Routers are
 * called by many threads at once, on each first statement: they must be fast, safe for that, and must not use a data source
 * of their own group.
 *
 * <p>A database is named as the topology names it. For a read, the name of one of a database's replicas will do: then that
 * one answers as long as it is in rotation and has what the session has written, and else the primary of its database; a
 * replica that is kept for audiences answers those alone, whoever names it. A
 * name that does not exist, or an exception, fails the statement with {@code ROUTER_INVALID}, naming the router.
 */
public interface DatabaseRouter {
    /** What {@code explain}, logs and traces call it. */
    default String name() {
        return getClass().getSimpleName();
    }

    /** The database or replica that answers a read; empty to pass. */
    default Optional<String> databaseForRead(RoutingHints hints) {
        return Optional.empty();
    }

    /** The database that takes a write; empty to pass. */
    default Optional<String> databaseForWrite(RoutingHints hints) {
        return Optional.empty();
    }

    /** Whether rows of one may point to rows of the other; empty to pass. At the end: where both are in the same databases. */
    default Optional<Boolean> allowRelation(RelationEnd from, RelationEnd to) {
        return Optional.empty();
    }

    /**
     * Whether a group's tables are made and kept in a database; empty to pass. At the end: where the topology places it.
     *
     * @param database the database's name
     * @param hints the group, and the table where one alone is asked about
     */
    default Optional<Boolean> allowMigrate(String database, RoutingHints hints) {
        return Optional.empty();
    }
}
