// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.operations.migration.lint;

import dev.anabranch.operations.migration.sql.SqlToken;
import dev.anabranch.operations.migration.sql.SqlToken.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Reads the tokens of a statement, or of a part of it, from left to right. Comments are not among them. */
final class Cursor {
    private final String sql;
    private final List<SqlToken> tokens;
    private int at;

    /** Of a whole statement's text. */
    Cursor(String sql) {
        this(
                sql,
                SqlToken.of(sql).stream()
                        .filter(token -> token.kind() != Kind.COMMENT)
                        .toList());
    }

    private Cursor(String sql, List<SqlToken> tokens) {
        this.sql = sql;
        this.tokens = tokens;
    }

    List<SqlToken> tokens() {
        return tokens;
    }

    boolean done() {
        return at >= tokens.size();
    }

    SqlToken peek() {
        return done() ? new SqlToken(Kind.SYMBOL, "", sql.length()) : tokens.get(at);
    }

    SqlToken next() {
        SqlToken token = peek();
        at++;
        return token;
    }

    /** The token that was passed last. */
    SqlToken before() {
        return tokens.get(at - 1);
    }

    /** Whether these words come next. */
    boolean at(String... words) {
        for (int i = 0; i < words.length; i++) {
            if (at + i >= tokens.size() || !tokens.get(at + i).is(words[i])) {
                return false;
            }
        }
        return true;
    }

    /** Passes these words if they come next. */
    boolean take(String... words) {
        boolean there = at(words);
        if (there) {
            at += words.length;
        }
        return there;
    }

    boolean takeIfExists() {
        return take("if", "exists");
    }

    boolean takeIfNotExists() {
        return take("if", "not", "exists");
    }

    boolean isAny(Set<String> words) {
        return peek().kind() == Kind.WORD && words.contains(peek().name());
    }

    /** Passes a name, which may have a schema before it. */
    Name name() {
        SqlToken first = next();
        if (at(".") && at + 1 < tokens.size()) {
            at++;
            SqlToken second = next();
            return new Name(first.name(), second.name(), first.text() + "." + second.text());
        }
        return new Name("", first.name(), first.text());
    }

    /** Names with commas between them. */
    List<Name> names() {
        List<Name> names = new ArrayList<>();
        do {
            take("only");
            names.add(name());
            take("*");
            if (at("(")) {
                parentheses();
            }
        } while (take(","));
        return names;
    }

    /** Passes a pair of parentheses, and returns what lies within; nothing if none come next. */
    Cursor parentheses() {
        if (!at("(")) {
            return new Cursor(sql, List.of());
        }
        int begin = at + 1;
        passOne();
        return new Cursor(sql, tokens.subList(begin, Math.max(begin, at - 1)));
    }

    /** Passes one token, or everything between it and its closing bracket. */
    void passOne() {
        int depth = 0;
        do {
            SqlToken token = next();
            if (token.is("(") || token.is("[")) {
                depth++;
            } else if (token.is(")") || token.is("]")) {
                depth--;
            }
        } while (depth > 0 && !done());
    }

    /** Passes at least one token, up to one of these words outside of brackets; returns what was passed. */
    Cursor upTo(Set<String> words) {
        int begin = at;
        do {
            passOne();
        } while (!done() && !isAny(words));
        return new Cursor(sql, tokens.subList(begin, Math.min(at, tokens.size())));
    }

    /** What is left, cut at the commas outside of brackets. */
    List<Cursor> commas() {
        List<Cursor> parts = new ArrayList<>();
        while (!done()) {
            int begin = at;
            while (!done() && !at(",")) {
                passOne();
            }
            parts.add(new Cursor(sql, tokens.subList(begin, Math.min(at, tokens.size()))));
            at++;
        }
        return parts;
    }

    /** All of it from its first token on, whatever was passed already, as written. */
    String text() {
        return tokens.isEmpty() ? "" : sql.substring(tokens.getFirst().start(), tokens.getLast().end());
    }

    /** What was passed from that place in the statement on, as written. */
    String since(int start) {
        return at == 0 ? "" : sql.substring(start, tokens.get(Math.min(at, tokens.size()) - 1).end());
    }

    /** Some of its tokens, to be read on their own. */
    Cursor part(List<SqlToken> some) {
        return new Cursor(sql, some);
    }

    /** What is left, to be read on its own. */
    Cursor left() {
        return new Cursor(sql, tokens.subList(Math.min(at, tokens.size()), tokens.size()));
    }

    /** What is left, as written. */
    String rest() {
        return done() ? "" : sql.substring(peek().start(), tokens.getLast().end());
    }

    /** As {@link #text()} in lower case with single spaces, so that two spellings of one thing are equal. */
    String plain() {
        var plain = new StringBuilder();
        for (SqlToken token : tokens) {
            String word = token.kind() == Kind.WORD ? token.name() : token.text();
            boolean space = !plain.isEmpty() && token.kind() != Kind.SYMBOL && plain.charAt(plain.length() - 1) != '(';
            plain.append(space ? " " : "").append(word);
        }
        return plain.toString();
    }

    /** Back to the first token. */
    Cursor again() {
        return new Cursor(sql, tokens);
    }
}
