// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.operations.migration.desired.random;

import dev.anabranch.operations.migration.desired.random.Sketch.Column;
import dev.anabranch.operations.migration.desired.random.Sketch.Domain;
import dev.anabranch.operations.migration.desired.random.Sketch.EnumType;
import dev.anabranch.operations.migration.desired.random.Sketch.Function;
import dev.anabranch.operations.migration.desired.random.Sketch.Sequence;
import dev.anabranch.operations.migration.desired.random.Sketch.Table;
import dev.anabranch.operations.migration.desired.random.Sketch.View;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
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
    /** Makes up what tables have besides columns. */
    final PartSketcher parts;

    /** Adds to a sketch; names that are in it are not used again. */
    Sketcher(Draw draw, Sketch sketch) {
        this.draw = draw;
        this.sketch = sketch;
        this.parts = new PartSketcher(draw, sketch, this);
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

    String fresh(String wish) {
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
            parts.addKey(table, "primary key");
        }
        repeat(draw.between(0, 6), () -> parts.addPart(table));
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
