// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.operations.migration.lint;

import dev.anabranch.operations.migration.sql.SqlToken;
import dev.anabranch.operations.migration.sql.SqlToken.Kind;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Whether a condition picks a part of a table: one of its columns equals a constant, lies in a list or between two of them, or is
 * found in a query that a limit has cut. One bound alone, a difference, a pattern or a join may hold for every row.
 */
final class RowLimit {
    private static final String OPERATORS = "+-*/<>=~!@#%^&|`?";
    private static final Set<String> COMPARISONS = Set.of("=", "<", ">", "<=", ">=");
    /** Words in a constant that are no columns. */
    private static final Set<String> CONSTANT = Set.of(
            "true", "false", "current_date", "current_time", "current_timestamp", "localtime", "localtimestamp", "current_user",
            "session_user", "user", "current_role");
    private static final Set<String> OF_TYPES = Set.of("array", "with", "without", "time", "zone", "precision", "varying", "as", "row");

    private final Cursor condition;
    private final Set<String> own;
    private final Set<String> limited;

    /**
     * @param own the table's names; none where columns of any table will do
     * @param limited names of queries that give a part of a table only
     */
    RowLimit(Cursor condition, Set<String> own, Set<String> limited) {
        this.condition = condition;
        this.own = Set.copyOf(own);
        this.limited = Set.copyOf(limited);
    }

    boolean holds() {
        return holds(condition.tokens());
    }

    private boolean holds(List<SqlToken> part) {
        List<SqlToken> tokens = stripped(part);
        List<List<SqlToken>> either = split(tokens, "or");
        if (either.size() > 1) {
            return either.stream().allMatch(this::holds);
        }
        List<List<SqlToken>> all = split(tokens, "and");
        return all.size() > 1 ? (all.stream().anyMatch(this::holds) || bounded(all)) : one(tokens);
    }

    /** Whether some column has a bound on either side. */
    private boolean bounded(List<List<SqlToken>> conditions) {
        Set<String> bounds = new HashSet<>();
        for (List<SqlToken> one : conditions) {
            Comparison found = comparison(stripped(one));
            if (found == null || found.operator().equals("=")) {
                continue;
            }
            boolean less = found.operator().startsWith("<");
            if (isOwn(found.left()) && isConstant(found.right())) {
                bounds.add(plain(found.left()) + (less ? "<" : ">"));
            } else if (isOwn(found.right()) && isConstant(found.left())) {
                bounds.add(plain(found.right()) + (less ? ">" : "<"));
            }
        }
        return bounds.stream().anyMatch(bound ->
                bound.endsWith("<") && bounds.contains(bound.substring(0, bound.length() - 1) + ">"));
    }

    private boolean one(List<SqlToken> tokens) {
        Comparison found = comparison(tokens);
        if (found != null) {
            return found.operator().equals("=") && (equal(found.left(), found.right()) || equal(found.right(), found.left()));
        }
        int in = find(tokens, "in");
        if (in > 0) {
            return isOwn(tokens.subList(0, in)) && isPart(stripped(tokens.subList(in + 1, tokens.size())));
        }
        int between = find(tokens, "between");
        if (between > 0) {
            List<List<SqlToken>> bounds = splitAt(tokens.subList(between + 1, tokens.size()), "and");
            return isOwn(tokens.subList(0, between)) && bounds.size() == 2 && bounds.stream().allMatch(RowLimit::isConstant);
        }
        return tokens.size() > 2 && tokens.get(0).is("current") && tokens.get(1).is("of");
    }

    private boolean equal(List<SqlToken> column, List<SqlToken> value) {
        if (!isOwn(column)) {
            return false;
        }
        if (!value.isEmpty() && (value.getFirst().is("any") || value.getFirst().is("some"))) {
            List<SqlToken> list = stripped(value.subList(1, value.size()));
            boolean array = list.size() > 2 && list.get(0).is("array") && list.get(1).is("(");
            return array
                    ? isPart(stripped(list.subList(1, list.size())))
                    : isPart(list);
        }
        String other = qualifier(value);
        return (other != null && limited.contains(other)) || isPart(stripped(value));
    }

    /** Whether it is a constant, a list of them, or a query with a limit. */
    private boolean isPart(List<SqlToken> tokens) {
        if (!tokens.isEmpty() && Set.of("select", "values").contains(word(tokens.getFirst()))) {
            return RowReader.isLimited(condition.part(tokens), limited);
        }
        return isConstant(tokens);
    }

    private boolean isOwn(List<SqlToken> tokens) {
        List<SqlToken> inner = stripped(tokens);
        List<List<SqlToken>> row = splitAt(inner, ",");
        if (row.size() > 1) {
            return inner.size() < tokens.size() && row.stream().allMatch(this::isOwn);
        }
        String qualifier = qualifier(inner);
        return qualifier != null
                && !limited.contains(qualifier)
                && (qualifier.isEmpty() || own.isEmpty() || own.contains(qualifier));
    }

    /** The table's name before a column, which may be empty; null where it is not a column. A cast may follow. */
    private static @Nullable String qualifier(List<SqlToken> tokens) {
        int cast = find(tokens, "::");
        List<SqlToken> column = stripped(cast < 0 ? tokens : tokens.subList(0, cast));
        for (int i = 0; i < column.size(); i++) {
            if (i % 2 == 0 ? (!column.get(i).isName() || isWord(column.get(i))) : !column.get(i).is(".")) {
                return null;
            }
        }
        if (column.size() % 2 == 0) {
            return null;
        }
        return column.size() == 1 ? "" : column.get(column.size() - 3).name();
    }

