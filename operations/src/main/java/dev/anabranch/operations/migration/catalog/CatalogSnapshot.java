// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.operations.migration.catalog;

import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What one schema holds: immutable, and equal to another by value. The schema's own name is no part of it, nor are grants,
 * owners, the history of migrations, and what belongs to extensions. Safe for use by many threads.
 *
 * <p>Not compared: the order of columns; the names of constraints and of indexes; the names of the sequences behind serial
 * and identity columns; what partitions and other children have from their parents, also where they say otherwise (a default
 * of a partition's own). Not read at all: rules, foreign tables, operators, casts, collations, text search, publications,
 * tablespaces, and how columns are stored.
 */
public final class CatalogSnapshot {
    private final SortedMap<ObjectId, SchemaObject> objects;
    private final Map<ObjectId, Set<ObjectId>> needs;
    private final Map<String, List<Column>> columns;

    /**
     * @param objects all that the schema holds, the columns of each table in their order
     * @param needs for each object the others that it cannot be without, as pg_depend says
     */
    CatalogSnapshot(List<? extends SchemaObject> objects, Map<ObjectId, Set<ObjectId>> needs) {
        this.objects = new TreeMap<>();
        this.columns = new LinkedHashMap<>();
        for (SchemaObject object : objects) {
            this.objects.put(object.id(), object);
            if (object instanceof Column column) {
                columns.computeIfAbsent(column.table(), t -> new java.util.ArrayList<>()).add(column);
            }
        }
        this.needs = needs.entrySet().stream()
                .collect(Collectors.toUnmodifiableMap(Map.Entry::getKey, e -> Set.copyOf(e.getValue())));
    }

    /** A schema with nothing in it. */
    public static CatalogSnapshot empty() {
        return new CatalogSnapshot(List.of(), Map.of());
    }

    /** Whether there is nothing in it. */
    public boolean isEmpty() {
        return objects.isEmpty();
    }

    /** Everything, sorted by kind and name. */
    public List<SchemaObject> objects() {
        return List.copyOf(objects.values());
    }

    /** The object of that name; null where there is none. */
    @Nullable SchemaObject object(ObjectId id) {
        return objects.get(id);
    }

    boolean has(ObjectId id) {
        return objects.containsKey(id);
    }

    /** What this object cannot be without, sorted. */
    Set<ObjectId> needs(ObjectId id) {
        return new TreeSet<>(needs.getOrDefault(id, Set.of()));
    }

    Map<ObjectId, Set<ObjectId>> needs() {
        return needs;
    }

    /** All tables by name. */
    public List<Table> tables() {
        return all(Table.class).toList();
    }

    /** The table of that name; null where there is none. */
    @Nullable Table table(String name) {
        return objects.get(ObjectId.table(name)) instanceof Table table ? table : null;
    }

    /** The columns of a table in their order, those of its parents included. */
    public List<Column> columns(String table) {
        return List.copyOf(columns.getOrDefault(table, List.of()));
    }

    /** The column of that name; null where there is none. */
    @Nullable Column column(String table, String name) {
        return objects.get(ObjectId.column(table, name)) instanceof Column column ? column : null;
    }

    /** The constraints of a table by name. */
    public List<Constraint> constraints(String table) {
        return all(Constraint.class).filter(c -> c.table().equals(table)).toList();
    }

    /** The indexes of a table or materialized view by name, without those that constraints own. */
    public List<Index> indexes(String table) {
        return all(Index.class).filter(i -> i.table().equals(table)).toList();
    }

    /** The row-level security policies of a table by name. */
    public List<Policy> policies(String table) {
        return all(Policy.class).filter(p -> p.table().equals(table)).toList();
    }

    /** All objects of one class, sorted. */
    <T extends SchemaObject> Stream<T> all(Class<T> type) {
        return objects.values().stream().filter(type::isInstance).map(type::cast);
    }

    /** What counts in a comparison, sorted so that names which are of no matter play no part. */
    private List<SchemaObject> compared() {
        return objects.values().stream()
                .filter(object -> !isInherited(object))
                .sorted(Comparator.comparing(CatalogSnapshot::comparedName))
                .toList();
    }

    static boolean isInherited(SchemaObject object) {
        return switch (object) {
            case Column column -> column.inherited();
            case Constraint constraint -> constraint.inherited();
            case Index index -> index.inherited();
            case Table t -> false;
            case Sequence s -> false;
            case View v -> false;
            case Routine r -> false;
            case Trigger t -> false;
            case Policy p -> false;
            case Statistics s -> false;
            case SchemaType t -> false;
        };
    }

    private static String comparedName(SchemaObject object) {
        return switch (object) {
            case Constraint c -> "constraint " + c.table() + ' ' + c.definition() + ' ' + c.comment();
            case Index i -> "index " + i.table() + ' ' + i.definition() + ' ' + i.unique() + i.valid() + ' ' + i.comment();
            case Column c -> c.id().toString();
            case Table t -> t.id().toString();
            case Sequence s -> s.id().toString();
            case View v -> v.id().toString();
            case Routine r -> r.id().toString();
            case Trigger t -> t.id().toString();
            case Policy p -> p.id().toString();
            case Statistics s -> s.id().toString();
            case SchemaType t -> t.id().toString();
        };
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof CatalogSnapshot that && compared().equals(that.compared());
    }

    @Override
    public int hashCode() {
        return compared().hashCode();
    }

    /** One line for each object. */
    @Override
    public String toString() {
        return compared().stream().map(Object::toString).collect(Collectors.joining("\n"));
    }
}
