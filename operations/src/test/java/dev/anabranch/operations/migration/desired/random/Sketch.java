// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.operations.migration.desired.random;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** A schema as a person could have written it: mutable, so that it can be changed into a related one. */
final class Sketch {
    /** In the place of an identity: a column of the type that is none. */
    static final String SERIAL = "serial";

    static final class EnumType {
        String name = "";
        List<String> labels = new ArrayList<>();
        @Nullable String comment;
    }

    static final class Domain {
        String name = "";
        String base = "";
        String family = "";
        boolean notNull;
        @Nullable String value;
        @Nullable String check;
        @Nullable String comment;
    }

    static final class Sequence {
        String name = "";
        String type = "bigint";
        String options = "";
        @Nullable String comment;
        @Nullable String ownerTable;
        @Nullable String ownerColumn;
    }

    static final class Column {
        String name = "";
        ColumnType type = ColumnType.BUILT_IN.getFirst();
        boolean notNull;
        @Nullable String value;
        /** A sequence or a function that the default calls. */
        @Nullable String valueNeeds;
        @Nullable String identity;
        /** Expression over {@link #generatedFrom}. */
        @Nullable String generated;
        @Nullable String generatedFrom;
        @Nullable String generatedFamily;
        @Nullable String collation;
        @Nullable String comment;
    }

    /** A part of a table's definition that uses columns: it goes when one of them goes or changes its family. */
    static final class Part {
        /** primary key, unique, check, exclude, index, foreign key, trigger, policy. */
        String kind = "";
        @Nullable String name;
        /** With {@code $0}, {@code $1} … for columns and {@code $f} for what it needs. */
        String text = "";
        List<String> columns = new ArrayList<>();
        List<String> families = new ArrayList<>();
        /** A function, or the table a foreign key points to. */
        @Nullable String needs;
        List<String> otherColumns = new ArrayList<>();
        String tail = "";
        @Nullable String comment;
    }

    static final class Table {
        String name = "";
        List<Column> columns = new ArrayList<>();
        List<Part> parts = new ArrayList<>();
        boolean secured;
        boolean forced;
        boolean replicatesFull;
        @Nullable String comment;
        /** range, list or hash, by the first column; null for an ordinary table. */
        @Nullable String partitionBy;
        int partitions;

        Optional<Column> column(String wanted) {
            return columns.stream().filter(column -> column.name.equals(wanted)).findFirst();
        }
    }

    static final class View {
        String name = "";
        boolean materialized;
        String source = "";
        List<String> columns = new ArrayList<>();
        /** simple, limited, listed, counted, aliased, joined. */
        String form = "simple";
        String options = "";
        boolean indexed;
        @Nullable String comment;
    }

    static final class Function {
        String name = "";
        String arguments = "";
        String returns = "integer";
        String rest = "";
        /** A table that it reads; null where it needs none. */
        @Nullable String reads;
        @Nullable String comment;

        boolean isTrigger() {
            return returns.equals("trigger");
        }
    }

    final List<EnumType> enums = new ArrayList<>();
    final List<Domain> domains = new ArrayList<>();
    final List<Sequence> sequences = new ArrayList<>();
    final List<Function> functions = new ArrayList<>();
    final List<Table> tables = new ArrayList<>();
    final List<View> views = new ArrayList<>();

    static String quoted(String name) {
        return name.matches("[a-z_][a-z0-9_]*") && !name.equals("select") && !name.equals("order") && !name.equals("user")
                ? name
                : '"' + name.replace("\"", "\"\"") + '"';
    }

    static String list(List<String> names) {
        return names.stream().map(Sketch::quoted).collect(Collectors.joining(", "));
    }

    Optional<Table> table(String name) {
        return tables.stream().filter(table -> table.name.equals(name)).findFirst();
    }

    Optional<View> view(String name) {
        return views.stream().filter(view -> view.name.equals(name)).findFirst();
    }

    /** What a view can read there. */
    List<String> columnsOf(String relation) {
        return table(relation)
                .map(table -> table.columns.stream().map(column -> column.name).toList())
                .or(() -> view(relation).map(view -> switch (view.form) {
                    case "counted" -> List.of("kind", "amount");
                    case "aliased" -> view.columns.stream().map(name -> name.toLowerCase(Locale.ROOT) + "_out").toList();
                    default -> List.copyOf(view.columns);
                }))
                .orElse(List.of());
    }

    /** Takes out whatever refers to something that is not there, until nothing does. */
    void mend() {
        for (Table table : tables) {
            mend(table);
        }
        for (Table table : tables) {
            table.parts.removeIf(part -> part.kind.equals("foreign key") && !points(table, part));
        }
        for (Sequence sequence : sequences) {
            if (sequence.ownerTable != null
                    && table(sequence.ownerTable).flatMap(t -> t.column(Objects.requireNonNull(sequence.ownerColumn))).isEmpty()) {
                sequence.ownerTable = null;
            }
        }
        functions.removeIf(function -> function.reads != null && table(function.reads).isEmpty());
        boolean changed = true;
        while (changed) {
            changed = false;
            List<View> seen = new ArrayList<>();
            for (View view : List.copyOf(views)) {
                boolean ordered = table(view.source).isPresent()
                        || seen.stream().anyMatch(earlier -> earlier.name.equals(view.source));
                List<String> there = ordered ? columnsOf(view.source) : List.of();
                changed |= view.columns.retainAll(there);
                if (view.columns.isEmpty()) {
                    views.remove(view);
                    changed = true;
                } else {
                    seen.add(view);
                }
            }
        }
    }

