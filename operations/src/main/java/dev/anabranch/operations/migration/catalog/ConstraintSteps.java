// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.operations.migration.catalog;

import dev.anabranch.operations.migration.catalog.Plan.Action;
import dev.anabranch.operations.migration.catalog.Plan.Mode;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Makes, validates and drops constraints; on tables that are there already without a long lock, where that can be. */
final class ConstraintSteps {
    private static final Pattern DEFERRING = Pattern.compile("( DEFERRABLE)?( INITIALLY DEFERRED)?$");

    private final Comparison comparison;
    private final Plan plan;
    private final ChosenNames names;

    ConstraintSteps(Comparison comparison, Plan plan, ChosenNames names) {
        this.comparison = comparison;
        this.plan = plan;
        this.names = names;
    }

    void add() {
        for (ObjectId id : comparison.going()) {
            if (id.kind() == Kind.CONSTRAINT && plan.drop(id) == null) {
                drop((Constraint) Objects.requireNonNull(comparison.from.object(id)));
            }
        }
        for (ObjectId id : comparison.coming()) {
            if (id.kind() == Kind.CONSTRAINT && plan.made(id).isEmpty()) {
                create((Constraint) Objects.requireNonNull(comparison.to.object(id)));
            }
        }
        comparison.staying().forEach((id, other) -> {
            if (comparison.from.object(id) instanceof Constraint old
                    && comparison.to.object(other) instanceof Constraint now
                    && !old.isValid()
                    && now.isValid()) {
                plan.add(Mode.ONLINE, now.id(), alter(now) + "VALIDATE CONSTRAINT " + Names.quote(old.name()));
            }
        });
    }

    private void drop(Constraint constraint) {
        Action drop = plan.add(
                Mode.DROP, constraint.id(), alter(constraint) + "DROP CONSTRAINT " + Names.quote(constraint.name()));
        if (comparison.goes(ObjectId.table(constraint.table()))) {
            // Part of the table's going, and as final.
            drop.losing("the rows of the table " + constraint.table());
        }
        plan.drops(constraint.id(), drop);
    }

    private void create(Constraint constraint) {
        boolean made = comparison.comes(ObjectId.table(constraint.table()));
        boolean partitioned = IndexSteps.isPartitioned(comparison.to, constraint.table());
        Action[] chain = switch (constraint.type()) {
            case CHECK -> made || !constraint.isValid() ? plain(constraint) : validated(constraint);
            case FOREIGN_KEY -> made || !constraint.isValid()
                    ? plain(constraint)
                    : partitioned ? slow(constraint, "is checked") : validated(constraint);
            case EXCLUSION -> made ? plain(constraint) : slow(constraint, "is built");
            case PRIMARY_KEY, UNIQUE -> made
                    ? plain(constraint)
                    : partitioned || !constraint.index().startsWith("USING btree")
                            ? slow(constraint, "is built")
                            : usingIndex(constraint);
        };
        plan.makes(constraint.id(), chain);
        if (constraint.type() == Constraint.Type.PRIMARY_KEY) {
            for (ObjectId need : Units.needs(comparison.to, constraint.id())) {
                Action forbids = plan.forbidsNull(need);
                if (forbids != null) {
                    plan.before(forbids, chain[chain.length - 1]);
                }
            }
        }
    }

    private Action[] plain(Constraint constraint) {
        return new Action[] {plan.add(Mode.MAKE, constraint.id(), add(constraint) + constraint.definition())};
    }

    private Action[] slow(Constraint constraint, String what) {
        Action[] chain = plain(constraint);
        chain[0].asking("writes to " + constraint.table() + " wait while the constraint " + what);
        return chain;
    }

    private Action[] validated(Constraint constraint) {
        if (constraint.definition().endsWith(" NOT ENFORCED")) {
            return plain(constraint);
        }
        Action add = plan.add(Mode.MAKE, constraint.id(), add(constraint) + constraint.definition() + " NOT VALID");
        Action validate = plan.add(
                Mode.ONLINE,
                constraint.id(),
                alter(constraint) + "VALIDATE CONSTRAINT " + Names.quote(names.of(constraint.id())));
        plan.before(add, validate);
        // What needs the constraint does not wait for its validation.
        return new Action[] {add};
    }

    /** The index is built beside the writes and made the constraint's, which takes its name. */
    private Action[] usingIndex(Constraint constraint) {
        String name = names.of(constraint.id());
        boolean taken = comparison.from.objects().stream().anyMatch(object -> {
            java.util.Set<String> its = new java.util.TreeSet<>();
            ChosenNames.relation(object, its);
            return its.contains(name);
        });
        String index = Names.quote(taken ? names.free(name, "_new") : name);
        String create = "CREATE UNIQUE INDEX ";
        String on = index + " ON " + Names.quote(constraint.table()) + " " + constraint.index();
        Matcher deferring = DEFERRING.matcher(constraint.definition());
        Action build = plan.add(
                Mode.ONLINE,
                constraint.id(),
                phase -> phase == Phase.ONLINE ? create + "CONCURRENTLY IF NOT EXISTS " + on : create + on);
        Action add = plan.add(
                Mode.FINISH,
                constraint.id(),
                add(constraint) + (constraint.type() == Constraint.Type.PRIMARY_KEY ? "PRIMARY KEY" : "UNIQUE")
                        + " USING INDEX " + index + (deferring.find() ? deferring.group() : ""));
        return new Action[] {build, add};
    }

    private String add(Constraint constraint) {
        return alter(constraint) + "ADD CONSTRAINT " + Names.quote(names.of(constraint.id())) + " ";
    }

    private static String alter(Constraint constraint) {
        return "ALTER TABLE " + Names.quote(constraint.table()) + " ";
    }
}
