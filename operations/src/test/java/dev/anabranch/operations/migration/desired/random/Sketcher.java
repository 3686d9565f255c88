// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.operations.migration.desired.random;

import dev.anabranch.operations.migration.desired.random.Sketch.Column;
import dev.anabranch.operations.migration.desired.random.Sketch.Domain;
import dev.anabranch.operations.migration.desired.random.Sketch.EnumType;
import dev.anabranch.operations.migration.desired.random.Sketch.Function;
import dev.anabranch.operations.migration.desired.random.Sketch.Part;
import dev.anabranch.operations.migration.desired.random.Sketch.Sequence;
import dev.anabranch.operations.migration.desired.random.Sketch.Table;
import dev.anabranch.operations.migration.desired.random.Sketch.View;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Makes up schemas, and their parts one by one. */
final class Sketcher {
    private static final List<String> TABLES = List.of(
            "plan", "invoice", "person", "order", "Line Item", "account", "tag", "audit", "entry", "Mixed", "user", "päck");
    private static final List<String> COLUMNS = List.of(
            "id", "name", "price", "amount", "state", "created_at", "Total", "select", "note", "owner_id", "kind of", "data",
            "valid", "code", "ref", "größe");
    private static final List<String> LABELS = List.of("new", "open", "paid", "Closed", "on hold", "lost", "won");

    private final Draw draw;
    private final Sketch sketch;
    private final Set<String> names = new HashSet<>();

    /** Adds to a sketch; names that are in it are not used again. */
    Sketcher(Draw draw, Sketch sketch) {
        this.draw = draw;
        this.sketch = sketch;
        sketch.enums.forEach(it -> names.add(it.name));
        sketch.domains.forEach(it -> names.add(it.name));
        sketch.sequences.forEach(it -> names.add(it.name));
        sketch.functions.forEach(it -> names.add(it.name));
        sketch.views.forEach(it -> names.add(it.name));
        sketch.tables.forEach(it -> {
            names.add(it.name);
            it.parts.forEach(part -> names.add(Objects.requireNonNullElse(part.name, "")));
        });
    }

    static Sketch sketch(long seed) {
        var draw = new Draw(seed);
        var sketch = new Sketch();
        var sketcher = new Sketcher(draw, sketch);
        repeat(draw.between(0, 2), sketcher::addEnum);
        repeat(draw.between(0, 2), sketcher::addDomain);
        repeat(draw.between(0, 2), sketcher::addSequence);
        repeat(draw.between(0, 3), sketcher::addFunction);
        repeat(draw.between(1, 5), sketcher::addTable);
        repeat(draw.between(0, 1), sketcher::addReadingFunction);
        repeat(draw.between(0, 4), sketcher::addView);
        sketch.mend();
        return sketch;
    }

    private static void repeat(int times, Runnable action) {
        for (int i = 0; i < times; i++) {
            action.run();
        }
    }

    private String fresh(String wish) {
        String name = wish;
        for (int i = 2; !names.add(name); i++) {
            name = wish + i;
        }
        return name;
    }

    @Nullable String comment() {
        return draw.percent(20) ? draw.of("what it is", "it's the one", "two\nlines", "für alle", "-- ; $$") : null;
    }

    void addEnum() {
        var type = new EnumType();
        type.name = fresh(draw.of("state_type", "mood", "Level"));
        type.labels.addAll(draw.some(LABELS, 4));
        type.comment = comment();
        sketch.enums.add(type);
    }

    String label(EnumType type) {
        return draw.of(LABELS.stream().filter(label -> !type.labels.contains(label)).toList());
    }

    void addDomain() {
        var domain = new Domain();
        domain.name = fresh(draw.of("positive", "short_text", "Amount"));
        boolean number = draw.percent(50);
        domain.base = number ? draw.of("integer", "numeric(8,2)", "bigint") : draw.of("text", "character varying(30)");
        domain.family = number ? "number" : "text";
        fill(domain);
        sketch.domains.add(domain);
    }

    void fill(Domain domain) {
        boolean number = domain.family.equals("number");
        domain.notNull = draw.percent(20);
        domain.value = draw.percent(30) ? number ? draw.of("1", "7") : draw.of("'d'", "'e'") : null;
        domain.check = draw.percent(60)
                ? number ? draw.of("value > 0", "value in (1, 2)", "value < 1000") : draw.of("value <> ''", "length(value) < 9", "value in ('a', 'b')")
                : null;
        domain.comment = comment();
    }

