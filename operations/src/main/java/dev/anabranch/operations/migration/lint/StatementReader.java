// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.operations.migration.lint;

import dev.anabranch.operations.migration.lint.Ddl.Change;
import dev.anabranch.operations.migration.lint.Ddl.Column;
import dev.anabranch.operations.migration.lint.Ddl.Constraint;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads a statement as far as the rules need it. What it does not know becomes {@link Ddl.Other}; nothing is refused. */
final class StatementReader {
    /** What comes before the kind of object in CREATE. */
    private static final Set<String> ADJECTIVES = Set.of(
            "or", "replace", "temp", "temporary", "unlogged", "global", "local", "recursive", "materialized", "unique", "constraint",
            "event", "foreign", "default", "access", "trusted", "procedural");
    /** Kinds of two words, by their last. */
    private static final Set<String> SECOND_WORDS = Set.of("view", "table", "trigger", "wrapper", "method", "data");

    private final Cursor in;

    private StatementReader(Cursor in) {
        this.in = in;
    }

    static Ddl read(Cursor statement) {
        return new StatementReader(statement.again()).read();
    }

    private Ddl read() {
        String verb = in.next().name();
        return switch (verb) {
            case "create" -> create();
            case "alter" -> alter();
            case "drop" -> drop();
            case "reindex" -> reindex();
            case "update", "delete", "merge" -> {
                Ddl.Rows rows = RowReader.rows(in, Set.of());
                yield rows == null ? new Ddl.Other(verb, null) : rows;
            }
            case "with" -> new Ddl.Opaque(verb, RowReader.parts(in));
            case "truncate" -> {
                in.take("table");
                yield new Ddl.Heavy(verb, in.names());
            }
            case "lock" -> {
                in.take("table");
                yield new Ddl.Heavy(verb, in.names());
            }
            case "cluster" -> {
                in.parentheses();
                in.take("verbose");
                yield new Ddl.Heavy(verb, in.done() ? List.of() : List.of(in.name()));
            }
            case "vacuum" -> vacuum();
            case "refresh" -> {
                in.take("materialized", "view");
                boolean concurrently = in.take("concurrently");
                Name view = in.name();
                yield concurrently ? new Ddl.Other(verb, null) : new Ddl.Heavy(verb, List.of(view));
            }
            case "do", "call", "select", "execute", "values" -> new Ddl.Opaque(verb, List.of());
            default -> new Ddl.Other(verb, null);
        };
    }

    private Ddl vacuum() {
        boolean full = in.at("(") ? in.parentheses().tokens().stream().anyMatch(token -> token.is("full")) : in.take("full");
        while (in.isAny(Set.of("freeze", "verbose", "analyze"))) {
            in.next();
        }
        return full ? new Ddl.Heavy("vacuum full", in.done() ? List.of() : in.names()) : new Ddl.Other("vacuum", null);
    }

    private Ddl create() {
        boolean unique = false;
        boolean temporary = false;
        boolean constraint = false;
        String before = "";
        while (in.isAny(ADJECTIVES)) {
            before = in.next().name();
            unique |= before.equals("unique");
            temporary |= before.startsWith("temp");
            constraint |= before.equals("constraint");
        }
        String kind = in.next().name();
        return switch (kind) {
            case "table" -> createTable(temporary);
            case "index" -> createIndex(unique);
            case "trigger" -> constraint || before.isEmpty() || before.equals("replace") ? onTable("create trigger")
                    : new Ddl.Other("create event trigger", null);
            case "policy", "rule" -> onTable("create " + kind);
            case "view" -> new Ddl.Create(before.equals("materialized") ? "materialized view" : "view", named());
            default -> in.peek().isName() ? new Ddl.Create(kind, named()) : new Ddl.Other("create " + kind, null);
        };
    }

    private Name named() {
        in.takeIfNotExists();
        return in.name();
    }

    /** CREATE, ALTER or DROP of what belongs to a table: … ON table. */
    private Ddl onTable(String verb) {
        while (!in.done()) {
            if (in.take("on")) {
                if (verb.endsWith("rule") && in.isAny(Set.of("select", "insert", "update", "delete"))) {
                    in.next();
                    in.take("to");
                }
                return new Ddl.Other(verb, in.name());
            }
            in.passOne();
            if (verb.endsWith("rule") && in.take("to")) {
                return new Ddl.Other(verb, in.name());
            }
        }
        return new Ddl.Other(verb, null);
    }

