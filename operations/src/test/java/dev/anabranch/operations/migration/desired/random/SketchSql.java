// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.operations.migration.desired.random;

import dev.anabranch.operations.migration.desired.random.Sketch.Column;
import dev.anabranch.operations.migration.desired.random.Sketch.Function;
import dev.anabranch.operations.migration.desired.random.Sketch.Part;
import dev.anabranch.operations.migration.desired.random.Sketch.Table;
import dev.anabranch.operations.migration.desired.random.Sketch.View;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

import static dev.anabranch.operations.migration.desired.random.Sketch.list;
import static dev.anabranch.operations.migration.desired.random.Sketch.quoted;

/** A sketch written as a script. */
final class SketchSql {
    private final Sketch sketch;
    private final StringBuilder sql = new StringBuilder();

    private SketchSql(Sketch sketch) {
        this.sketch = sketch;
    }

    static String of(Sketch sketch) {
        return new SketchSql(sketch).write();
    }

    private String write() {
        sketch.enums.forEach(type -> {
            add("create type " + quoted(type.name) + " as enum ("
                    + type.labels.stream().map(label -> "'" + label + "'").collect(Collectors.joining(", ")) + ")");
            comment("type " + quoted(type.name), type.comment);
        });
        sketch.domains.forEach(domain -> {
            add("create domain " + quoted(domain.name) + " as " + domain.base
                    + (domain.value == null ? "" : " default " + domain.value)
                    + (domain.notNull ? " not null" : "")
                    + (domain.check == null ? "" : " check (" + domain.check + ")"));
            comment("domain " + quoted(domain.name), domain.comment);
        });
        sketch.sequences.forEach(sequence -> {
            add("create sequence " + quoted(sequence.name) + " as " + sequence.type + sequence.options);
            comment("sequence " + quoted(sequence.name), sequence.comment);
        });
        sketch.functions.stream().filter(function -> function.reads == null).forEach(this::function);
        sketch.tables.forEach(this::table);
        sketch.tables.forEach(table -> parts(table, "index"));
        sketch.tables.forEach(table -> parts(table, "foreign key"));
        sketch.sequences.stream()
                .filter(sequence -> sequence.ownerTable != null)
                .forEach(sequence -> add("alter sequence " + quoted(sequence.name) + " owned by "
                        + quoted(Objects.requireNonNull(sequence.ownerTable)) + "."
                        + quoted(Objects.requireNonNull(sequence.ownerColumn))));
        sketch.functions.stream().filter(function -> function.reads != null).forEach(this::function);
        sketch.views.forEach(this::view);
        for (Table table : sketch.tables) {
            parts(table, "trigger");
            parts(table, "policy");
            if (table.replicatesFull) {
                add("alter table " + quoted(table.name) + " replica identity full");
            }
            if (table.secured) {
                add("alter table " + quoted(table.name) + " enable row level security");
            }
            if (table.forced) {
                add("alter table " + quoted(table.name) + " force row level security");
            }
        }
        return sql.toString();
    }

    private void add(String statement) {
        sql.append(statement).append(";\n");
    }

    private void comment(String object, @Nullable String text) {
        if (text != null) {
            add("comment on " + object + " is '" + text.replace("'", "''") + "'");
        }
    }

    private void function(Function function) {
        String name = quoted(function.name) + "(" + function.arguments + ")";
        add("create function " + name + " returns " + function.returns + " "
                + function.rest.replace("$t", function.reads == null ? "" : quoted(function.reads)));
        comment("function " + quoted(function.name), function.comment);
    }

    private void table(Table table) {
        List<String> lines = new ArrayList<>();
        table.columns.forEach(column -> lines.add(column(column)));
        for (Part part : table.parts) {
            switch (part.kind) {
                case "primary key", "unique", "check", "exclude" -> lines.add(constraint(table, part));
                default -> {
                    // Made after all tables.
                }
            }
        }
        String name = quoted(table.name);
        add("create table " + name + " (\n    " + String.join(",\n    ", lines) + ")"
                + (table.partitionBy == null
                        ? ""
                        : " partition by " + table.partitionBy + " (" + quoted(table.columns.getFirst().name) + ")"));
        comment("table " + name, table.comment);
        table.columns.forEach(column -> comment("column " + name + "." + quoted(column.name), column.comment));
        for (Part part : table.parts) {
            if (List.of("primary key", "unique", "check", "exclude").contains(part.kind) && part.name != null) {
                comment("constraint " + quoted(part.name) + " on " + name, part.comment);
            }
        }
        for (int i = 0; i < table.partitions; i++) {
            String values =
                    switch (Objects.requireNonNull(table.partitionBy)) {
                        case "range" -> i == 3 ? "default" : "for values from (" + i * 100 + ") to (" + (i + 1) * 100 + ")";
                        case "list" -> i == 3 ? "default" : "for values in (" + i * 2 + ", " + (i * 2 + 1) + ")";
                        default -> "for values with (modulus 4, remainder " + i + ")";
                    };
            add("create table " + quoted(table.name + "_p" + i) + " partition of " + name + " " + values);
        }
    }

