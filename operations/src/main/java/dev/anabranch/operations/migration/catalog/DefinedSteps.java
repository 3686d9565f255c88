// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.operations.migration.catalog;

import dev.anabranch.operations.migration.catalog.Plan.Action;
import dev.anabranch.operations.migration.catalog.Plan.Mode;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** Makes, changes and drops what is all in its definition: views, routines, triggers, policies, extended statistics. */
final class DefinedSteps {
    private final Comparison comparison;
    private final Plan plan;

    DefinedSteps(Comparison comparison, Plan plan) {
        this.comparison = comparison;
        this.plan = plan;
    }

    void add() {
        for (ObjectId id : comparison.going()) {
            SchemaObject object = comparison.from.object(id);
            if (object != null && plan.drop(id) == null) {
                drop(object);
            }
        }
        for (ObjectId id : comparison.coming()) {
            SchemaObject object = comparison.to.object(id);
            if (object != null) {
                create(object);
            }
        }
        comparison.staying().forEach((id, other) -> {
            SchemaObject now = comparison.to.object(other);
            switch (comparison.from.object(id)) {
                case View a when now instanceof View b -> {
                    if (!a.query().equals(b.query()) || !a.options().equals(b.options())) {
                        plan.changes(id, plan.add(Mode.MAKE, id, create(b, "CREATE OR REPLACE VIEW ")));
                    }
                }
                case Routine a when now instanceof Routine b -> {
                    if (!a.definition().equals(b.definition())) {
                        plan.changes(id, plan.add(Mode.MAKE, id, b.definition()));
                    }
                }
                case Trigger a when now instanceof Trigger b -> {
                    if (a.state() != b.state()) {
                        plan.changes(id, plan.add(Mode.MAKE, id, state(b)));
                    }
                }
                case null, default -> {
                    // changed elsewhere, or not at all
                }
            }
        });
        wishes();
    }

    private void drop(SchemaObject object) {
        ObjectId id = object.id();
        String sql = switch (object) {
            case View v -> "DROP " + (v.materialized() ? "MATERIALIZED VIEW " : "VIEW ") + Names.quote(v.name());
            case Routine r -> "DROP " + r.form() + " " + Names.quote(r.name()) + "(" + arguments(r) + ")";
            case Trigger t -> "DROP TRIGGER " + Names.quote(t.name()) + " ON " + Names.quote(t.table());
            case Policy p -> "DROP POLICY " + Names.quote(p.name()) + " ON " + Names.quote(p.table());
            case Statistics s -> "DROP STATISTICS " + Names.quote(s.name());
            case Table t -> "";
            case Column c -> "";
            case Constraint c -> "";
            case Index i -> "";
            case Sequence s -> "";
            case SchemaType t -> "";
        };
        if (!sql.isEmpty()) {
            Action drop = plan.drops(id, plan.add(Mode.DROP, id, sql));
            if (!comparison.isReplaced(id) && !(object instanceof Statistics)) {
                drop.losing("the definition of the " + id);
            }
            if (object instanceof View view) {
                comparison.from.indexes(view.name()).forEach(index -> plan.drops(index.id(), drop));
            }
            if (object instanceof Routine) {
                // Its name has the types of its arguments, which are about to be called otherwise.
                for (ObjectId need : Units.needs(comparison.from, id)) {
                    Action renames = plan.renameOfOld(need);
                    if (renames != null) {
                        plan.before(drop, renames);
                    }
                }
            }
        }
    }

    private static String arguments(Routine routine) {
        return routine.form() == Routine.Form.AGGREGATE && routine.arguments().isEmpty() ? "*" : routine.arguments();
    }

    private void create(SchemaObject object) {
        ObjectId id = object.id();
        switch (object) {
            case View v -> plan.makes(
                    id, plan.add(Mode.MAKE, id, create(v, v.materialized() ? "CREATE MATERIALIZED VIEW " : "CREATE VIEW ")));
            case Routine r -> plan.makes(id, plan.add(Mode.MAKE, id, r.definition()));
            case Trigger t -> {
                Action create = plan.add(Mode.MAKE, id, t.definition());
                if (t.state() == Trigger.State.ENABLED) {
                    plan.makes(id, create);
                } else {
                    plan.makes(id, create, plan.add(Mode.MAKE, id, state(t)));
                }
            }
            case Policy p -> plan.makes(
                    id,
                    plan.add(
                            Mode.MAKE,
                            id,
                            "CREATE POLICY " + Names.quote(p.name()) + " ON " + Names.quote(p.table()) + " " + p.definition()));
            case Statistics s -> plan.makes(
                    id, plan.add(Mode.MAKE, id, "CREATE STATISTICS " + Names.quote(s.name()) + " " + s.definition()));
            case Table t -> {}
            case Column c -> {}
            case Constraint c -> {}
            case Index i -> {}
            case Sequence s -> {}
            case SchemaType t -> {}
        }
    }

    private static String create(View view, String words) {
        String options = view.options().isEmpty() ? "" : " WITH (" + String.join(", ", view.options()) + ")";
        return words + Names.quote(view.name()) + options + " AS\n" + view.query();
    }

    private static String state(Trigger trigger) {
        return "ALTER TABLE " + Names.quote(trigger.table()) + " " + trigger.state().words() + " TRIGGER "
                + Names.quote(trigger.name());
    }

    /** What the text of a routine's body names had better be there before it; the catalog does not know. */
    private void wishes() {
        Map<String, ObjectId> known = new TreeMap<>();
        for (SchemaObject object : comparison.to.objects()) {
            if (object.id().table().isEmpty()) {
                known.put(object instanceof Routine routine ? routine.name() : object.id().name(), object.id());
            }
        }
        for (SchemaObject object : comparison.to.objects()) {
            if (object instanceof Routine routine && !routine.body().isEmpty()) {
                for (Action action : plan.madeOrChanged(routine.id())) {
                    Set<String> words = Identifiers.words(routine.body());
                    words.stream()
                            .filter(known::containsKey)
                            .map(known::get)
                            .filter(need -> need != null && !need.equals(routine.id()))
                            .flatMap(need -> plan.madeOrChanged(need).stream())
                            .forEach(need -> plan.beforeIfPossible(need, action));
                }
            }
        }
    }
}
