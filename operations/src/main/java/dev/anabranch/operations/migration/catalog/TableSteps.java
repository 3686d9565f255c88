// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.operations.migration.catalog;

import dev.anabranch.operations.migration.catalog.Plan.Action;
import dev.anabranch.operations.migration.catalog.Plan.Mode;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Makes, changes and drops tables; the parts of a table that is made or dropped are made and dropped with it. */
final class TableSteps {
    private final Comparison comparison;
    private final Plan plan;
    private final ColumnSteps columns;
    private final NumberingSteps numbering;

    TableSteps(Comparison comparison, Plan plan, ChosenNames names) {
        this.comparison = comparison;
        this.plan = plan;
        this.columns = new ColumnSteps(comparison, plan, names);
        this.numbering = new NumberingSteps(comparison, plan, names);
    }

    void add() {
        for (ObjectId id : comparison.going()) {
            if (comparison.from.object(id) instanceof Table table) {
                drop(table);
            }
        }
        for (ObjectId id : comparison.coming()) {
            if (comparison.to.object(id) instanceof Table table) {
                create(table);
            }
        }
        comparison.staying().forEach((id, other) -> {
            if (comparison.from.object(id) instanceof Table old && comparison.to.object(other) instanceof Table now) {
                alter(old, now);
            }
        });
        columns.add();
        comparison.staying().forEach((id, other) -> {
            if (comparison.from.object(id) instanceof Table old
                    && comparison.to.object(other) instanceof Table now
                    && !(Objects.equals(old.bound(), now.bound()) && old.parents().equals(now.parents()))) {
                attach(old, now);
            }
        });
    }

    private Action drop(Table table) {
        Action known = plan.drop(table.id());
        if (known != null) {
            return known;
        }
        Table parent = table.isPartition() ? comparison.from.table(table.parents().getFirst()) : null;
        Action drop = parent != null && comparison.goes(parent.id()) ? drop(parent) : dropAlone(table);
        plan.drops(table.id(), drop);
        for (ObjectId id : comparison.going()) {
            SchemaObject part = comparison.from.object(id);
            if (id.table().equals(table.name())
                    && !(part instanceof Constraint key && isCircular(key))
                    && !leadsBack(comparison.from, id, table)) {
                plan.drops(id, drop);
            }
        }
        return drop;
    }

    private Action dropAlone(Table table) {
        String rows = comparison.isReplaced(table.id())
                ? "the rows of the table " + table.name() + ", which has to be made again"
                : "the rows of the table " + table.name();
        String lost = table.isPartitioned() ? rows + " and of its partitions" : rows;
        Action drop = plan.add(Mode.DROP, table.id(), "DROP TABLE " + Names.quote(table.name()))
                .losing(lost)
                .asking(question(table));
        if (table.isPartition() && isReferred(table)) {
            // The foreign keys to the parent hold each partition.
            Action detach = plan.add(
                            Mode.DROP,
                            table.id(),
                            "ALTER TABLE " + Names.list(table.parents()) + " DETACH PARTITION " + Names.quote(table.name()))
                    .losing(lost);
            plan.before(detach, drop);
        }
        return drop;
    }

    private boolean isReferred(Table partition) {
        Set<String> above = new TreeSet<>();
        for (Table table = partition; table != null && table.isPartition(); ) {
            String parent = table.parents().getFirst();
            above.add(parent);
            table = comparison.from.table(parent);
        }
        return comparison.from.all(Constraint.class).anyMatch(key -> above.contains(key.references()));
    }

    /** A foreign key between two tables that go, and that leads back. */
    private boolean isCircular(Constraint key) {
        if (key.type() != Constraint.Type.FOREIGN_KEY || key.references().isEmpty() || key.references().equals(key.table())) {
            return false;
        }
        Set<String> seen = new TreeSet<>();
        List<String> next = new ArrayList<>(List.of(key.references()));
        while (!next.isEmpty()) {
            String table = next.removeLast();
            if (table.equals(key.table())) {
                return true;
            }
            if (seen.add(table) && comparison.goes(ObjectId.table(table))) {
                comparison.from.constraints(table).stream()
                        .filter(c -> !c.references().isEmpty() && !c.references().equals(table))
                        .forEach(c -> next.add(c.references()));
            }
        }
        return false;
    }

