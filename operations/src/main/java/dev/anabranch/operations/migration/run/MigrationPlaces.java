// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.operations.migration.run;

import dev.anabranch.operations.migration.apply.Target;
import dev.anabranch.problem.AnabranchException;
import dev.anabranch.problem.ErrorCode;
import dev.anabranch.routing.RouterChain;
import dev.anabranch.routing.RoutingHints;
import dev.anabranch.topology.Group;
import dev.anabranch.topology.Topology;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * The databases that a group's schema is made and kept in: those that the topology places it on, unless a router says
 * otherwise. Replicas are none of them; they follow.
 *
 * @param targets where it is migrated: the topology's places in their order, then those that routers add
 * @param answers what routers have said otherwise than the topology
 */
public record MigrationPlaces(List<Target> targets, List<Answer> answers) {
    /** Copies the lists. */
    public MigrationPlaces {
        targets = List.copyOf(targets);
        answers = List.copyOf(answers);
    }

    /**
     * A router's answer that differs from the topology's.
     *
     * @param group the group's name
     * @param database the database's name
     * @param migrates whether the group is migrated there: added, or left out
     * @param router who said so
     */
    public record Answer(String group, String database, boolean migrates, String router) {
        /** {@code reviews: shard-2 is left out by the router 'ReviewsRouter'}. */
        @Override
        public String toString() {
            return group + ": " + database + (migrates ? " is added" : " is left out") + " by the router '" + router + "'";
        }
    }

    /**
     * Asks about every database of the topology.
     *
     * @throws AnabranchException {@link ErrorCode#ROUTER_INVALID} where a router fails
     */
    public static MigrationPlaces of(Group group, Topology topology, RouterChain routers) {
        Set<String> all = new LinkedHashSet<>(group.databases());
        all.addAll(topology.databases().keySet());
        return asked(group, topology, routers, all, group.databases());
    }

    /**
     * Asks about these databases alone; also one that the topology does not place the group on yet, which a router alone can
     * refuse.
     *
     * @throws AnabranchException {@link ErrorCode#ROUTER_INVALID} where a router fails
     */
    public static MigrationPlaces of(Group group, Topology topology, RouterChain routers, Collection<String> named) {
        Set<String> all = new LinkedHashSet<>(named);
        return asked(group, topology, routers, all, all);
    }

    private static MigrationPlaces asked(
            Group group, Topology topology, RouterChain routers, Set<String> all, Set<String> wanted) {
        List<Target> targets = new ArrayList<>();
        List<Answer> answers = new ArrayList<>();
        for (String database : all) {
            RouterChain.Verdict verdict = routers.allowsMigrate(database, RoutingHints.of(group.name()), topology);
            boolean placed = wanted.contains(database);
            boolean byTopology = verdict.router().equals(RouterChain.TOPOLOGY);
            boolean migrates = byTopology ? placed : verdict.allowed();
            if (migrates) {
                targets.add(Target.of(group, topology.database(database)));
            }
            if (migrates != placed) {
                answers.add(new Answer(group.name(), database, migrates, verdict.router()));
            }
        }
        return new MigrationPlaces(targets, answers);
    }
}
