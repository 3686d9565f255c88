// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.operations.migration.desired.random;

import dev.anabranch.operations.migration.desired.random.Sketch.Column;
import dev.anabranch.operations.migration.desired.random.Sketch.Function;
import dev.anabranch.operations.migration.desired.random.Sketch.Part;
import dev.anabranch.operations.migration.desired.random.Sketch.Table;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Makes up what a table has besides columns: keys, checks, references, indexes, triggers and policies. */
final class PartSketcher {
    private final Draw draw;
    private final Sketch sketch;
    private final Sketcher names;

    /**
     * @param names gives names that nothing has yet
     */
    PartSketcher(Draw draw, Sketch sketch, Sketcher names) {
        this.draw = draw;
        this.sketch = sketch;
        this.names = names;
    }

    private Part part(String kind, Table table, List<String> columns) {
        var part = new Part();
        part.kind = kind;
        part.columns.addAll(columns);
        columns.forEach(name -> part.families.add(table.column(name).orElseThrow().type.family()));
        part.comment = names.comment();
        return part;
    }

    private List<String> columns(Table table, int most) {
        return draw.some(table.columns.stream().map(column -> column.name).toList(), most);
    }

    private @Nullable String maybeNamed(String wish) {
        return draw.percent(60) ? names.fresh(wish) : null;
    }

    void addKey(Table table, String kind) {
        List<String> columns = new ArrayList<>(columns(table, 2));
        if (table.partitionBy != null && !columns.contains(table.columns.getFirst().name)) {
            columns.add(table.columns.getFirst().name);
        }
        Part part = part(kind, table, columns);
        part.name = maybeNamed(table.name + (kind.equals("unique") ? "_unique" : "_key"));
        part.text = kind.equals("unique") && draw.percent(20) ? "nulls not distinct " : "";
        part.tail = draw.percent(15) ? draw.of(" deferrable", " deferrable initially deferred") : "";
        table.parts.add(part);
    }

    void addPart(Table table) {
        switch (draw.below(9)) {
            case 0 -> addKey(table, "unique");
            case 1 -> addCheck(table);
            case 2, 3 -> addForeignKey(table);
            case 4, 5 -> addIndex(table);
            case 6 -> addExclusion(table);
            case 7 -> addTrigger(table);
            default -> addPolicy(table);
        }
    }

    private void addCheck(Table table) {
        // Text is where the server writes a condition in another way than it was written.
        List<String> texts = table.columns.stream()
                .filter(column -> column.type.isText())
                .map(column -> column.name)
                .toList();
        List<String> columns = texts.isEmpty() || draw.percent(60) ? columns(table, 2) : List.of(draw.of(texts));
        Part part = part("check", table, columns);
        part.name = maybeNamed(table.name + "_rule");
        if (columns.size() == 2) {
            part.text = "check (" + draw.of("$0 is null or $1 is not null", "num_nonnulls($0, $1) = 1") + ")";
        } else {
            ColumnType type = table.column(columns.getFirst()).orElseThrow().type;
            part.text = "check (" + draw.of(type.checks()).replace("$", "$0") + ")";
            Optional<Function> function = sketch.functions.stream()
                    .filter(it -> it.arguments.equals("a integer"))
                    .findFirst();
            if (type.isWhole() && function.isPresent() && draw.percent(30)) {
                part.needs = function.get().name;
                part.text = "check ($f($0::integer) > 0)";
            }
        }
        part.tail = draw.percent(8) ? " no inherit" : "";
        part.text = part.text + part.tail;
        part.tail = "";
        table.parts.add(part);
    }

    private void addForeignKey(Table table) {
        Table target = draw.of(sketch.tables);
        List<Part> keys = target.parts.stream()
                .filter(part -> part.kind.equals("primary key") || part.kind.equals("unique"))
                .toList();
        if (keys.isEmpty()) {
            return;
        }
        Part key = draw.of(keys);
        List<String> columns = new ArrayList<>();
        for (String name : key.columns) {
            Column wanted = target.column(name).orElseThrow();
            Optional<String> same = table.columns.stream()
                    .filter(column -> column.type.sql().equals(wanted.type.sql())
                            && Objects.equals(column.collation, wanted.collation)
                            && !columns.contains(column.name)
                            && (column != wanted || draw.percent(10)))
                    .map(column -> column.name)
                    .findAny();
            if (same.isPresent()) {
                columns.add(same.get());
                continue;
            }
            var column = new Column();
            column.name = target.name.toLowerCase(Locale.ROOT) + "_" + name;
            if (table.column(column.name).isPresent()) {
                return;
            }
            column.type = wanted.type;
            column.collation = wanted.collation;
            table.columns.add(column);
            columns.add(column.name);
        }
        Part part = part("foreign key", table, columns);
        part.name = maybeNamed(table.name + "_to");
        part.needs = target.name;
        part.otherColumns.addAll(key.columns);
        part.tail = draw.of("", "", " on delete cascade", " on delete restrict on update cascade", " on delete set null",
                        " match full", " on update set default")
                + draw.of("", "", "", " deferrable", " deferrable initially deferred");
        table.parts.add(part);
    }