    private static boolean isWord(SqlToken token) {
        return CONSTANT.contains(word(token)) || token.is("null") || token.is("not") || token.is("default");
    }

    /** Whether no column is in it, and something is. */
    private static boolean isConstant(List<SqlToken> tokens) {
        boolean value = false;
        for (int i = 0; i < tokens.size(); i++) {
            SqlToken token = tokens.get(i);
            if (!token.isName()) {
                value |= token.kind() != Kind.SYMBOL;
                continue;
            }
            boolean call = is(tokens, i + 1, "(") || (is(tokens, i + 1, ".") && is(tokens, i + 3, "("));
            boolean type = is(tokens, i - 1, "::")
                    || is(tokens, i - 1, "as")
                    || (is(tokens, i - 1, ".") && is(tokens, i - 3, "::"))
                    || (i + 1 < tokens.size() && tokens.get(i + 1).kind() == Kind.STRING)
                    || OF_TYPES.contains(word(token));
            boolean constant = CONSTANT.contains(word(token));
            value |= call || constant;
            if (!call && !type && !constant) {
                return false;
            }
        }
        return value;
    }

    /** Two sides and what stands between them. */
    private record Comparison(List<SqlToken> left, String operator, List<SqlToken> right) {}

    private static @Nullable Comparison comparison(List<SqlToken> tokens) {
        int depth = 0;
        for (int i = 0; i < tokens.size(); i++) {
            depth += depth(tokens.get(i));
            if (depth > 0 || !isOperator(tokens.get(i))) {
                continue;
            }
            int end = i + 1;
            while (end < tokens.size() && isOperator(tokens.get(end)) && tokens.get(end).start() == tokens.get(end - 1).end()) {
                end++;
            }
            // As PostgreSQL reads it: =-1 is = and -1.
            while (end > i + 1 && (tokens.get(end - 1).is("-") || tokens.get(end - 1).is("+"))) {
                end--;
            }
            String operator = plain(tokens.subList(i, end)).replace(" ", "");
            if (COMPARISONS.contains(operator)) {
                return new Comparison(tokens.subList(0, i), operator, tokens.subList(end, tokens.size()));
            }
            i = end - 1;
        }
        return null;
    }

    private static boolean isOperator(SqlToken token) {
        return token.kind() == Kind.SYMBOL && token.text().length() == 1 && OPERATORS.contains(token.text());
    }

    /** Parts between ANDs or ORs; the AND of a BETWEEN is not one. */
    private static List<List<SqlToken>> split(List<SqlToken> tokens, String word) {
        List<List<SqlToken>> parts = new ArrayList<>();
        int depth = 0;
        int begin = 0;
        boolean between = false;
        for (int i = 0; i < tokens.size(); i++) {
            SqlToken token = tokens.get(i);
            depth += depth(token);
            if (depth > 0) {
                continue;
            }
            if (token.is("between")) {
                between = word.equals("and");
            } else if (token.is(word) && between) {
                between = false;
            } else if (token.is(word)) {
                parts.add(tokens.subList(begin, i));
                begin = i + 1;
            }
        }
        parts.add(tokens.subList(begin, tokens.size()));
        return parts;
    }

    private static List<List<SqlToken>> splitAt(List<SqlToken> tokens, String word) {
        List<List<SqlToken>> parts = new ArrayList<>();
        int begin = 0;
        for (int at = find(tokens, word); at >= 0; at = find(tokens.subList(begin, tokens.size()), word)) {
            parts.add(tokens.subList(begin, begin + at));
            begin += at + 1;
        }
        parts.add(tokens.subList(begin, tokens.size()));
        return parts;
    }

    private static int find(List<SqlToken> tokens, String word) {
        int depth = 0;
        for (int i = 0; i < tokens.size(); i++) {
            depth += depth(tokens.get(i));
            if (depth == 0 && tokens.get(i).is(word)) {
                return i;
            }
        }
        return -1;
    }

    /** Without brackets around all of it. */
    private static List<SqlToken> stripped(List<SqlToken> tokens) {
        if (tokens.size() < 2 || !tokens.getFirst().is("(")) {
            return tokens;
        }
        int depth = 0;
        for (int i = 0; i < tokens.size(); i++) {
            depth += depth(tokens.get(i));
            if (depth == 0) {
                return i == tokens.size() - 1 ? stripped(tokens.subList(1, i)) : tokens;
            }
        }
        return tokens;
    }

    private static int depth(SqlToken token) {
        boolean opens = token.is("(") || token.is("[") || token.is("case");
        boolean closes = token.is(")") || token.is("]") || token.is("end");
        return opens ? 1 : closes ? -1 : 0;
    }

    private static boolean is(List<SqlToken> tokens, int i, String word) {
        return i >= 0 && i < tokens.size() && tokens.get(i).is(word);
    }

    private static String word(SqlToken token) {
        return token.kind() == Kind.WORD ? token.name() : "";
    }

    private static String plain(List<SqlToken> tokens) {
        return String.join(" ", stripped(tokens).stream().map(token -> token.isName() ? token.name() : token.text()).toList());
    }
}