    private @Nullable String question(Table gone) {
        if (comparison.isReplaced(gone.id())) {
            return "a table cannot be turned into this one in place: copy its rows first if they matter";
        }
        Set<String> columns = names(comparison.from, gone.name());
        for (ObjectId id : comparison.coming()) {
            if (id.kind() == Kind.TABLE && !comparison.from.has(id)) {
                Set<String> others = names(comparison.to, id.name());
                Set<String> common = new TreeSet<>(columns);
                common.retainAll(others);
                if (!common.isEmpty() && common.size() * 2 >= Math.max(columns.size(), others.size())) {
                    return "if " + gone.name() + " was renamed to " + id.name() + ", generate again with --rename "
                            + gone.name() + ":" + id.name();
                }
            }
        }
        return null;
    }

    private static Set<String> names(CatalogSnapshot side, String table) {
        Set<String> found = new TreeSet<>();
        side.columns(table).forEach(column -> found.add(column.name() + " " + column.type()));
        return found;
    }

    private void create(Table table) {
        List<ObjectId> within = new ArrayList<>();
        List<String> parts = new ArrayList<>();
        for (Column column : comparison.to.columns(table.name())) {
            if (!column.inherited() && !leadsBack(comparison.to, column.id(), table)) {
                boolean withDefault = column.hasDefault() && !leadsBack(comparison.to, column.defaultId(), table);
                within.add(column.id());
                if (withDefault) {
                    within.add(column.defaultId());
                }
                parts.add(ColumnSql.definition(column, withDefault, true));
            }
        }
        if (!table.isPartition()) {
            for (Constraint constraint : comparison.to.constraints(table.name())) {
                if (constraint.type() != Constraint.Type.FOREIGN_KEY
                        && !constraint.inherited()
                        && constraint.isValid()
                        && !leadsBack(comparison.to, constraint.id(), table)) {
                    within.add(constraint.id());
                    parts.add("CONSTRAINT " + Names.quote(constraint.name()) + " " + constraint.definition());
                }
            }
        }
        Action create = plan.add(Mode.MAKE, table.id(), createSql(table, parts));
        plan.makes(table.id(), create);
        within.forEach(id -> {
            plan.makes(id, create);
            if (comparison.to.object(id) instanceof Column column) {
                numbering.ownSequence(column, create);
            }
        });
        security(null, table, create);
        comparison.to.columns(table.name()).stream()
                .filter(column -> !column.inherited() && !within.contains(column.id()))
                .forEach(column -> columns.create(column));
    }

    private static String createSql(Table table, List<String> parts) {
        var sql = new StringBuilder("CREATE ").append(table.unlogged() ? "UNLOGGED " : "").append("TABLE ")
                .append(Names.quote(table.name()));
        if (table.isPartition()) {
            sql.append(" PARTITION OF ").append(Names.list(table.parents())).append(' ').append(table.bound());
        } else {
            sql.append(parts.isEmpty() ? " ()" : " (\n    " + String.join(",\n    ", parts) + "\n)");
            sql.append(table.parents().isEmpty() ? "" : " INHERITS (" + Names.list(table.parents()) + ")");
        }
        sql.append(table.partitionKey() == null ? "" : " PARTITION BY " + table.partitionKey());
        return sql.append(table.options().isEmpty() ? "" : " WITH (" + String.join(", ", table.options()) + ")").toString();
    }

