// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.operations.migration.lint;

import dev.anabranch.operations.migration.sql.SqlToken;
import dev.anabranch.operations.migration.sql.SqlToken.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Finds the schemas that a statement names. {@code a.b} may as well be a table's column, so what it is follows from where it
 * stands: after FROM, before an opening bracket, after {@code ::}, and so on.
 */
final class SchemaNames {
    /**
     * A name with a schema.
     *
     * @param isRelation whether it stands for a table and not for a function, type or operator
     * @param isReference whether it is what a foreign key leads to
     */
    record Found(String schema, String written, boolean isRelation, boolean isReference) {}

    private static final Set<String> BEFORE_RELATION = Set.of(
            "from", "join", "into", "update", "table", "only", "view", "sequence", "index", "truncate", "copy", "inherit",
            "partition", "concurrently", "analyze", "vacuum", "reindex", "cluster", "references", "lock");
    private static final Set<String> BEFORE_OTHER = Set.of(
            "type", "domain", "function", "procedure", "routine", "aggregate", "collate", "returns", "setof", "collation",
            "conversion", "operator", "statistics", "::");
    private static final Set<String> LISTS = Set.of("drop", "truncate", "lock", "grant", "revoke", "vacuum", "analyze");
    private static final Set<String> ENDS_FROM = Set.of(
            "where", "group", "order", "having", "limit", "union", "select", "set", "on", "returning", "window", "offset", "fetch",
            "for", "except", "intersect", "values", "when", "loop", "then");
    private static final Set<String> BEFORE_VALUE = Set.of("extract", "substring", "trim", "overlay", "position");
    private static final Set<String> ON_TABLE = Set.of("index", "unique", "trigger", "constraint", "policy", "rule");
    private static final Set<String> ROWS = Set.of("new", "old", "excluded");

    private final List<SqlToken> tokens;
    private final String verb;
    private final String kind;
    private final boolean body;
    private final List<Found> found = new ArrayList<>();

    private SchemaNames(List<SqlToken> tokens, boolean body) {
        this.tokens = tokens;
        this.body = body;
        verb = body || tokens.isEmpty() ? "" : tokens.getFirst().name();
        int second = tokens.size() > 3 && tokens.get(1).is("or") ? 3 : 1;
        kind = body || tokens.size() <= second ? "" : tokens.get(second).name();
    }

    static List<Found> of(ReadStatement statement, KnownSchema known) {
        var names = new SchemaNames(statement.cursor().tokens(), false);
        names.search(known);
        // Bodies of functions and DO blocks: they will run.
        for (SqlToken token : statement.cursor().tokens()) {
            if (token.kind() == Kind.DOLLAR_STRING) {
                var inner = new SchemaNames(new Cursor(token.content()).tokens(), true);
                inner.search(known);
                names.found.addAll(inner.found);
            }
        }
        return names.found;
    }

    private void search(KnownSchema known) {
        if (verb.equals("set") || verb.equals("reset")) {
            return;
        }
        boolean[] inFrom = new boolean[tokens.size() + 2];
        int depth = 0;
        for (int i = 0; i < tokens.size(); i++) {
            SqlToken token = tokens.get(i);
            if (token.is("(")) {
                depth++;
                inFrom[Math.min(depth, tokens.size())] = false;
            } else if (token.is(")")) {
                depth = Math.max(0, depth - 1);
            } else if (token.kind() == Kind.WORD) {
                String word = token.name();
                if ((word.equals("from") && isClause(i))
                        || (word.equals("using") && (verb.equals("delete") || verb.equals("merge")))) {
                    inFrom[depth] = true;
                } else if (ENDS_FROM.contains(word)) {
                    inFrom[depth] = false;
                }
            }
            schemaWord(i);
            text(i);
            boolean first = i == 0 || !tokens.get(i - 1).is(".");
            if (first && token.isName() && is(i + 1, ".") && i + 2 < tokens.size() && tokens.get(i + 2).isName()) {
                pair(i, inFrom[depth], depth, known);
            }
        }
    }

    /** SCHEMA name, as in GRANT … ON SCHEMA, SET SCHEMA, CREATE SCHEMA, IN SCHEMA. */
    private void schemaWord(int i) {
        if (!tokens.get(i).is("schema") || is(i + 1, "'") || body) {
            return;
        }
        int name = i + 1;
        while (is(name, "if") || is(name, "not") || is(name, "exists")) {
            name++;
        }
        if (name < tokens.size() && tokens.get(name).isName() && !is(name, "authorization")) {
            found.add(new Found(tokens.get(name).name(), "SCHEMA " + tokens.get(name).text(), true, false));
        }
    }

    /** A string that names a relation: {@code nextval('a.b')}, {@code 'a.b'::regclass}. */
    private void text(int i) {
        SqlToken token = tokens.get(i);
        if (token.kind() != Kind.STRING || !token.content().matches("(\"[^\"]+\"|[A-Za-z_]\\w*)\\..+")) {
            return;
        }
        boolean call = i > 1 && is(i - 1, "(") && tokens.get(i - 2).isName()
                && Set.of("nextval", "setval", "currval", "to_regclass", "pg_get_serial_sequence")
                        .contains(tokens.get(i - 2).name());
        boolean cast = is(i + 1, "::") && i + 2 < tokens.size() && tokens.get(i + 2).isName()
                && tokens.get(i + 2).name().startsWith("reg");
        if (call || cast) {
            Name name = new Cursor(token.content()).name();
            found.add(new Found(name.schema(), name.written(), true, false));
        }
    }