    private void addIndex(Table table) {
        List<String> columns = columns(table, 3);
        Part part = part("index", table, columns);
        part.name = names.fresh(draw.of("by_" + table.name, "Index", "lookup"));
        Column first = table.column(columns.getFirst()).orElseThrow();
        String family = first.type.family();
        String keys = "$0" + draw.of("", "", " desc", " desc nulls last", " nulls first");
        String method = "btree";
        boolean unique = draw.percent(20) && (table.partitionBy == null || columns.contains(table.columns.getFirst().name));
        if (family.equals("text") && draw.percent(40)) {
            keys = draw.of("lower($0)", "$0 collate \"C\"", "$0 text_pattern_ops", "(($0 || 'x'))", "lower($0) desc");
            keys = first.type.sql().equals("character(3)") ? keys.replace("text_pattern_ops", "bpchar_pattern_ops") : keys;
            unique = false;
        } else if (family.equals("number") && draw.percent(30)) {
            keys = draw.of("($0 + 1)", "abs($0)", "(coalesce($0, 0)) desc");
            unique = false;
        } else if (draw.percent(20)) {
            method = switch (family) {
                case "jsonb", "texts", "numbers", "words" -> "gin";
                case "range", "period" -> "gist";
                default -> draw.of("hash", "hash", family.equals("number") || family.equals("date") ? "brin" : "hash");
            };
            keys = family.equals("jsonb") && draw.percent(50) ? "$0 jsonb_path_ops" : "$0";
            if (method.equals("hash") && List.of("words", "bits", "own").stream().anyMatch(family::startsWith)) {
                method = "btree";
            }
            unique = false;
        }
        boolean ordered = method.equals("btree");
        String more = columns.size() > 1 && ordered ? draw.of(", $1", ", $1 desc") : "";
        boolean included = columns.size() > 2 && ordered;
        String tail = included ? draw.of(" include ($2)", "") : "";
        if (columns.size() == 2 && ordered && !unique && draw.percent(30)) {
            more = "";
            tail = " include ($1)";
        }
        tail += unique && draw.percent(30) ? " nulls not distinct" : "";
        tail += ordered && draw.percent(10) ? " with (fillfactor = 70)" : "";
        tail += draw.percent(25) ? " where " + draw.of(first.type.checks()).replace("$", "$0") : "";
        if (table.partitionBy != null && unique && tail.contains("include ($")) {
            return;
        }
        part.text = "create " + (unique ? "unique " : "") + "index %n on %t using " + method + " (" + keys + more + ")" + tail;
        if (unique && table.partitionBy != null
                && !part.text.substring(0, part.text.indexOf(')'))
                        .contains("$" + columns.indexOf(table.columns.getFirst().name))) {
            return;
        }
        table.parts.add(part);
    }

    private void addExclusion(Table table) {
        Optional<Column> range = table.columns.stream()
                .filter(column -> column.type.family().equals("range") || column.type.family().equals("period"))
                .findAny();
        if (range.isEmpty() || table.partitionBy != null) {
            return;
        }
        Part part = part("exclude", table, List.of(range.get().name));
        part.name = maybeNamed(table.name + "_apart");
        part.text = "exclude using gist ($0 with " + draw.of("&&", "&&", "-|-") + ")"
                + draw.of("", "", " where (not isempty($0))");
        part.tail = draw.of("", "", " deferrable initially deferred");
        table.parts.add(part);
    }

    private void addTrigger(Table table) {
        List<Function> functions = sketch.functions.stream().filter(Function::isTrigger).toList();
        if (functions.isEmpty()) {
            return;
        }
        Part part = part("trigger", table, columns(table, 1));
        part.name = names.fresh(draw.of("watch", "On Change"));
        part.needs = draw.of(functions).name;
        part.text = draw.of(
                "create trigger %n before insert or update on %t for each row execute function $f()",
                "create trigger %n after update of $0 on %t for each row execute function $f('x', '1')",
                "create trigger %n before update on %t for each row when (new.$0 is not null) execute function $f()",
                "create trigger %n after insert on %t for each statement execute function $f()",
                "create constraint trigger %n after insert on %t deferrable initially deferred for each row"
                        + " execute function $f()",
                "create trigger %n after insert on %t referencing new table as added for each statement"
                        + " execute function $f()");
        if (part.text.contains("before") && table.column(part.columns.getFirst()).orElseThrow().generated != null) {
            return;
        }
        table.parts.add(part);
    }

    private void addPolicy(Table table) {
        Part part = part("policy", table, columns(table, 1));
        part.name = names.fresh(draw.of("own_rows", "Read It"));
        ColumnType type = table.column(part.columns.getFirst()).orElseThrow().type;
        String condition = draw.of(type.checks()).replace("$", "$0");
        part.text = draw.of(
                "create policy %n on %t using (" + condition + ")",
                "create policy %n on %t for select to public using (" + condition + ")",
                "create policy %n on %t as restrictive for update using (true) with check (" + condition + ")",
                "create policy %n on %t for insert with check (" + condition + ")",
                "create policy %n on %t for delete to current_user using ($0 is not null)");
        table.parts.add(part);
    }
}
