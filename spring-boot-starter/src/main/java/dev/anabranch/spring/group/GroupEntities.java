// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.spring.group;

import dev.anabranch.Anabranch;
import dev.anabranch.problem.AnabranchException;
import dev.anabranch.problem.ErrorCode;
import dev.anabranch.routing.RelationEnd;
import dev.anabranch.routing.RouterChain.Verdict;
import dev.anabranch.topology.Group;
import dev.anabranch.topology.Topology;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.core.io.ResourceLoader;
import org.springframework.orm.jpa.persistenceunit.ManagedClassNameFilter;
import org.springframework.orm.jpa.persistenceunit.PersistenceManagedTypes;
import org.springframework.orm.jpa.persistenceunit.PersistenceManagedTypesScanner;
import org.springframework.util.ClassUtils;

/**
 * The entities of each group, found by package, and the associations that lead from one group to another.
 *
 * <p>An association is allowed where a router says so, or where both groups are in the same databases. Then the entity at its
 * other end becomes known to the first group's factory too: with one connection both tables can be reached. Every other is
 * refused, all of them in one message.
 */
final class GroupEntities {
    private final GroupLayout layout;
    private final @Nullable ClassLoader loader;
    private final Map<String, PersistenceManagedTypes> scanned = new LinkedHashMap<>();
    private @Nullable Map<String, Set<String>> borrowed;

    GroupEntities(GroupLayout layout, ResourceLoader resources, @Nullable ManagedClassNameFilter filter) {
        this.layout = layout;
        this.loader = resources.getClassLoader();
        PersistenceManagedTypesScanner scanner = new PersistenceManagedTypesScanner(resources, filter);
        layout.packages().forEach((group, packages) ->
                scanned.put(group, scanner.scan(packages.toArray(String[]::new))));
    }

    /** What the group's factory manages. */
    PersistenceManagedTypes managedTypes(String group, Anabranch anabranch) {
        Set<String> classes = new LinkedHashSet<>(typesOf(group));
        classes.addAll(relate(anabranch).getOrDefault(group, Set.of()));
        PersistenceManagedTypes found = scanned.get(group);
        return PersistenceManagedTypes.of(
                List.copyOf(classes), found == null ? List.of() : found.getManagedPackages());
    }

    /** The entities of global groups that the group's entities may point to. */
    Set<String> borrowedOfGlobalGroups(String group, Anabranch anabranch) {
        Set<String> names = new LinkedHashSet<>(relate(anabranch).getOrDefault(group, Set.of()));
        names.removeIf(name -> layout.groupOf(load(name))
                .filter(owner -> anabranch.topology().group(owner) instanceof Group.Global)
                .isEmpty());
        return names;
    }

    /**
     * Asks the routers about each association between groups.
     *
     * @return the entities of other groups that a group's entities may point to, by group
     * @throws AnabranchException {@link ErrorCode#RELATION_REFUSED} naming both ends of each that is not allowed
     */
    synchronized Map<String, Set<String>> relate(Anabranch anabranch) {
        if (borrowed == null) {
            Map<String, Set<String>> found = new LinkedHashMap<>();
            Map<String, String> refusals = new LinkedHashMap<>();
            for (String group : layout.groups()) {
                found.put(group, borrowedBy(group, anabranch, refusals));
            }
            if (!refusals.isEmpty()) {
                throw new AnabranchException(
                        ErrorCode.RELATION_REFUSED,
                        String.join("; ", refusals.values()),
                        "Keep the id of the other row in place of the entity, without a foreign key, and ask its group for it;"
                                + " or keep both groups in the same database");
            }
            borrowed = found;
        }
        return borrowed;
    }

    private Set<String> borrowedBy(String group, Anabranch anabranch, Map<String, String> refusals) {
        Set<String> others = new LinkedHashSet<>();
        Deque<Class<?>> toLookAt = new ArrayDeque<>();
        typesOf(group).forEach(name -> toLookAt.add(load(name)));
        while (!toLookAt.isEmpty()) {
            Class<?> type = toLookAt.removeFirst();
            String here = layout.groupOf(type).orElse(group);
            for (Association association : Association.of(type)) {
                Optional<String> there = layout.groupOf(association.target());
                if (there.isEmpty() || there.get().equals(group)) {
                    continue;
                }
                RelationEnd from = new RelationEnd(here, association.name(), type);
                RelationEnd to = new RelationEnd(there.get(), association.target().getSimpleName(), association.target());
                Verdict verdict = here.equals(there.get())
                        ? new Verdict(true, "", "")
                        : anabranch.routers().allowsRelation(from, to, anabranch.topology());
                if (!verdict.allowed()) {
                    refusals.putIfAbsent(from + " " + to, refusal(from, to, verdict, anabranch.topology()));
                } else if (others.add(association.target().getName())) {
                    toLookAt.add(association.target());
                }
            }
        }
        return others;
    }

    private static String refusal(RelationEnd from, RelationEnd to, Verdict verdict, Topology topology) {
        return "The association " + place(from, topology) + " would lead to " + place(to, topology) + "; the router '"
                + verdict.router() + "' does not allow it (" + verdict.reason() + ")";
    }

    private static String place(RelationEnd end, Topology topology) {
        List<String> databases = new ArrayList<>(topology.group(end.group()).databases());
        return end.name() + " (group " + end.group() + ", " + (databases.size() == 1 ? "database " : "databases ")
                + String.join(", ", databases) + ")";
    }

    private List<String> typesOf(String group) {
        PersistenceManagedTypes found = scanned.get(group);
        return found == null ? List.of() : found.getManagedClassNames();
    }

    private Class<?> load(String name) {
        return ClassUtils.resolveClassName(name, loader);
    }
}
