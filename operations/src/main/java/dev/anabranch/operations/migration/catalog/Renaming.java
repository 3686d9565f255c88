// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.operations.migration.catalog;

import dev.anabranch.problem.AnabranchException;
import dev.anabranch.problem.ErrorCode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The renames: as statements, and as the snapshot that they lead to. */
final class Renaming {
    private static final Step.Unsafe RENAMED = new Step.Unsafe("rename-breaks-code", "the rename was asked for");
    private static final Pattern SAME_NAME = Pattern.compile("(?<![\\p{L}\\p{N}_\"])([\\p{L}_][\\p{L}\\p{N}_]*|\"[^\"]+\") AS \\1(,|\n|$)");

    private final CatalogSnapshot from;
    private final Map<String, String> tables;

    /** By old table and old column; children's inherited columns included. */
    private final Map<ObjectId, String> columns = new TreeMap<>();

    private final List<Step> steps = new ArrayList<>();

    Renaming(CatalogSnapshot from, CatalogSnapshot to, Renames renames) {
        this.from = from;
        this.tables = new TreeMap<>(renames.tables());
        for (Map.Entry<String, String> table : tables.entrySet()) {
            check(from.table(table.getKey()) != null, "table " + table.getKey(), "is not there to be renamed");
            check(to.table(table.getValue()) != null, "table " + table.getValue(), "is not wanted, so nothing is renamed to it");
        }
        Map<String, String> back = new HashMap<>();
        tables.forEach((old, now) -> back.put(now, old));
        new TreeMap<>(renames.columns()).forEach((key, now) -> {
            // A name may have a dot in it: the longest table that is wanted counts.
            String table = to.tables().stream()
                    .map(Table::name)
                    .filter(name -> key.startsWith(name + "."))
                    .max(java.util.Comparator.comparing(String::length))
                    .orElse("");
            check(!table.isEmpty(), "column " + key, "belongs to no table that is wanted (write the table's new name)");
            String old = key.substring(table.length() + 1);
            String oldTable = back.getOrDefault(table, table);
            check(from.column(oldTable, old) != null, "column " + oldTable + "." + old, "is not there to be renamed");
            check(to.column(table, now) != null, "column " + table + "." + now, "is not wanted, so nothing is renamed to it");
            columns.put(ObjectId.column(oldTable, old), now);
        });
        statements();
        children();
    }

    private static void check(boolean holds, String what, String problem) {
        if (!holds) {
            throw new AnabranchException(
                    ErrorCode.CONFIGURATION_INVALID, "The " + what + " " + problem, "Correct --rename, or leave it out");
        }
    }

    /** The statements. */
    List<Step> steps() {
        return List.copyOf(steps);
    }

    private void statements() {
        Set<String> used = from.tables().stream().map(Table::name).collect(Collectors.toCollection(TreeSet::new));
        order(tables, used).forEach((old, now) -> steps.add(new Step(
                Phase.EXPAND,
                "table " + now,
                "ALTER TABLE " + Names.quote(old) + " RENAME TO " + Names.quote(now),
                null,
                "programs that run still use the old name " + old,
                RENAMED)));
        Map<String, Map<String, String>> byTable = new TreeMap<>();
        columns.forEach((id, now) -> byTable.computeIfAbsent(id.table(), t -> new TreeMap<>()).put(id.name(), now));
        byTable.forEach((table, names) -> {
            String named = tables.getOrDefault(table, table);
            Set<String> there = from.columns(table).stream().map(Column::name).collect(Collectors.toCollection(TreeSet::new));
            order(names, there).forEach((old, now) -> steps.add(new Step(
                    Phase.EXPAND,
                    "column " + named + "." + now,
                    "ALTER TABLE " + Names.quote(named) + " RENAME COLUMN " + Names.quote(old) + " TO " + Names.quote(now),
                    null,
                    "programs that run still use the old name " + old,
                    RENAMED)));
        });
    }

    /** The renames such that no new name is still in use; those that go in a circle by way of a name for the time being. */
    private static Map<String, String> order(Map<String, String> names, Set<String> used) {
        Map<String, String> open = new TreeMap<>(names);
        Map<String, String> ordered = new LinkedHashMap<>();
        while (!open.isEmpty()) {
            String next = open.keySet().stream()
                    .filter(old -> !used.contains(open.get(old)))
                    .findFirst()
                    .orElse(null);
            if (next == null) {
                String stuck = open.keySet().iterator().next();
                String between = Names.free(stuck, "_between", used::contains);
                ordered.put(stuck, between);
                open.put(between, java.util.Objects.requireNonNull(open.remove(stuck)));
                used.remove(stuck);
                used.add(between);
            } else {
                String now = java.util.Objects.requireNonNull(open.remove(next));
                ordered.put(next, now);
                used.remove(next);
                used.add(now);
            }
        }
        return ordered;
    }