    private void mend(Table table) {
        List<String> types = new ArrayList<>();
        enums.forEach(type -> types.add(type.name));
        domains.forEach(type -> types.add(type.name));
        for (Column column : table.columns) {
            boolean own = column.type.family().startsWith("own ");
            if (own && !types.contains(column.type.family().substring(4))) {
                column.type = ColumnType.BUILT_IN.getFirst();
                column.value = null;
            }
            if (own && column.value != null) {
                column.value = enums.stream()
                        .filter(type -> column.type.family().equals("own " + type.name))
                        .filter(type -> type.labels.stream().anyMatch(label -> ("'" + label + "'").equals(column.value)))
                        .findFirst()
                        .map(type -> column.value)
                        .orElse(null);
            }
            if (column.valueNeeds != null
                    && (!column.type.family().equals("number")
                            || (functions.stream().noneMatch(f -> f.name.equals(column.valueNeeds))
                                    && sequences.stream().noneMatch(s -> s.name.equals(column.valueNeeds))))) {
                column.value = null;
                column.valueNeeds = null;
            }
            if (column.identity != null && !column.type.isWhole()) {
                column.identity = null;
            }
            if (column.collation != null && !column.type.isText()) {
                column.collation = null;
            }
            if (column.identity != null) {
                column.value = null;
                column.valueNeeds = null;
                column.generated = null;
                column.notNull = true;
            }
            if (column.generated != null) {
                Optional<Column> base = table.column(Objects.requireNonNull(column.generatedFrom));
                if (base.isEmpty()
                        || base.get() == column
                        || base.get().generated != null
                        || !base.get().type.family().equals(column.generatedFamily)
                        || !column.type.family().equals(column.generatedFamily)
                        || !column.type.sql().equals(base.get().type.sql())) {
                    column.generated = null;
                } else {
                    column.value = null;
                    column.valueNeeds = null;
                }
            }
        }
        table.parts.removeIf(part -> !fits(table, part));
        if (table.partitionBy != null) {
            Column key = table.columns.getFirst();
            key.generated = null;
            key.identity = null;
            key.notNull = true;
            if (!key.type.sql().equals("integer")) {
                key.type = ColumnType.BUILT_IN.getFirst();
                key.value = null;
                key.collation = null;
                table.parts.removeIf(part -> part.columns.contains(key.name));
            }
            table.parts.removeIf(part -> {
                boolean unique = part.kind.equals("primary key")
                        || part.kind.equals("unique")
                        || part.text.contains("unique index");
                return part.kind.equals("exclude")
                        || part.text.contains("no inherit")
                        || (unique && !part.columns.contains(key.name));
            });
        }
        // Of two keys over the same columns PostgreSQL makes one.
        List<List<String>> keys = new ArrayList<>();
        table.parts.removeIf(part -> {
            boolean exclusion = part.kind.equals("exclude");
            if (!exclusion && !part.kind.equals("primary key") && !part.kind.equals("unique")) {
                return false;
            }
            List<String> same = new ArrayList<>(part.columns);
            same.add(exclusion ? part.text + part.tail : "");
            boolean twin = keys.contains(same);
            keys.add(same);
            return twin;
        });
        boolean[] keyed = {false};
        table.parts.removeIf(part -> {
            boolean second = part.kind.equals("primary key") && keyed[0];
            keyed[0] |= part.kind.equals("primary key");
            return second;
        });
        for (Part part : table.parts) {
            if (part.kind.equals("primary key")) {
                part.columns.forEach(name -> table.column(name).orElseThrow().notNull = true);
            }
        }
    }

    private boolean fits(Table table, Part part) {
        for (int i = 0; i < part.columns.size(); i++) {
            Optional<Column> column = table.column(part.columns.get(i));
            if (column.isEmpty() || !column.get().type.family().equals(part.families.get(i))) {
                return false;
            }
            // A key to be set null or to its default cannot be computed.
            if (part.kind.equals("foreign key") && column.get().generated != null) {
                return false;
            }
        }
        return part.needs == null
                || part.kind.equals("foreign key")
                || functions.stream().anyMatch(function -> function.name.equals(part.needs));
    }

    private boolean points(Table table, Part key) {
        Optional<Table> target = table(Objects.requireNonNull(key.needs));
        if (target.isEmpty()
                || target.get().parts.stream().noneMatch(part -> (part.kind.equals("primary key") || part.kind.equals("unique"))
                        && !part.tail.contains("deferrable")
                        && part.columns.equals(key.otherColumns))) {
            return false;
        }
        for (int i = 0; i < key.columns.size(); i++) {
            Column from = table.column(key.columns.get(i)).orElseThrow();
            Optional<Column> to = target.get().column(key.otherColumns.get(i));
            if (to.isEmpty()
                    || !to.get().type.sql().equals(from.type.sql())
                    || !Objects.equals(from.collation, to.get().collation)) {
                return false;
            }
        }
        return true;
    }
}