    /** Whether the part needs something that itself needs the table: then it is made after both, and goes before. */
    private static boolean leadsBack(CatalogSnapshot side, ObjectId part, Table table) {
        Set<ObjectId> seen = new TreeSet<>();
        List<ObjectId> next = new ArrayList<>();
        for (ObjectId need : Units.needs(side, part)) {
            boolean own = need.equals(table.id()) || need.table().equals(table.name());
            // Other tables come back by foreign keys only, which are parts of none.
            if (!own && need.kind() != Kind.TABLE && need.kind() != Kind.COLUMN && need.kind() != Kind.CONSTRAINT) {
                next.add(need);
            }
        }
        while (!next.isEmpty()) {
            for (ObjectId need : Units.needs(side, next.removeLast())) {
                if (need.equals(table.id()) || need.table().equals(table.name())) {
                    return true;
                }
                if (seen.add(need)) {
                    next.add(need);
                }
            }
        }
        return false;
    }

    private void alter(Table old, Table now) {
        String alter = "ALTER TABLE " + Names.quote(now.name()) + " ";
        if (old.unlogged() != now.unlogged()) {
            plan.alters(old.id(), plan.add(Mode.MAKE, now.id(), alter + "SET " + (now.unlogged() ? "UNLOGGED" : "LOGGED"))
                    .asking("the table is rewritten while nothing can use it"));
        }
        options(old.options(), now.options(), alter, now.id());
        security(old, now, null);
    }

    /** Sets what changed among the options of a table or view. */
    private void options(List<String> old, List<String> now, String alter, ObjectId id) {
        List<String> set = now.stream().filter(option -> !old.contains(option)).toList();
        List<String> reset = old.stream()
                .map(option -> option.substring(0, option.indexOf('=')))
                .filter(name -> now.stream().noneMatch(option -> option.startsWith(name + "=")))
                .toList();
        if (!set.isEmpty()) {
            plan.add(Mode.MAKE, id, alter + "SET (" + String.join(", ", set) + ")");
        }
        if (!reset.isEmpty()) {
            plan.add(Mode.MAKE, id, alter + "RESET (" + String.join(", ", reset) + ")");
        }
    }

    private void attach(Table old, Table now) {
        Action detach = null;
        if (old.isPartition()) {
            detach = plan.add(
                    Mode.MAKE,
                    now.id(),
                    "ALTER TABLE " + Names.list(old.parents()) + " DETACH PARTITION " + Names.quote(old.name()));
            plan.alters(old.id(), detach);
        }
        if (now.isPartition()) {
            Action attach = plan.add(
                    Mode.MAKE,
                    now.id(),
                    "ALTER TABLE " + Names.list(now.parents()) + " ATTACH PARTITION " + Names.quote(now.name()) + " "
                            + now.bound());
            attach.asking("every row of " + now.name() + " is read to see that it belongs there, while nothing can write");
            plan.alters(old.id(), attach);
            if (detach != null) {
                plan.before(detach, attach);
            }
            for (ObjectId id : comparison.staying().keySet()) {
                if (id.table().equals(now.name())) {
                    plan.altered(id).forEach(altered -> plan.before(altered, attach));
                    Action forbids = plan.forbidsNull(id);
                    if (forbids != null) {
                        plan.before(forbids, attach);
                    }
                }
            }
        }
    }

    private void security(@Nullable Table old, Table now,
            @Nullable Action create) {
        String alter = "ALTER TABLE " + Names.quote(now.name()) + " ";
        List<String> words = new ArrayList<>();
        if ((old != null && old.rowSecurity()) != now.rowSecurity()) {
            words.add((now.rowSecurity() ? "ENABLE" : "DISABLE") + " ROW LEVEL SECURITY");
        }
        if ((old != null && old.forced()) != now.forced()) {
            words.add((now.forced() ? "FORCE" : "NO FORCE") + " ROW LEVEL SECURITY");
        }
        for (String word : words) {
            Action action = plan.add(Mode.MAKE, now.id(), alter + word);
            if (create != null) {
                plan.before(create, action);
            }
        }
    }
}
