// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.operations.migration.catalog;

import dev.anabranch.operations.migration.catalog.Plan.Action;
import dev.anabranch.operations.migration.catalog.Plan.Mode;
import org.jspecify.annotations.Nullable;

/** Sets the replica identities of tables, when their indexes are known. */
final class ReplicaIdentitySteps {
    private final Comparison comparison;
    private final Plan plan;
    private final ChosenNames names;

    ReplicaIdentitySteps(Comparison comparison, Plan plan, ChosenNames names) {
        this.comparison = comparison;
        this.plan = plan;
        this.names = names;
    }

    void add() {
        comparison.to.tables().forEach(this::identity);
    }

    /** The replica identity, once the index is there and its columns take no nulls. */
    private void identity(Table now) {
        Table old = comparison.from.table(now.name());
        boolean made = comparison.comes(now.id());
        Table.ReplicaIdentity before = made || old == null ? new Table.ReplicaIdentity("DEFAULT", "") : old.identity();
        ObjectId index = index(now);
        // An index that is made again takes the identity with it.
        boolean again = !made && index != null && comparison.comes(index);
        if (before.equals(now.identity()) && !again) {
            return;
        }
        String name = index == null ? "" : " " + Names.quote(names.of(index));
        Action action = plan.add(
                Mode.MAKE,
                now.id(),
                "ALTER TABLE " + Names.quote(now.name()) + " REPLICA IDENTITY " + now.identity().form() + name);
        plan.identity(now.name(), action);
        plan.made(now.id()).forEach(create -> plan.before(create, action));
        if (index != null && !plan.made(index).isEmpty()) {
            plan.before(plan.made(index).getLast(), action);
        }
        for (Column column : comparison.to.columns(now.name())) {
            Action forbids = plan.forbidsNull(column.id());
            if (forbids != null && index != null) {
                plan.before(forbids, action);
            }
        }
        // Without its index a table has no identity, and updates that are replicated fail.
        for (Index was : comparison.from.indexes(now.name())) {
            Action gone = plan.drop(was.id());
            if (gone != null && !made && !again && was.definition().equals(before.index())) {
                plan.before(action, gone);
            }
        }
    }

    private @Nullable ObjectId index(Table table) {
        String definition = table.identity().index();
        if (definition.isEmpty()) {
            return null;
        }
        for (Constraint constraint : comparison.to.constraints(table.name())) {
            if (constraint.index().equals(definition)) {
                return constraint.id();
            }
        }
        for (Index index : comparison.to.indexes(table.name())) {
            if (index.unique() && index.definition().equals(definition)) {
                return index.id();
            }
        }
        return null;
    }
}