    private void pair(int i, boolean fromList, int depth, KnownSchema known) {
        String schema = tokens.get(i).name();
        String written = tokens.get(i).text() + "." + tokens.get(i + 2).text();
        boolean three = is(i + 3, ".");
        boolean relation = isRelation(i, fromList, depth);
        // ALTER SEQUENCE … OWNED BY t.c and COMMENT ON COLUMN t.c are columns, unless there are three parts.
        boolean other = isOther(i) && !(verb.equals("comment") && before(i, 1, "column"));
        boolean call = is(i + 3, "(") && !relation;
        if (ROWS.contains(schema) || (!three && !relation && !other && !call)) {
            return;
        }
        if (call && !relation && !other && known.hasRelation(schema)) {
            return;
        }
        found.add(new Found(schema, written, relation || three, before(i, 1, "references")));
    }

    private boolean isRelation(int i, boolean fromList, int depth) {
        if (i == 0) {
            return false;
        }
        SqlToken before = tokens.get(i - 1);
        if (before.is(",")) {
            return fromList || (depth == 0 && LISTS.contains(verb));
        }
        if (before.is("exists")) {
            return before(i, 2, "if") || before(i, 2, "not");
        }
        if (before.is("from")) {
            return isClause(i - 1);
        }
        if (before.is("update") || before.is("into")) {
            // FOR UPDATE OF, and PL/pgSQL's SELECT … INTO record.field.
            return (before.is("update") && !before(i, 2, "for") && !before(i, 2, "on"))
                    || before(i, 2, "insert")
                    || before(i, 2, "merge");
        }
        if (before.is("using")) {
            return verb.equals("delete") || verb.equals("merge");
        }
        if (before.is("on")) {
            return depth == 0
                    && ((verb.equals("create") && ON_TABLE.contains(kind))
                            || Set.of("grant", "revoke", "drop", "alter", "comment").contains(verb));
        }
        if (before.is("to")) {
            return kind.equals("rule");
        }
        if (before.is("like")) {
            return verb.equals("create") && depth == 1 && (before(i, 2, "(") || before(i, 2, ","));
        }
        if (before.is("of")) {
            return before(i, 2, "partition");
        }
        if (body && before.kind() == Kind.WORD && Set.of("index", "sequence", "view", "lock").contains(before.name())) {
            return before(i, 2, "create") || before(i, 2, "drop") || before(i, 2, "alter");
        }
        return before.kind() == Kind.WORD && BEFORE_RELATION.contains(before.name());
    }

    private boolean isOther(int i) {
        if (i == 0) {
            return false;
        }
        SqlToken before = tokens.get(i - 1);
        boolean definition = verb.equals("create")
                && Set.of("function", "procedure", "aggregate", "type", "domain", "operator", "cast").contains(kind);
        boolean cast = before.is("as") && i > 2 && tokens.subList(Math.max(0, i - 12), i).stream().anyMatch(t -> t.is("cast"));
        boolean columnType = ((verb.equals("create") && kind.equals("table")) || verb.equals("alter")) && isColumnType(i);
        return (definition && !isBodyOfRoutine(i))
                || cast
                || columnType
                || ((before.kind() == Kind.WORD || before.is("::")) && BEFORE_OTHER.contains(before.name()))
                || (before.is("(") && before(i, 2, "operator"));
    }

    /** Whether a column's name stands before, and a definition's beginning before that. */
    private boolean isColumnType(int i) {
        return i > 1 && tokens.get(i - 1).isName()
                && (before(i, 2, "(") || before(i, 2, ",") || before(i, 2, "column") || before(i, 2, "add")
                        || before(i, 2, "exists"))
                && !Set.of("check", "default", "and", "or", "not", "when").contains(tokens.get(i - 1).name());
    }

    private boolean isBodyOfRoutine(int i) {
        return tokens.subList(0, i).stream().anyMatch(token -> token.is("atomic") || token.is("return"));
    }

    /** Whether the FROM begins a list of tables, and does not belong to EXTRACT or IS DISTINCT FROM. */
    private boolean isClause(int from) {
        if (before(from, 1, "distinct") && (before(from, 2, "is") || before(from, 2, "not"))) {
            return false;
        }
        int depth = 0;
        for (int i = from - 1; i > 0; i--) {
            if (tokens.get(i).is(")")) {
                depth++;
            } else if (tokens.get(i).is("(") && depth-- == 0) {
                return !(tokens.get(i - 1).isName() && BEFORE_VALUE.contains(tokens.get(i - 1).name())
                        && tokens.subList(i, from).stream().noneMatch(token -> token.is("select")));
            }
        }
        return true;
    }

    private boolean before(int i, int back, String word) {
        return i >= back && tokens.get(i - back).is(word);
    }

    private boolean is(int i, String word) {
        return i >= 0 && i < tokens.size() && tokens.get(i).is(word);
    }
}
