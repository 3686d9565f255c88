// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.routing;

import dev.anabranch.problem.AnabranchException;
import dev.anabranch.problem.ErrorCode;
import dev.anabranch.topology.Database;
import dev.anabranch.topology.Group;
import dev.anabranch.topology.Placement;
import dev.anabranch.topology.Topology;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The application's routers in the order in which they are asked; the topology's rules stand at its end. Immutable. */
public final class RouterChain {
    /** A chain with the topology's rules alone. */
    public static final RouterChain NONE = new RouterChain(List.of());

    /** What the end of the chain is called. */
    public static final String TOPOLOGY = "topology";

    private final List<DatabaseRouter> routers;

    /** A chain of these. */
    public RouterChain(List<DatabaseRouter> routers) {
        this.routers = List.copyOf(routers);
    }

    /** A chain of those that a {@link ServiceLoader} finds, in the order in which it does. */
    public static RouterChain loaded(ClassLoader from) {
        List<DatabaseRouter> found = new ArrayList<>();
        ServiceLoader.load(DatabaseRouter.class, from).forEach(found::add);
        return new RouterChain(found);
    }

    /** The routers, without the topology's rules. */
    public List<DatabaseRouter> routers() {
        return routers;
    }

    /**
     * An answer to a question of yes or no.
     *
     * @param allowed yes
     * @param router who said so
     * @param reason why, where the topology did; else that the router answered
     */
    public record Verdict(boolean allowed, String router, String reason) {}

    /**
     * Whether rows of one may point to rows of the other.
     *
     * @throws AnabranchException {@link ErrorCode#ROUTER_INVALID} where a router fails
     */
    public Verdict allowsRelation(RelationEnd from, RelationEnd to, Topology topology) {
        Optional<Verdict> answer = first("allowRelation", router -> router.allowRelation(from, to));
        return answer.orElseGet(() -> {
            Set<String> here = topology.group(from.group()).databases();
            Set<String> there = topology.group(to.group()).databases();
            return new Verdict(here.equals(there), TOPOLOGY, from.group() + " is on " + here + ", " + to.group() + " on " + there);
        });
    }

    /**
     * Whether a group's tables are made and kept in a database.
     *
     * @param hints the group, and the table where one alone is asked about
     * @throws AnabranchException {@link ErrorCode#ROUTER_INVALID} where a router fails
     */
    public Verdict allowsMigrate(String database, RoutingHints hints, Topology topology) {
        return allowsMigrate(database, hints, topology.group(hints.group()));
    }

    /**
     * As {@link #allowsMigrate(String, RoutingHints, Topology)}, with the group as it is known.
     *
     * @throws AnabranchException {@link ErrorCode#ROUTER_INVALID} where a router fails
     */
    public Verdict allowsMigrate(String database, RoutingHints hints, Group group) {
        Optional<Verdict> answer = first("allowMigrate", router -> router.allowMigrate(database, hints));
        return answer.orElseGet(() -> {
            Set<String> places = group.databases();
            return new Verdict(places.contains(database), TOPOLOGY, hints.group() + " is on " + places);
        });
    }

    private Optional<Verdict> first(String question, Function<DatabaseRouter, Optional<Boolean>> ask) {
        for (DatabaseRouter router : routers) {
            Optional<Boolean> answer = ask(router, question, ask);
            if (answer.isPresent()) {
                return Optional.of(new Verdict(answer.get(), router.name(), "answered"));
            }
        }
        return Optional.empty();
    }

    /**
     * What the first router that did not pass has answered.
     *
     * @param router its name
     * @param placement the database
     * @param only the replica that it named; null where it named a database
     */
    record Answer(String router, Placement placement, @Nullable String only) {}

    /**
     * The database that the first router names which does not pass; null where all do.
     *
     * @param steps takes what each has said; null where nobody wants to know
     * @throws AnabranchException {@link ErrorCode#ROUTER_INVALID} where a router fails, or names what does not exist or takes
     *     no writes
     */
    @Nullable Answer database(
            RoutingHints hints, Access access, Topology topology, @Nullable List<RouteExplanation.Step> steps) {
        String question =
                switch (access) {
                    case READ -> "databaseForRead";
                    case WRITE -> "databaseForWrite";
                };
        for (DatabaseRouter router : routers) {
            Optional<String> named = ask(
                    router,
                    question,
                    asked -> switch (access) {
                        case READ -> asked.databaseForRead(hints);
                        case WRITE -> asked.databaseForWrite(hints);
                    });
            if (steps != null) {
                steps.add(new RouteExplanation.Step(
                        router.name(), named.orElse(null), named.isPresent() ? "answered" : "passed"));
            }
            if (named.isPresent()) {
                return answer(router.name(), question, named.get(), access, topology);
            }
        }
        return null;
    }

    private static Answer answer(String router, String question, String named, Access access, Topology topology) {
        if (topology.databases().containsKey(named)) {
            return new Answer(router, new Placement.Answered(router, named), null);
        }
        for (Database database : topology.databases().values()) {
            if (database.replica(named).isPresent()) {
                if (access == Access.WRITE) {
                    throw new AnabranchException(
                            ErrorCode.ROUTER_INVALID,
                            "The router '" + router + "' answered " + question + " with '" + named
                                    + "', which is a replica of the database '" + database.name() + "' and takes no writes",
                            "Let it name the database, one of " + topology.databases().keySet());
                }
                return new Answer(router, new Placement.Answered(router, database.name()), named);
            }
        }
        throw new AnabranchException(
                ErrorCode.ROUTER_INVALID,
                "The router '" + router + "' answered " + question + " with '" + named + "', which does not exist at revision "
                        + topology.revision(),
                "Let it name one of " + known(topology, access) + ", or add the database to the topology");
    }

    private static List<String> known(Topology topology, Access access) {
        List<String> known = new ArrayList<>(topology.databases().keySet());
        if (access == Access.READ) {
            topology.databases().values().forEach(database -> database.replicas().forEach(one -> known.add(one.name())));
        }
        return known;
    }

    private static <T> Optional<T> ask(
            DatabaseRouter router, String question, Function<DatabaseRouter, Optional<T>> ask) {
        try {
            // A router that is not checked for null may answer with it.
            return Objects.requireNonNull(ask.apply(router), "null is no answer");
        } catch (RuntimeException | LinkageError e) {
            throw new AnabranchException(
                    ErrorCode.ROUTER_INVALID,
                    "The router '" + router.name() + "' failed in " + question + " (" + e + ")",
                    "Mend the router; to have no opinion it answers with Optional.empty()",
                    e);
        }
    }
}