    private static String column(Column column) {
        boolean serial = Sketch.SERIAL.equals(column.identity);
        return quoted(column.name) + " "
                + (serial ? column.type.sql().replace("integer", "int").replace("int", "serial") : column.type.sql())
                + (column.collation == null ? "" : " collate " + column.collation)
                + (column.generated == null
                        ? ""
                        : " generated always as ("
                                + column.generated.replace("$", quoted(Objects.requireNonNull(column.generatedFrom)))
                                + ") stored")
                + (column.identity == null || serial ? "" : " generated " + column.identity)
                + (column.value == null ? "" : " default " + column.value)
                + (column.notNull ? " not null" : "");
    }

    private String constraint(Table table, Part part) {
        return (part.name == null ? "" : "constraint " + quoted(part.name) + " ") + text(table, part);
    }

    private static String text(Table table, Part part) {
        String text =
                switch (part.kind) {
                    case "primary key" -> "primary key (" + list(part.columns) + ")";
                    case "unique" -> "unique " + part.text + "(" + list(part.columns) + ")";
                    case "foreign key" ->
                        "foreign key (" + list(part.columns) + ") references " + quoted(Objects.requireNonNull(part.needs))
                                + " (" + list(part.otherColumns) + ")";
                    default -> part.text;
                };
        text = text.replace("%n", quoted(Objects.requireNonNullElse(part.name, ""))).replace("%t", quoted(table.name));
        for (int i = 0; i < part.columns.size(); i++) {
            text = text.replace("$" + i, quoted(part.columns.get(i)));
        }
        if (part.needs != null) {
            text = text.replace("$f", quoted(part.needs));
        }
        return text + part.tail;
    }

    private void parts(Table table, String kind) {
        for (Part part : table.parts) {
            if (!part.kind.equals(kind)) {
                continue;
            }
            String name = quoted(Objects.requireNonNullElse(part.name, ""));
            switch (kind) {
                case "foreign key" -> {
                    add("alter table " + quoted(table.name) + " add " + constraint(table, part));
                    if (part.name != null) {
                        comment("constraint " + name + " on " + quoted(table.name), part.comment);
                    }
                }
                case "index" -> {
                    add(text(table, part));
                    comment("index " + name, part.comment);
                }
                default -> {
                    add(text(table, part));
                    comment(kind + " " + name + " on " + quoted(table.name), part.comment);
                }
            }
        }
    }

    private void view(View view) {
        String name = quoted(view.name);
        String source = quoted(view.source);
        String first = quoted(view.columns.getFirst());
        String query =
                switch (view.form) {
                    case "counted" ->
                        "select " + first + "::text as kind, count(*) as amount from " + source + " group by " + first;
                    case "aliased" ->
                        "select " + view.columns.stream()
                                .map(column -> quoted(column) + " as " + quoted(column.toLowerCase(Locale.ROOT) + "_out"))
                                .collect(Collectors.joining(", ")) + " from " + source + " order by 1";
                    case "joined" ->
                        "select " + view.columns.stream().map(column -> "a." + quoted(column)).collect(Collectors.joining(", "))
                                + " from " + source + " a left join " + source + " b on a." + first
                                + " is not distinct from b." + first;
                    case "limited" -> "select " + list(view.columns) + " from " + source + " where " + first + " is not null";
                    case "listed" ->
                        "select " + list(view.columns) + ", case when true then 1 end as one from " + source + " where " + first
                                + "::text::character varying in ('a', 'b') union all select " + list(view.columns)
                                + ", 2 from " + source;
                    default -> "select " + list(view.columns) + " from " + source;
                };
        add("create " + (view.materialized ? "materialized " : "") + "view " + name + view.options + " as " + query);
        if (view.indexed) {
            add("create index " + quoted(view.name + "_first") + " on " + name + " ("
                    + quoted(sketch.columnsOf(view.name).getFirst()) + ")");
        }
        comment((view.materialized ? "materialized " : "") + "view " + name, view.comment);
    }
}
