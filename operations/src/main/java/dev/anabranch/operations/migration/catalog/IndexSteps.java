// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.operations.migration.catalog;

import dev.anabranch.operations.migration.catalog.Plan.Action;
import dev.anabranch.operations.migration.catalog.Plan.Mode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Makes and drops indexes: concurrently where the table is there already. */
final class IndexSteps {
    private final Comparison comparison;
    private final Plan plan;
    private final ChosenNames names;

    IndexSteps(Comparison comparison, Plan plan, ChosenNames names) {
        this.comparison = comparison;
        this.plan = plan;
        this.names = names;
    }

    void add() {
        Map<String, ObjectId> coming = new TreeMap<>();
        for (ObjectId id : comparison.coming()) {
            if (id.kind() == Kind.INDEX) {
                create((Index) Objects.requireNonNull(comparison.to.object(id)));
                coming.put(names.of(id), id);
            }
        }
        for (ObjectId id : comparison.going()) {
            // A materialized view that goes takes its indexes along.
            if (id.kind() == Kind.INDEX
                    && plan.drop(id) == null
                    && !comparison.goes(ObjectId.of(Kind.VIEW, id.table()))) {
                drop((Index) Objects.requireNonNull(comparison.from.object(id)), coming.get(id.name()));
            }
        }
    }

    private void drop(Index index, @Nullable ObjectId successor) {
        String name = index.name();
        boolean partitioned = isPartitioned(comparison.from, index.table());
        boolean replaces = successor != null
                && !comparison.isReplaced(index.id())
                && !partitioned
                && plan.made(successor).getFirst().mode() == Mode.ONLINE
                && Units.needs(comparison.from, index.id()).stream().noneMatch(this::forces);
        Action rename = null;
        if (replaces) {
            // The old one serves until the new one is there.
            name = names.free(index.name(), "_old");
            rename = plan.add(
                    Mode.MAKE,
                    index.id(),
                    "ALTER INDEX " + Names.quote(index.name()) + " RENAME TO " + Names.quote(name));
        }
        String quoted = Names.quote(name);
        Action drop = partitioned
                ? plan.add(Mode.DROP, index.id(), "DROP INDEX " + quoted)
                : plan.add(
                        replaces || !forced(index) ? Mode.ONLINE : Mode.DROP,
                        index.id(),
                        phase -> phase == Phase.ONLINE
                                ? "DROP INDEX CONCURRENTLY IF EXISTS " + quoted
                                : "DROP INDEX " + quoted);
        plan.drops(index.id(), drop);
        if (rename != null) {
            plan.renamesOld(index.id(), rename);
        }
        if (rename != null && successor != null) {
            plan.before(rename, plan.made(successor).getFirst());
            plan.before(rename, drop);
            plan.before(plan.made(successor).getLast(), drop);
        }
    }

    /** Whether something that has to come first needs the index gone, or it needs something that may go early. */
    private boolean forced(Index index) {
        return comparison.isReplaced(index.id())
                || Units.needs(comparison.from, index.id()).stream().anyMatch(this::forces);
    }

    private boolean forces(ObjectId need) {
        return comparison.isRetyped(need) || comparison.goes(need) || !plan.altered(need).isEmpty();
    }

    private void create(Index index) {
        ObjectId table = ObjectId.table(index.table());
        boolean made = comparison.comes(table) || comparison.comes(ObjectId.of(Kind.VIEW, index.table()));
        String name = Names.quote(names.of(index.id()));
        String create = "CREATE " + (index.unique() ? "UNIQUE " : "") + "INDEX ";
        String on = name + " ON " + Names.quote(index.table()) + " " + index.definition();
        if (made) {
            plan.makes(index.id(), plan.add(Mode.MAKE, index.id(), create + on));
        } else if (!isPartitioned(comparison.to, index.table())) {
            plan.makes(index.id(), plan.add(
                    Mode.ONLINE,
                    index.id(),
                    phase -> phase == Phase.ONLINE ? create + "CONCURRENTLY IF NOT EXISTS " + on : create + on));
        } else {
            onPartitions(index, create, name);
        }
    }

    /** A partitioned table's index: an empty one on the parent, one on each partition beside the writes, and these attached. */
    private void onPartitions(Index index, String create, String name) {
        List<Table> partitions = comparison.to.tables().stream()
                .filter(table -> table.parents().contains(index.table()))
                .toList();
        boolean simple = partitions.stream().allMatch(partition -> !partition.isPartitioned()
                && !comparison.comes(partition.id())
                && isPartition(comparison.from.table(partition.name())));
        if (!simple) {
            plan.makes(index.id(), plan.add(
                            Mode.MAKE, index.id(), create + name + " ON " + Names.quote(index.table()) + " " + index.definition())
                    .asking("a partitioned table cannot take an index concurrently: writes wait while it is built"));
            return;
        }
        List<Action> chain = new ArrayList<>();
        chain.add(plan.add(
                Mode.MAKE, index.id(), create + name + " ON ONLY " + Names.quote(index.table()) + " " + index.definition()));
        List<Action> attaches = new ArrayList<>();
        for (Table partition : partitions) {
            String part = Names.quote(names.free(partition.name() + "_" + names.of(index.id()), ""));
            chain.add(plan.add(
                    Mode.ONLINE,
                    index.id(),
                    phase -> create + (phase == Phase.ONLINE ? "CONCURRENTLY IF NOT EXISTS " : "") + part + " ON "
                            + Names.quote(partition.name()) + " " + index.definition()));
            attaches.add(plan.add(Mode.FINISH, index.id(), "ALTER INDEX " + name + " ATTACH PARTITION " + part));
        }
        chain.addAll(attaches);
        plan.makes(index.id(), chain.toArray(Action[]::new));
    }

    static boolean isPartitioned(CatalogSnapshot side, String table) {
        Table found = side.table(table);
        return found != null && found.isPartitioned();
    }

    private static boolean isPartition(@Nullable Table table) {
        return table != null && table.isPartition();
    }
}
