// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.operations.migration.sql;

import dev.anabranch.operations.migration.sql.SqlToken.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Splits PostgreSQL's SQL into statements, as psql does: strings, quoted names, dollar quotes and nested comments are passed
 * over, and a semicolon between parentheses (rules of several actions) or in a routine's body between {@code BEGIN ATOMIC} and
 * {@code END} ends nothing. MariaDB's and MySQL's SQL is left to Flyway. psql's own commands and the rows of a {@code COPY …
 * FROM stdin} are not read.
 */
public final class SqlScript {
    private final String sql;
    private final List<SqlStatement> found = new ArrayList<>();
    private final StringBuilder comments = new StringBuilder();
    private final List<String> firstWords = new ArrayList<>();
    private int begin = -1;
    private int parentheses;
    private int bodies;

    private SqlScript(String sql) {
        this.sql = sql;
    }

    /** The statements of the text, in order. */
    public static List<SqlStatement> split(String sql) {
        return new SqlScript(sql).statements();
    }

    /** The text with each comment replaced by a space. Strings and quoted names stay as they are. */
    public static String withoutComments(String sql) {
        var kept = new StringBuilder(sql.length());
        int from = 0;
        for (SqlToken token : SqlToken.of(sql)) {
            if (token.kind() == Kind.COMMENT) {
                kept.append(sql, from, token.start()).append(' ');
                from = token.end();
            }
        }
        return kept.append(sql, from, sql.length()).toString();
    }

    /** The line of a place in the text, the first line being 1. */
    public static int lineOf(String sql, int place) {
        return 1 + (int) sql.substring(0, place).chars().filter(c -> c == '\n').count();
    }

    private List<SqlStatement> statements() {
        int end = 0;
        for (SqlToken token : SqlToken.of(sql)) {
            if (begin < 0) {
                if (token.kind() == Kind.COMMENT) {
                    comments.append(sql, comments.isEmpty() ? token.start() : end, token.end());
                } else if (!token.is(";")) {
                    begin = token.start();
                }
            }
            if (begin >= 0) {
                follow(token);
            } else if (token.is(";")) {
                comments.setLength(0);
            }
            end = token.end();
        }
        if (begin >= 0) {
            finish(sql.length());
        }
        return found;
    }

    private void follow(SqlToken token) {
        if (token.is("(")) {
            parentheses++;
        } else if (token.is(")")) {
            parentheses = Math.max(0, parentheses - 1);
        } else if (token.kind() == Kind.WORD) {
            if (firstWords.size() < 4) {
                firstWords.add(token.text().toLowerCase(Locale.ROOT));
            }
            if (parentheses == 0 && makesRoutine()) {
                // As psqlscan.l: END also closes CASE, which counts only within a body.
                if (token.is("begin") || (bodies > 0 && token.is("case"))) {
                    bodies++;
                } else if (bodies > 0 && token.is("end")) {
                    bodies--;
                }
            }
        } else if (token.is(";") && parentheses == 0 && bodies == 0) {
            finish(token.start());
        }
    }

    private boolean makesRoutine() {
        if (firstWords.size() < 2 || !firstWords.getFirst().equals("create")) {
            return false;
        }
        String kind = firstWords.size() == 4 && firstWords.get(1).equals("or") && firstWords.get(2).equals("replace")
                ? firstWords.get(3)
                : firstWords.get(1);
        return kind.equals("function") || kind.equals("procedure");
    }

    private void finish(int end) {
        found.add(new SqlStatement(
                sql.substring(begin, end).strip(), lineOf(sql, begin), comments.toString().strip(), begin));
        comments.setLength(0);
        firstWords.clear();
        begin = -1;
        parentheses = 0;
        bodies = 0;
    }
}