    private Ddl createTable(boolean temporary) {
        Name table = named();
        boolean partition = in.take("partition", "of");
        if (partition) {
            in.name();
        }
        if (partition) {
            return new Ddl.CreateTable(table, List.of(), List.of(), false, true, false, temporary, false);
        }
        boolean listed = in.at("(");
        Cursor body = in.parentheses();
        List<Column> columns = new ArrayList<>();
        List<Constraint> constraints = new ArrayList<>();
        boolean known = listed && !in.at("inherits");
        boolean partitioned = in.at("partition", "by");
        for (Cursor part : body.commas()) {
            if (part.at("like")) {
                known = false;
            } else if (TableReader.atConstraint(part)) {
                constraints.add(TableReader.constraint(part));
            } else if (!part.done()) {
                Column column = TableReader.column(part);
                columns.add(column);
                constraints.addAll(column.constraints());
            }
        }
        if (!in.done() && !in.at("as")) {
            in.upTo(Set.of("as"));
        }
        boolean byQuery = in.take("as");
        if (byQuery && columns.isEmpty()) {
            List<String> names = RowReader.selected(in);
            names.forEach(name -> columns.add(TableReader.column(new Cursor(Written.name(name)))));
            known = !names.isEmpty();
        }
        return new Ddl.CreateTable(
                table, List.copyOf(columns), List.copyOf(constraints), known, false, partitioned, temporary, byQuery);
    }

    private Ddl createIndex(boolean unique) {
        boolean concurrently = in.take("concurrently");
        boolean ifNotExists = in.takeIfNotExists();
        Name name = in.at("on") ? null : in.name();
        in.take("on");
        boolean only = in.take("only");
        Name table = in.name();
        if (in.take("using")) {
            in.next();
        }
        return new Ddl.CreateIndex(
                name, table, unique, concurrently, ifNotExists, only, TableReader.plainNames(in.parentheses()));
    }

    private Ddl alter() {
        String kind = kind();
        if (kind.equals("policy") || kind.equals("trigger") || kind.equals("rule")) {
            return onTable("alter " + kind);
        }
        boolean relation = Set.of("table", "view", "materialized view", "index", "sequence", "foreign table").contains(kind);
        if (!relation && !Set.of("type", "function", "procedure", "domain").contains(kind)) {
            return new Ddl.Other("alter " + kind, null);
        }
        in.takeIfExists();
        in.take("only");
        Name name = in.name();
        in.take("*");
        if (kind.equals("table") || kind.equals("foreign table")) {
            List<Change> changes = new ArrayList<>();
            for (Cursor part : in.commas()) {
                changes.add(TableReader.change(part));
            }
            return new Ddl.AlterTable(name, List.copyOf(changes));
        }
        in.parentheses();
        if (in.take("rename", "to")) {
            return new Ddl.Rename(kind, name, in.next().name());
        }
        if (kind.contains("view") && in.take("rename")) {
            in.take("column");
            String old = in.next().name();
            in.take("to");
            return new Ddl.AlterTable(name, List.of(new Change.RenameColumn(old, in.next().name())));
        }
        return new Ddl.Other("alter " + kind, kind.contains("view") ? name : null);
    }

    /** {@code materialized view}, {@code table}, … after CREATE, ALTER or DROP. */
    private String kind() {
        String kind = in.next().name();
        return ADJECTIVES.contains(kind) && in.isAny(SECOND_WORDS) ? kind + " " + in.next().name() : kind;
    }

    private Ddl drop() {
        String kind = kind();
        if (kind.equals("policy") || kind.equals("trigger") || kind.equals("rule")) {
            return onTable("drop " + kind);
        }
        boolean concurrently = in.take("concurrently");
        boolean ifExists = in.takeIfExists();
        if (!in.peek().isName()) {
            return new Ddl.Other("drop " + kind, null);
        }
        return new Ddl.Drop(kind, in.names(), concurrently, ifExists);
    }

    private Ddl reindex() {
        boolean option = in.at("(") && in.parentheses().tokens().stream().anyMatch(token -> token.is("concurrently"));
        String kind = in.next().name();
        boolean concurrently = in.take("concurrently") || option;
        Name name = in.done() ? null : in.name();
        return new Ddl.Reindex(kind, name, concurrently);
    }

    /** The index that a USING INDEX constraint takes, if it is one. */
    static @Nullable String indexOf(Constraint constraint) {
        if (!constraint.usingIndex()) {
            return null;
        }
        Cursor body = new Cursor(constraint.body());
        body.upTo(Set.of("index"));
        body.take("index");
        return body.next().name();
    }
}
