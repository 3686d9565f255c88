// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.operations.migration.catalog;

import dev.anabranch.operations.migration.catalog.Plan.Action;
import dev.anabranch.operations.migration.catalog.Plan.Mode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Makes, changes and drops columns of tables that stay. */
final class ColumnSteps {
    private static final int MOST_CANDIDATES = 5;

    private final Comparison comparison;
    private final Plan plan;
    private final ChosenNames names;
    private final NumberingSteps numbering;
    private final Map<ObjectId, Action> fills = new TreeMap<>();

    ColumnSteps(Comparison comparison, Plan plan, ChosenNames names) {
        this.comparison = comparison;
        this.plan = plan;
        this.names = names;
        this.numbering = new NumberingSteps(comparison, plan, names);
    }

    void add() {
        for (ObjectId id : comparison.going()) {
            if (id.kind() == Kind.COLUMN && plan.drop(id) == null) {
                drop(Objects.requireNonNull(comparison.from.column(id.table(), id.name())));
            }
        }
        for (ObjectId id : comparison.coming()) {
            if (id.kind() == Kind.COLUMN && !comparison.comes(ObjectId.table(id.table()))) {
                create(Objects.requireNonNull(comparison.to.column(id.table(), id.name())));
            }
        }
        comparison.staying().forEach((id, other) -> {
            if (comparison.from.object(id) instanceof Column old
                    && comparison.to.object(other) instanceof Column now
                    && !(now.inherited() && old.inherited())) {
                alter(old, now);
            }
        });
        defaults();
    }

    private void drop(Column column) {
        Action drop = plan.drops(
                column.id(),
                plan.add(Mode.DROP, column.id(), alterTable(column) + "DROP COLUMN " + Names.quote(column.name())));
        if (!column.isGenerated()) {
            drop.losing("the values of the column " + column.table() + "." + column.name()).asking(question(column));
        }
        for (ObjectId id : comparison.going()) {
            if (id.equals(column.defaultId())) {
                plan.drops(id, drop);
            }
        }
    }

    /** Which new columns it may have become: those of its type, else any. */
    private @Nullable String question(Column gone) {
        List<Column> added = new ArrayList<>();
        for (ObjectId id : comparison.coming()) {
            if (comparison.to.object(id) instanceof Column now
                    && now.table().equals(gone.table())
                    && !comparison.from.has(id)) {
                added.add(now);
            }
        }
        List<Column> alike = added.stream().filter(now -> now.type().equals(gone.type())).toList();
        String old = gone.table() + "." + gone.name();
        String renames = (alike.isEmpty() ? added : alike)
                .stream()
                        .limit(MOST_CANDIDATES)
                        .map(now -> "--rename " + old + ":" + now.name())
                        .collect(Collectors.joining(" or "));
        return renames.isEmpty() ? null : "if " + old + " was renamed, generate again with " + renames;
    }

    /** Adds the column to a table that is there. */
    void create(Column column) {
        boolean serial = ColumnSql.needsSequence(column);
        boolean filled = column.hasDefault() || column.isGenerated() || column.identity() != null || column.serial() != null;
        boolean inBatches = isFilledInBatches(column);
        boolean later = column.notNull() && (!filled || inBatches) && !comparison.comes(ObjectId.table(column.table()));
        Action create = plan.add(
                Mode.MAKE,
                column.id(),
                alterTable(column) + "ADD COLUMN " + ColumnSql.definition(column, !inBatches, !later && !serial));
        if (ColumnSql.isWrittenToEachRow(column) && !inBatches && !comparison.comes(ObjectId.table(column.table()))) {
            create.asking("the table " + column.table() + " is rewritten while nothing can use it, as each row gets its own value");
        }
        plan.makes(column.id(), create);
        if (column.hasDefault() && !inBatches) {
            plan.makes(column.defaultId(), create);
        }
        if (serial) {
            numbering.ownSequence(column, create);
        }
        if (later || (serial && column.notNull())) {
            Action set = setNotNull(column, create);
            if (inBatches) {
                plan.before(fill(column), set);
            } else if (later) {
                set.asking("the column " + column.table() + "." + column.name()
                        + " is new and has no default: fill it in all rows before this runs");
            }
        } else if (inBatches) {
            fill(column);
        }
    }

    /**
     * Whether the new column's default differs from row to row and can be given to the rows that are there beside the writes.
     * A table that forces row security on its owner would hide rows from that, and a place of a row is none among many
     * tables; for them PostgreSQL has to write the table anew.
     */
    private boolean isFilledInBatches(Column column) {
        Table old = comparison.from.table(column.table());
        Table now = comparison.to.table(column.table());
        return old != null
                && now != null
                && column.hasDefault()
                && column.serial() == null
                && ColumnSql.isVolatileCall(column.expression())
                && !comparison.comes(now.id())
                && !old.forced()
                && !now.forced()
                && !now.isPartitioned()
                && now.parents().isEmpty()
                && comparison.to.tables().stream().noneMatch(table -> table.parents().contains(now.name()));
    }

    /** Gives the rows that are there the new column's default, after {@link #defaults} has set it for those to come. */
    private Action fill(Column column) {
        String table = Names.quote(column.table());
        String name = Names.quote(column.name());
        String update = "UPDATE " + table + " SET " + name + " = " + column.expression();
        Action fill = plan.add(
                        Mode.ONLINE,
                        column.id(),
                        phase -> phase == Phase.ONLINE
                                ? ColumnSql.batches(update, table, name + " IS NULL")
                                : update + " WHERE " + name + " IS NULL")
                .first();
        fills.put(column.defaultId(), fill);
        return fill;
    }