    void addSequence() {
        var sequence = new Sequence();
        sequence.name = fresh(draw.of("number_seq", "Counter", "ticket"));
        fill(sequence);
        if (!sketch.tables.isEmpty() && draw.percent(40)) {
            Table owner = draw.of(sketch.tables);
            sequence.ownerTable = owner.name;
            sequence.ownerColumn = draw.of(owner.columns).name;
        }
        sketch.sequences.add(sequence);
    }

    void fill(Sequence sequence) {
        sequence.type = draw.of("bigint", "bigint", "integer");
        sequence.options = draw.of("", "", " increment by 50 start with 1", " minvalue 10 start with 10 maxvalue 1000 cycle",
                " cache 20", " increment by -1");
        sequence.comment = comment();
    }

    void addFunction() {
        var function = new Function();
        switch (draw.below(4)) {
            case 0 -> {
                function.name = fresh("plus");
                function.arguments = "a integer";
            }
            case 1 -> {
                function.name = fresh(draw.of("fresh_number", "Number"));
            }
            default -> {
                function.name = fresh(draw.of("touch", "keep"));
                function.returns = "trigger";
            }
        }
        fill(function);
        sketch.functions.add(function);
    }

    void addReadingFunction() {
        if (sketch.tables.isEmpty()) {
            return;
        }
        var function = new Function();
        function.name = fresh("how_many");
        function.returns = "bigint";
        function.reads = draw.of(sketch.tables).name;
        fill(function);
        sketch.functions.add(function);
    }

    void fill(Function function) {
        function.comment = comment();
        if (function.reads != null) {
            function.returns = draw.of("bigint", "bigint", "numeric");
            function.arguments = draw.of("", "", "low bigint", "high bigint", "high bigint default 3", "name text");
            function.rest = draw.of(
                    "language sql stable as 'select count(*) from $t'",
                    "language sql stable security definer as $$select count(*) + 1 from $t$$",
                    "language sql begin atomic select count(*) from $t; end",
                    "language plpgsql as $b$declare n bigint; begin select count(*) into n from $t; return n; end$b$");
        } else if (function.isTrigger()) {
            function.rest = draw.of(
                    "language plpgsql as $$begin return new; end$$",
                    "language plpgsql as $$\nbegin\n    -- nothing; to see\n    return new;\nend\n$$",
                    "language plpgsql security definer set search_path = pg_catalog as $$begin return new; end$$");
        } else if (function.arguments.isEmpty()) {
            function.rest = draw.of(
                    "language sql as 'select 4'",
                    "language sql volatile cost 5 as 'select 7'",
                    "language plpgsql as $$begin return 5; end$$",
                    "language sql return 12");
        } else {
            function.rest = draw.of(
                    "language sql immutable as 'select a + 1'",
                    "language sql immutable strict parallel safe as 'select a * 2'",
                    "language sql immutable return a + 3",
                    "language plpgsql immutable as $$begin return a; end$$");
        }
    }

    void addTable() {
        var table = new Table();
        table.name = fresh(draw.of(TABLES));
        table.comment = comment();
        repeat(draw.between(1, 6), () -> addColumn(table));
        if (draw.percent(12)) {
            table.partitionBy = draw.of("range", "list", "hash");
            table.partitions = draw.below(4);
        }
        sketch.tables.add(table);
        if (draw.percent(80)) {
            addKey(table, "primary key");
        }
        repeat(draw.between(0, 6), () -> addPart(table));
        table.secured = draw.percent(15);
        table.forced = draw.percent(8);
        table.replicatesFull = draw.percent(8);
        sketch.mend();
    }

    void addColumn(Table table) {
        List<String> free = COLUMNS.stream()
                .filter(name -> table.column(name).isEmpty())
                .toList();
        if (free.isEmpty()) {
            return;
        }
        var column = new Column();
        column.name = draw.of(free);
        column.type = type();
        column.notNull = draw.percent(40);
        column.comment = comment();
        table.columns.add(column);
        fill(table, column);
    }

