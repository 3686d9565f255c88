// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.operations.migration.catalog;

import dev.anabranch.operations.migration.catalog.Plan.Action;
import dev.anabranch.operations.migration.catalog.Plan.Mode;
import dev.anabranch.operations.migration.catalog.Plan.NewValue;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Says which statement has to come before which, by what needs what on the old side and on the new. */
final class PlanLinks {
    private final Plan plan;
    private final Comparison comparison;

    PlanLinks(Plan plan, Comparison comparison) {
        this.plan = plan;
        this.comparison = comparison;
    }

    /** Puts everything in order by what needs what. */
    void link() {
        plan.drops().forEach((id, action) -> {
            for (ObjectId need : Units.needs(comparison.from, id)) {
                Action gone = plan.drops().get(need);
                if (gone != null) {
                    plan.before(action, gone);
                }
                // What a partition has from its parent can only be dropped once it is none any more.
                boolean afterwards = Units.isInherited(comparison.from, id);
                plan.altered(need).forEach(altered -> plan.before(afterwards ? altered : action, afterwards ? action : altered));
            }
        });
        plan.makes().forEach((id, chain) -> after(comparison.to, id, chain.getFirst()));
        Map<ObjectId, List<Action>> inPlace = new TreeMap<>(plan.alters());
        plan.changes().forEach((id, chain) -> inPlace.merge(id, chain, PlanLinks::both));
        inPlace.forEach((id, chain) -> chain.forEach(action -> {
            ObjectId now = comparison.pair(id);
            after(comparison.to, now == null ? id : now, action);
            for (ObjectId need : Units.needs(comparison.from, id)) {
                Action gone = plan.drops().get(need);
                if (gone != null) {
                    plan.before(action, gone);
                }
            }
        }));
        keys();
        plan.allowances().forEach((id, action) -> {
            for (Constraint constraint : comparison.from.constraints(id.table())) {
                Action gone = plan.drops().get(constraint.id());
                if (constraint.type() == Constraint.Type.PRIMARY_KEY && gone != null) {
                    plan.before(gone, action);
                }
            }
            Action identity = plan.identity(id.table());
            if (identity != null) {
                plan.before(identity, action);
            }
        });
        clashes();
        for (NewValue added : plan.newValues()) {
            plan.actions().stream()
                    .filter(action -> action.mode != Mode.DROP && action.about.kind() != Kind.TYPE)
                    .filter(action -> added.isUsedBy(action.text()))
                    .forEach(action -> plan.commitBefore(added.action(), action));
        }
    }

    /** A table has one primary key; and a foreign key that is made again must not take the unique index that goes. */
    private void keys() {
        for (ObjectId id : comparison.going()) {
            Action gone = plan.drops().get(id);
            if (gone == null || (id.kind() != Kind.CONSTRAINT && id.kind() != Kind.INDEX)) {
                continue;
            }
            if (comparison.from.object(id) instanceof Constraint old && old.type() == Constraint.Type.PRIMARY_KEY) {
                comparison.to.constraints(id.table()).stream()
                        .filter(key -> key.type() == Constraint.Type.PRIMARY_KEY && !plan.made(key.id()).isEmpty())
                        .forEach(key -> plan.before(gone, plan.made(key.id()).getLast()));
            }
            for (ObjectId key : comparison.going()) {
                ObjectId again = comparison.pair(key);
                if (again != null
                        && comparison.from.object(key) instanceof Constraint reference
                        && reference.type() == Constraint.Type.FOREIGN_KEY
                        && Units.needs(comparison.from, key).contains(id)
                        && !plan.made(again).isEmpty()) {
                    plan.before(gone, plan.made(again).getFirst());
                }
            }
        }
    }

    private static List<Action> both(List<Action> some, List<Action> more) {
        List<Action> all = new ArrayList<>(some);
        all.addAll(more);
        return all;
    }

    /** Where a name is needed again, what had it goes first. */
    private void clashes() {
        Map<String, ObjectId> relations = new TreeMap<>();
        Map<String, ObjectId> onTables = new TreeMap<>();
        for (ObjectId id : comparison.going()) {
            SchemaObject object = comparison.from.object(id);
            if (object != null && plan.renameOfOld(id) == null && !CatalogSnapshot.isInherited(object)) {
                Set<String> names = new LinkedHashSet<>();
                ChosenNames.relation(object, names);
                names.forEach(name -> relations.put(name, id));
                String onTable = ChosenNames.onTable(object);
                if (onTable != null) {
                    onTables.put(onTable, id);
                }
            }
        }
        for (ObjectId id : comparison.coming()) {
            List<Action> chain = plan.made(id);
            if (chain.isEmpty()) {
                continue;
            }
            // A constraint that takes over an index has its own name only at the end.
            boolean takesOver = id.kind() == Kind.CONSTRAINT && chain.size() > 1;
            Action needs = takesOver ? chain.getLast() : chain.getFirst();
            Action same = plan.renameOfOld(id) != null ? null : plan.drops().get(id);
            if (same != null) {
                plan.before(same, needs);
            }
            SchemaObject object = comparison.to.object(id);
            if (object != null && id.kind() != Kind.COLUMN) {
                Set<String> names = new LinkedHashSet<>();
                ChosenNames.relation(object, names);
                names.forEach(name -> afterDrop(relations.get(name), needs));
                String onTable = ChosenNames.onTable(object);
                if (onTable != null) {
                    afterDrop(onTables.get(onTable), needs);
                }
            }
        }
    }

    private void afterDrop(@Nullable ObjectId id, Action action) {
        Action gone = id == null ? null : plan.drops().get(id);
        if (gone != null) {
            plan.before(gone, action);
        }
    }

    private void after(CatalogSnapshot side, ObjectId id, Action action) {
        for (ObjectId need : Units.needs(side, id)) {
            List<Action> chain = plan.made(need);
            if (!chain.isEmpty()) {
                plan.before(chain.getLast(), action);
            }
            // What a partition is to have from its parent it must have before it becomes one.
            boolean before = Units.isInherited(side, id) && need.kind() == Kind.TABLE;
            plan.altered(need).forEach(altered -> plan.before(before ? action : altered, before ? altered : action));
            plan.changes().getOrDefault(need, List.of()).forEach(changed -> plan.before(changed, action));
        }
    }
}