    private void alter(Column old, Column now) {
        Action plain = null;
        if (old.generation() == Column.Generation.STORED && !now.isGenerated()) {
            plain = plan.alters(old.id(), plan.add(Mode.MAKE, now.id(), alterColumn(now) + "DROP EXPRESSION"));
        }
        if (comparison.isRetyped(old.id())) {
            Action type = retype(old, now);
            if (plain != null) {
                plan.before(plain, type);
            }
        }
        if (!old.notNull() && now.notNull()) {
            setNotNull(now, null);
        } else if (old.notNull() && !now.notNull()) {
            dropNotNull(now);
        }
        numbering.alter(old, now);
    }

    private Action retype(Column old, Column now) {
        boolean anew = Units.needs(comparison.to, now.id()).stream()
                .anyMatch(need -> need.kind() == Kind.TYPE && comparison.from.has(need) && comparison.goes(need));
        String column = Names.quote(now.name());
        String using = !anew && ColumnSql.isAssignable(old.type(), now.type())
                ? ""
                : " USING " + column + "::text::" + now.type();
        String collation = now.collation() == null ? "" : " COLLATE " + now.collation();
        Action type = plan.add(Mode.MAKE, now.id(), alterColumn(now) + "TYPE " + now.type() + collation + using);
        plan.alters(old.id(), type);
        if (!ColumnSql.isWidening(old, now)) {
            type.asking("the table " + now.table() + " may be rewritten while nothing can use it, and a value of "
                    + now.table() + "." + now.name() + " that is no " + now.type() + " stops it");
        }
        return type;
    }

    /** Forbids nulls without a long lock: a check that is validated beside the writes spares the look at all rows. */
    private Action setNotNull(Column column, @Nullable Action created) {
        String alter = alterTable(column);
        String forbid = alterColumn(column) + "SET NOT NULL";
        if (comparison.comes(ObjectId.table(column.table()))) {
            Action set = plan.add(Mode.MAKE, column.id(), forbid);
            plan.forbidsNull(column.id(), set);
            if (created != null) {
                plan.before(created, set);
            }
            return set;
        }
        String check = Names.quote(names.free(column.table() + "_" + column.name(), "_not_null_check"));
        Action add = plan.add(
                Mode.MAKE,
                column.id(),
                alter + "ADD CONSTRAINT " + check + " CHECK (" + Names.quote(column.name()) + " IS NOT NULL) NOT VALID");
        Action validate = plan.add(Mode.ONLINE, column.id(), alter + "VALIDATE CONSTRAINT " + check);
        Action set = plan.add(Mode.ONLINE, column.id(), forbid);
        Action drop = plan.add(Mode.FINISH, column.id(), alter + "DROP CONSTRAINT " + check);
        plan.before(add, validate);
        plan.before(validate, set);
        plan.before(set, drop);
        plan.made(column.id()).forEach(create -> plan.before(create, add));
        plan.altered(column.id()).forEach(altered -> plan.before(altered, add));
        if (created != null) {
            plan.before(created, add);
        }
        plan.forbidsNull(column.id(), set);
        return validate;
    }

    private void dropNotNull(Column column) {
        List<Constraint> keys = comparison.from.constraints(column.table()).stream()
                .filter(c -> c.type() == Constraint.Type.PRIMARY_KEY && comparison.goes(c.id()))
                .toList();
        Action allow = plan.add(
                keys.isEmpty() ? Mode.MAKE : Mode.FINISH, column.id(), alterColumn(column) + "DROP NOT NULL");
        plan.allowsNull(column.id(), allow);
    }

    private void defaults() {
        for (ObjectId id : comparison.going()) {
            if (id.kind() == Kind.DEFAULT && plan.drop(id) == null) {
                plan.drops(id, plan.add(Mode.DROP, id, alterColumn(id) + "DROP DEFAULT"));
            }
        }
        for (ObjectId id : comparison.coming()) {
            if (id.kind() == Kind.DEFAULT && plan.made(id).isEmpty()) {
                Action set = plan.add(Mode.MAKE, id, setDefault(id));
                plan.makes(id, set);
                Action fill = fills.get(id);
                if (fill != null) {
                    plan.before(set, fill);
                }
            }
        }
        for (ObjectId id : comparison.staying().keySet()) {
            if (id.kind() == Kind.DEFAULT) {
                Column old = comparison.from.column(id.table(), id.name());
                Column now = comparison.to.column(id.table(), id.name());
                if (old != null && now != null && !Objects.equals(old.expression(), now.expression())) {
                    plan.alters(id, plan.add(Mode.MAKE, id, setDefault(id)));
                }
            }
        }
        comparison.staying().keySet().forEach(id -> {
            // Identity and serial come after the default has gone.
            Action drop = plan.drop(new ObjectId(Kind.DEFAULT, id.table(), id.name()));
            if (id.kind() == Kind.COLUMN && drop != null) {
                plan.actions().stream()
                        .filter(a -> a.about().equals(id) && a.mode() == Mode.MAKE && isNumbering(a))
                        .forEach(a -> plan.before(drop, a));
            }
        });
    }

    private static boolean isNumbering(Action action) {
        return action.text().contains("ADD GENERATED") || action.text().startsWith("CREATE ");
    }

    private String setDefault(ObjectId id) {
        Column column = Objects.requireNonNull(comparison.to.column(id.table(), id.name()));
        return alterColumn(id) + "SET DEFAULT " + column.expression();
    }

    private static String alterTable(Column column) {
        return "ALTER TABLE " + Names.quote(column.table()) + " ";
    }

    private static String alterColumn(Column column) {
        return alterColumn(column.id());
    }

    static String alterColumn(ObjectId id) {
        return "ALTER TABLE " + Names.quote(id.table()) + " ALTER COLUMN " + Names.quote(id.name()) + " ";
    }
}