    ColumnType type() {
        if (!sketch.enums.isEmpty() && draw.percent(12)) {
            EnumType type = draw.of(sketch.enums);
            return new ColumnType(
                    Sketch.quoted(type.name),
                    "own " + type.name,
                    type.labels.stream().map(label -> "'" + label + "'").toList(),
                    List.of("$ is not null"));
        }
        if (!sketch.domains.isEmpty() && draw.percent(12)) {
            Domain type = draw.of(sketch.domains);
            return new ColumnType(
                    Sketch.quoted(type.name),
                    "own " + type.name,
                    type.family.equals("number") ? List.of("1", "2") : List.of("'a'", "'b'"),
                    List.of("$ is not null"));
        }
        return draw.percent(30) ? ColumnType.BUILT_IN.get(draw.below(2)) : draw.of(ColumnType.BUILT_IN);
    }

    /** Default, identity, generated, collation. */
    void fill(Table table, Column column) {
        column.value = null;
        column.valueNeeds = null;
        column.identity = null;
        column.generated = null;
        column.collation = column.type.isText() && draw.percent(15) ? draw.of("\"C\"", "\"POSIX\"") : null;
        int form = draw.below(100);
        if (form < 30) {
            column.value = draw.of(column.type.defaults());
        } else if (form < 45 && column.type.isWhole()) {
            column.identity = draw.of(
                    "always as identity",
                    "by default as identity",
                    "by default as identity (start with 100 increment by 10)",
                    "always as identity (minvalue 5 cache 3)",
                    Sketch.SERIAL,
                    Sketch.SERIAL);
        } else if (form < 55 && column.type.family().equals("number")) {
            Optional<Sequence> sequence =
                    sketch.sequences.isEmpty() ? Optional.empty() : Optional.of(draw.of(sketch.sequences));
            Optional<Function> function = sketch.functions.stream()
                    .filter(it -> it.reads == null && it.arguments.isEmpty() && !it.isTrigger())
                    .findFirst();
            if (sequence.isPresent() && draw.percent(50)) {
                column.valueNeeds = sequence.get().name;
                column.value = "nextval('" + Sketch.quoted(sequence.get().name) + "')";
            } else if (function.isPresent()) {
                column.valueNeeds = function.get().name;
                column.value = Sketch.quoted(function.get().name) + "()";
            }
        } else if (form < 70 && !column.type.family().startsWith("own")) {
            table.columns.stream()
                    .filter(other -> other != column && other.type.sql().equals(column.type.sql()) && other.generated == null)
                    .findFirst()
                    .ifPresent(base -> {
                        column.generatedFrom = base.name;
                        column.generatedFamily = base.type.family();
                        column.generated =
                                switch (base.type.family()) {
                                    case "number" -> draw.of("$ + 1", "$ * 2", "coalesce($, 0)");
                                    case "text" -> draw.of("upper($)", "coalesce($, 'none')");
                                    default -> "$";
                                };
                    });
        }
    }

    private Part part(String kind, Table table, List<String> columns) {
        var part = new Part();
        part.kind = kind;
        part.columns.addAll(columns);
        columns.forEach(name -> part.families.add(table.column(name).orElseThrow().type.family()));
        part.comment = comment();
        return part;
    }

    private List<String> columns(Table table, int most) {
        return draw.some(table.columns.stream().map(column -> column.name).toList(), most);
    }

    private @Nullable String maybeNamed(String wish) {
        return draw.percent(60) ? fresh(wish) : null;
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
        part.name = fresh(draw.of("by_" + table.name, "Index", "lookup"));
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
        part.name = fresh(draw.of("watch", "On Change"));
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
        part.name = fresh(draw.of("own_rows", "Read It"));
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

    void addView() {
        List<String> sources = new ArrayList<>();
        sketch.tables.forEach(table -> sources.add(table.name));
        sketch.views.forEach(view -> sources.add(view.name));
        if (sources.isEmpty()) {
            return;
        }
        var view = new View();
        view.name = fresh(draw.of("overview", "Summary", "list"));
        view.source = draw.of(sources);
        view.materialized = draw.percent(25);
        fill(view);
        sketch.views.add(view);
    }

    void fill(View view) {
        view.columns = new ArrayList<>(draw.some(sketch.columnsOf(view.source), 4));
        view.form = draw.of("simple", "limited", "listed", "counted", "aliased", "joined");
        view.indexed = view.materialized && draw.percent(60);
        view.options = !view.materialized && draw.percent(20)
                ? draw.of(" with (security_barrier = true)", " with (security_invoker = true)")
                : "";
        view.comment = comment();
    }
}
