// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.operations.migration.catalog;

import dev.anabranch.operations.migration.catalog.Plan.Action;
import dev.anabranch.operations.migration.catalog.Plan.Mode;

/** Makes, changes and drops sequences of their own. */
final class SequenceSteps {
    private final Comparison comparison;
    private final Plan plan;

    SequenceSteps(Comparison comparison, Plan plan) {
        this.comparison = comparison;
        this.plan = plan;
    }

    void add() {
        for (ObjectId id : comparison.coming()) {
            if (comparison.to.object(id) instanceof Sequence sequence) {
                plan.makes(id, plan.add(
                        Mode.MAKE,
                        id,
                        "CREATE " + (sequence.unlogged() ? "UNLOGGED " : "") + "SEQUENCE " + Names.quote(sequence.name())
                                + ColumnSql.created(sequence.options())));
                if (!sequence.ownerColumn().isEmpty()) {
                    own(sequence);
                }
            }
        }
        for (ObjectId id : comparison.going()) {
            if (comparison.from.object(id) instanceof Sequence sequence) {
                drop(sequence);
            }
        }
        comparison.staying().forEach((id, other) -> {
            if (comparison.from.object(id) instanceof Sequence old && comparison.to.object(other) instanceof Sequence now) {
                alter(old, now);
            }
        });
    }

    private void drop(Sequence sequence) {
        Action owner = plan.drop(ObjectId.column(sequence.ownerTable(), sequence.ownerColumn()));
        if (owner != null) {
            plan.drops(sequence.id(), owner);
            return;
        }
        plan.drops(sequence.id(), plan.add(Mode.DROP, sequence.id(), "DROP SEQUENCE " + Names.quote(sequence.name()))
                .losing("the position of the sequence " + sequence.name()));
    }

    private void alter(Sequence old, Sequence now) {
        String alter = "ALTER SEQUENCE " + Names.quote(now.name()) + " ";
        if (!old.options().equals(now.options())) {
            options(now.id(), now.name(), old.options(), now.options());
        }
        boolean same = old.ownerTable().equals(now.ownerTable()) && old.ownerColumn().equals(now.ownerColumn());
        ObjectId owner = ObjectId.column(old.ownerTable(), old.ownerColumn());
        boolean again = !now.ownerColumn().isEmpty() && comparison.comes(ObjectId.column(now.ownerTable(), now.ownerColumn()));
        if (!same || again) {
            Action free = plan.add(Mode.MAKE, now.id(), alter + "OWNED BY NONE");
            Action gone = plan.drop(owner);
            if (gone != null) {
                plan.before(free, gone);
            }
            if (!now.ownerColumn().isEmpty()) {
                plan.before(free, own(now));
            }
        }
        if (old.unlogged() != now.unlogged()) {
            plan.add(Mode.MAKE, now.id(), alter + "SET " + (now.unlogged() ? "UNLOGGED" : "LOGGED"));
        }
    }

    /** Whether where a sequence began is out of its new bounds, so that where it is may be as well. */
    static boolean isApart(Sequence.Options old, Sequence.Options now) {
        return old.start() < now.min() || old.start() > now.max();
    }

    /** Changes how a sequence counts; it goes on from where it is, if that is within the new bounds. */
    Action options(ObjectId id, String name, Sequence.Options old, Sequence.Options now) {
        String alter = "ALTER SEQUENCE " + Names.quote(name) + " " + ColumnSql.options(now, true);
        boolean meets = old.min() <= now.max() && now.min() <= old.max();
        if (!meets) {
            return plan.add(Mode.MAKE, id, alter + " RESTART")
                    .asking("the sequence " + name + " begins anew, as where it is lies out of its new bounds");
        }
        Action change = plan.add(Mode.MAKE, id, alter);
        if (old.min() < now.min() || old.max() > now.max()) {
            // Else PostgreSQL refuses the bounds.
            plan.before(
                    plan.add(
                            Mode.MAKE,
                            id,
                            "SELECT setval(" + Names.literal(Names.quote(name)) + ", greatest(" + now.min() + ", least("
                                    + now.max() + ", last_value)), is_called) FROM " + Names.quote(name)
                                    + " WHERE last_value NOT BETWEEN " + now.min() + " AND " + now.max()),
                    change);
        }
        return change;
    }

    private Action own(Sequence sequence) {
        Action own = plan.add(
                Mode.MAKE,
                sequence.id(),
                "ALTER SEQUENCE " + Names.quote(sequence.name()) + " OWNED BY " + Names.quote(sequence.ownerTable()) + "."
                        + Names.quote(sequence.ownerColumn()));
        plan.made(sequence.id()).forEach(create -> plan.before(create, own));
        plan.made(ObjectId.column(sequence.ownerTable(), sequence.ownerColumn())).forEach(made -> plan.before(made, own));
        return own;
    }
}
