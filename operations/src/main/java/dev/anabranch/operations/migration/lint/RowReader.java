// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.operations.migration.lint;

import dev.anabranch.operations.migration.lint.Ddl.Rows;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads statements that change rows, and the queries that they take them from. */
final class RowReader {
    private static final Set<String> RETURNING = Set.of("returning");
    private static final Set<String> AFTER_TABLE = Set.of("set", "using", "where", "returning", "on");
    private static final Set<String> MAIN = Set.of("select", "insert", "update", "delete", "merge", "values", "table");
    private static final Set<String> AFTER_WHERE = Set.of("group", "having", "window", "order", "for");

    private RowReader() {}

    /**
     * An UPDATE or DELETE, or a MERGE that does one of them; null for all else.
     *
     * @param limited names of queries that give a part of a table only
     */
    static @Nullable Rows rows(Cursor statement, Set<String> limited) {
        Cursor in = statement.again();
        String verb = in.next().name();
        return switch (verb) {
            case "update", "delete" -> changed(verb, in, limited);
            case "merge" -> merged(in, limited);
            default -> null;
        };
    }

    private static Rows changed(String verb, Cursor in, Set<String> limited) {
        in.take("from");
        Set<String> own = new HashSet<>();
        Name table = target(in, own);
        Set<String> parts = new HashSet<>(limited);
        while (!in.done() && !in.at("where")) {
            source(in, parts);
        }
        boolean whole = !in.take("where") || in.done() || !new RowLimit(in.upTo(RETURNING), own, parts).holds();
        return new Rows(verb, table, whole, in.again());
    }

    private static @Nullable Rows merged(Cursor in, Set<String> limited) {
        in.take("into");
        Set<String> own = new HashSet<>();
        Name table = target(in, own);
        Set<String> parts = new HashSet<>(limited);
        while (!in.done() && !in.at("on")) {
            source(in, parts);
        }
        if (!in.take("on") || in.done()) {
            return null;
        }
        Cursor condition = in.upTo(Set.of("when"));
        boolean changes = false;
        boolean bySource = false;
        boolean allOthers = false;
        while (!in.done()) {
            if (in.take("when")) {
                bySource = in.take("not", "matched", "by", "source");
            } else if (in.take("then")) {
                boolean change = in.at("update") || in.at("delete");
                changes |= change;
                // These are the rows that the condition does not pick.
                allOthers |= change && bySource;
            } else {
                in.passOne();
            }
        }
        return changes
                ? new Rows("merge", table, allOthers || !new RowLimit(condition, own, parts).holds(), in.again())
                : null;
    }

    /** The table that is changed; its names go to {@code own}. */
    private static Name target(Cursor in, Set<String> own) {
        in.take("only");
        Name table = in.name();
        in.take("*");
        boolean as = in.take("as");
        boolean alias = as || (in.peek().isName() && !in.isAny(AFTER_TABLE));
        own.add(alias ? in.next().name() : table.name());
        return table;
    }

    /** Passes a token, or a query in parentheses; the names of those that give a part of a table go to {@code limited}. */
    private static void source(Cursor in, Set<String> limited) {
        boolean part;
        if (in.at("(")) {
            part = isLimited(in.parentheses(), limited);
        } else {
            part = limited.contains(in.next().name());
        }
        if (part) {
            in.take("as");
            if (in.peek().isName() && !in.isAny(AFTER_TABLE)) {
                limited.add(in.peek().name());
            }
        }
    }

    /** Whether a query gives a part of a table only, or changes one. */
    static boolean isLimited(Cursor query, Set<String> limited) {
        Cursor in = query.again();
        Rows rows = rows(in, limited);
        if (rows != null) {
            return !rows.whole();
        }
        if (in.take("values")) {
            return true;
        }
        boolean select = in.take("select");
        boolean from = false;
        boolean picks = false;
        boolean joined = false;
        while (!in.done()) {
            if (in.at("limit") || in.at("fetch", "first") || in.at("fetch", "next")) {
                return !in.at("limit", "all");
            }
            joined |= in.at("union") || in.at("except") || in.at("intersect");
            if (in.take("from")) {
                from = true;
                picks |= limited.contains(in.peek().name());
            } else if (in.take("where") && !in.done()) {
                picks |= new RowLimit(in.upTo(AFTER_WHERE), Set.of(), limited).holds();
            } else {
                in.passOne();
            }
        }
        return select && !joined && (picks || !from);
    }

    /** The UPDATEs, DELETEs and MERGEs in a WITH, which was passed already. */
    static List<Rows> parts(Cursor in) {
        List<Rows> parts = new ArrayList<>();
        Set<String> limited = new HashSet<>();
        in.take("recursive");
        do {
            String name = in.next().name();
            in.parentheses();
            in.take("as");
            in.take("not");
            in.take("materialized");
            add(in.parentheses(), name, limited, parts);
            while (!in.done() && !in.at(",") && !in.at("(") && !in.isAny(MAIN)) {
                in.next();
            }
        } while (in.take(","));
        add(in.left(), "", limited, parts);
        return List.copyOf(parts);
    }

    private static void add(Cursor body, String name, Set<String> limited, List<Rows> parts) {
        if (body.take("with")) {
            parts.addAll(parts(body));
            return;
        }
        Rows rows = rows(body, limited);
        if (rows != null) {
            parts.add(rows);
        }
        if (isLimited(body, limited)) {
            limited.add(name);
        }
    }

    /** The names of what a plain SELECT gives; nothing where they cannot be told from its text. */
    static List<String> selected(Cursor query) {
        if (!query.take("select")) {
            return List.of();
        }
        query.take("all");
        if (query.take("distinct") && query.take("on")) {
            query.parentheses();
        }
        if (query.done()) {
            return List.of();
        }
        List<String> names = new ArrayList<>();
        for (Cursor item : query.upTo(Set.of("from", "where", "union", "except", "intersect", "order", "limit", "into")).commas()) {
            var tokens = item.tokens();
            int last = tokens.size() - 1;
            boolean column = last == 0 || (last > 0 && tokens.get(last - 1).is("."));
            boolean named = last > 1 && tokens.get(last - 1).is("as");
            if (last < 0 || !(column || named) || !tokens.get(last).isName()) {
                return List.of();
            }
            names.add(tokens.get(last).name());
        }
        return names;
    }
}
