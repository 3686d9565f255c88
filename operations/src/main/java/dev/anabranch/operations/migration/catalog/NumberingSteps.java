// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.operations.migration.catalog;

import dev.anabranch.operations.migration.catalog.Plan.Action;
import dev.anabranch.operations.migration.catalog.Plan.Mode;
import org.jspecify.annotations.Nullable;

/** Makes, changes and drops what numbers a column: its identity, or the sequence of a serial. */
final class NumberingSteps {
    private final Comparison comparison;
    private final Plan plan;
    private final ChosenNames names;

    NumberingSteps(Comparison comparison, Plan plan, ChosenNames names) {
        this.comparison = comparison;
        this.plan = plan;
        this.names = names;
    }

    /** The sequence of a serial column that the word serial does not make. */
    void ownSequence(Column column, Action create) {
        Column.Serial serial = column.serial();
        if (serial == null || !ColumnSql.needsSequence(column)) {
            return;
        }
        serial(column, serial, create);
    }

    private Action serial(Column column, Column.Serial serial, @Nullable Action after) {
        String name = names.free(column.table() + "_" + column.name(), "_seq");
        Table table = comparison.to.table(column.table());
        Action sequence = plan.add(
                Mode.MAKE,
                column.id(),
                "CREATE " + (table != null && table.unlogged() ? "UNLOGGED " : "") + "SEQUENCE " + Names.quote(name)
                        + ColumnSql.created(serial.options()));
        Action set = plan.add(
                Mode.MAKE,
                column.id(),
                ColumnSteps.alterColumn(column.id()) + "SET DEFAULT nextval(" + Names.literal(Names.quote(name)) + "::regclass)");
        Action own = plan.add(
                Mode.MAKE,
                column.id(),
                "ALTER SEQUENCE " + Names.quote(name) + " OWNED BY " + Names.quote(column.table()) + "."
                        + Names.quote(column.name()));
        plan.before(sequence, set);
        plan.before(set, own);
        if (after != null) {
            plan.before(after, sequence);
        }
        return sequence;
    }

    /** Identity and serial: what was goes before what will be comes. */
    void alter(Column old, Column now) {
        Column.Identity was = old.identity();
        Column.Identity will = now.identity();
        Column.Serial oldSerial = old.serial();
        Column.Serial newSerial = now.serial();
        Action gone = null;
        if (was != null && will == null) {
            gone = plan.add(Mode.MAKE, now.id(), ColumnSteps.alterColumn(now.id()) + "DROP IDENTITY");
            Action identity = gone;
            Action allows = plan.allowances().get(now.id());
            if (allows != null) {
                plan.before(gone, allows);
            }
            plan.altered(now.id()).forEach(type -> plan.before(identity, type));
        }
        if (oldSerial != null && newSerial == null) {
            Action drop = plan.add(Mode.MAKE, now.id(), ColumnSteps.alterColumn(now.id()) + "DROP DEFAULT");
            gone = plan.add(Mode.MAKE, now.id(), "DROP SEQUENCE " + Names.quote(oldSerial.sequence()))
                    .losing("the position of the sequence " + oldSerial.sequence());
            plan.before(drop, gone);
            plan.altered(now.id()).forEach(type -> plan.before(drop, type));
        }
        if (will != null && was == null) {
            identity(now, will, gone);
        } else if (will != null && was != null) {
            change(old, now, was, will);
        }
        if (newSerial != null && oldSerial == null) {
            Action sequence = serial(now, newSerial, gone);
            after(now, sequence);
        } else if (newSerial != null && oldSerial != null && !newSerial.options().equals(oldSerial.options())) {
            Action alter = new SequenceSteps(comparison, plan)
                    .options(now.id(), oldSerial.sequence(), oldSerial.options(), newSerial.options());
            plan.altered(now.id()).forEach(type -> plan.before(type, alter));
        }
    }

    private void identity(Column now, Column.Identity will, @Nullable Action gone) {
        String options = will.options().isPlain() ? "" : " (" + ColumnSql.options(will.options(), false) + ")";
        Action add = plan.add(
                        Mode.MAKE,
                        now.id(),
                        ColumnSteps.alterColumn(now.id()) + "ADD GENERATED " + (will.always() ? "ALWAYS" : "BY DEFAULT") + " AS IDENTITY"
                                + options)
                .asking("the numbers of " + now.table() + "." + now.name()
                        + " begin anew: set its sequence past the greatest value that is there");
        after(now, add);
        if (gone != null) {
            plan.before(gone, add);
        }
        Action forbids = plan.forbidsNull(now.id());
        if (forbids != null) {
            plan.before(forbids, add);
        }
    }

    private void change(Column old, Column now, Column.Identity was, Column.Identity will) {
        var words = new StringBuilder();
        if (was.always() != will.always()) {
            words.append(" SET GENERATED ").append(will.always() ? "ALWAYS" : "BY DEFAULT");
        }
        boolean follows = comparison.isRetyped(old.id())
                && was.options().isPlain()
                && will.options().isPlain();
        if (!was.options().equals(will.options()) && !follows) {
            Sequence.Options o = will.options();
            String restart = SequenceSteps.isApart(was.options(), o) ? " RESTART" : "";
            words.append(" SET INCREMENT BY " + o.increment() + " SET MINVALUE " + o.min() + " SET MAXVALUE " + o.max()
                    + " SET START WITH " + o.start() + " SET CACHE " + o.cache() + " SET " + (o.cycle() ? "CYCLE" : "NO CYCLE")
                    + restart);
        }
        if (!words.isEmpty()) {
            Action set = plan.add(Mode.MAKE, now.id(), "ALTER TABLE " + Names.quote(now.table()) + " ALTER COLUMN "
                    + Names.quote(now.name()) + words);
            plan.altered(now.id()).forEach(type -> plan.before(type, set));
        }
    }

    private void after(Column now, Action action) {
        plan.altered(now.id()).forEach(type -> plan.before(type, action));
        Action drop = plan.drop(now.defaultId());
        if (drop != null) {
            plan.before(drop, action);
        }
    }
}