    /** A parent's rename renames the children's columns. */
    private void children() {
        boolean more = true;
        while (more) {
            more = false;
            for (Table table : from.tables()) {
                for (Column column : from.columns(table.name())) {
                    for (String parent : table.parents()) {
                        String now = columns.get(ObjectId.column(parent, column.name()));
                        if (column.inherited() && now != null && columns.putIfAbsent(column.id(), now) == null) {
                            more = true;
                        }
                    }
                }
            }
        }
    }

    /** The snapshot after the renames. */
    CatalogSnapshot renamed() {
        if (tables.isEmpty() && columns.isEmpty()) {
            return from;
        }
        Map<ObjectId, ObjectId> ids = new HashMap<>();
        List<SchemaObject> objects = new ArrayList<>();
        // Columns in their tables' order, which the sorted objects do not keep.
        for (Table table : from.tables()) {
            from.columns(table.name()).forEach(column -> objects.add(renamed(column)));
        }
        for (SchemaObject object : from.objects()) {
            SchemaObject now = renamed(object);
            ids.put(object.id(), now.id());
            if (object instanceof Column column && now instanceof Column renamed) {
                ids.put(column.defaultId(), renamed.defaultId());
            } else {
                objects.add(now);
            }
        }
        Map<ObjectId, Set<ObjectId>> needs = new HashMap<>();
        from.needs().forEach((id, of) -> needs.put(
                ids.getOrDefault(id, id), of.stream().map(need -> ids.getOrDefault(need, need)).collect(Collectors.toSet())));
        return new CatalogSnapshot(objects, needs);
    }

    private String table(String name) {
        return tables.getOrDefault(name, name);
    }

    private SchemaObject renamed(SchemaObject object) {
        return switch (object) {
            case Table t -> t.named(
                    table(t.name()),
                    t.parents().stream().map(this::table).toList(),
                    t.partitionKey() == null ? null : text(t.id(), t.name(), t.partitionKey()),
                    new Table.ReplicaIdentity(t.identity().form(), text(t.id(), t.name(), t.identity().index())));
            case Column c -> c.named(
                    table(c.table()),
                    columns.getOrDefault(c.id(), c.name()),
                    c.expression() == null ? null : text(c.id(), c.table(), c.expression()));
            case Constraint c -> c.named(
                    table(c.table()),
                    c.type() == Constraint.Type.FOREIGN_KEY ? reference(c) : text(c.id(), c.table(), c.definition()),
                    text(c.id(), c.table(), c.index()),
                    table(c.references()));
            case Index i -> i.named(table(i.table()), text(i.id(), i.table(), i.definition()));
            case Sequence s -> s.ownedBy(
                    table(s.ownerTable()),
                    columns.getOrDefault(ObjectId.column(s.ownerTable(), s.ownerColumn()), s.ownerColumn()));
            // The server leaves out AS where the column has that name anyway.
            case View v -> v.asking(SAME_NAME.matcher(text(v.id(), "", v.query())).replaceAll("$1$2"));
            case Routine r -> new Routine(
                    r.name(),
                    text(r.id(), "", r.arguments()),
                    r.form(),
                    text(r.id(), "", r.signature()),
                    text(r.id(), "", r.definition()),
                    r.body(),
                    r.comment());
            case Trigger t -> t.named(table(t.table()), text(t.id(), t.table(), t.definition()));
            case Policy p -> p.named(table(p.table()), text(p.id(), p.table(), p.definition()));
            case Statistics s -> s.named(table(s.table()), text(s.id(), s.table(), s.definition()));
            case SchemaType t -> t;
        };
    }

    private String reference(Constraint key) {
        int cut = key.definition().indexOf(" REFERENCES ");
        return Identifiers.replace(key.definition().substring(0, cut), names(key.table()))
                + Identifiers.replace(key.definition().substring(cut), names(key.references()));
    }

    private Map<String, String> names(String table) {
        Map<String, String> names = new HashMap<>();
        columns.forEach((id, now) -> {
            if (id.table().equals(table)) {
                names.put(id.name(), now);
            }
        });
        String now = tables.get(table);
        if (now != null) {
            names.put(table, now);
        }
        return names;
    }

    /** The definition with the new names; such as nothing else equals where it cannot be told whose a name is. */
    private String text(ObjectId id, String own, @Nullable String definition) {
        if (definition == null || definition.isEmpty()) {
            return "";
        }
        Set<String> used = new TreeSet<>(Set.of(own));
        from.needs(id).forEach(need -> used.add(need.kind() == Kind.TABLE ? need.name() : need.table()));
        Map<String, String> names = new HashMap<>();
        used.forEach(table -> names.putAll(names(table)));
        for (String table : used) {
            for (Column column : from.columns(table)) {
                String now = names.get(column.name());
                if (now != null && !now.equals(columns.get(column.id()))) {
                    return "-- " + definition;
                }
            }
        }
        return names.isEmpty() ? definition : Identifiers.replace(definition, names);
    }
}
