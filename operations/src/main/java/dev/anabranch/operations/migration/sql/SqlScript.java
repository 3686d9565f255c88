// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.operations.migration.sql;

import java.util.ArrayList;
import java.util.List;

/**
 * Splits PostgreSQL's SQL into statements, as psql does: strings, quoted names, dollar quotes, nested comments, and bodies
 * between {@code BEGIN ATOMIC} and {@code END} are passed over. MariaDB's and MySQL's SQL is left to Flyway.
 */
public final class SqlScript {
    private final String sql;
    private int at;

    private SqlScript(String sql) {
        this.sql = sql;
    }

    /** The statements of the text, in order. */
    public static List<SqlStatement> split(String sql) {
        return new SqlScript(sql).statements();
    }

    /** The text with each comment replaced by a space. Strings and quoted names stay as they are. */
    public static String withoutComments(String sql) {
        var script = new SqlScript(sql);
        var kept = new StringBuilder(sql.length());
        while (script.at < sql.length()) {
            int begin = script.at;
            if (script.comment()) {
                kept.append(' ');
            } else {
                script.token();
                kept.append(sql, begin, script.at);
            }
        }
        return kept.toString();
    }

    private List<SqlStatement> statements() {
        List<SqlStatement> found = new ArrayList<>();
        var comments = new StringBuilder();
        int begin = -1;
        int atomic = 0;
        while (at < sql.length()) {
            int here = at;
            if (comment()) {
                if (begin < 0) {
                    comments.append(sql, here, at);
                }
                continue;
            }
            char c = sql.charAt(at);
            if (c == ';' && atomic == 0) {
                if (begin >= 0) {
                    found.add(new SqlStatement(sql.substring(begin, at).strip(), lineOf(begin), comments.toString().strip()));
                }
                begin = -1;
                comments.setLength(0);
                at++;
                continue;
            }
            token();
            if (Character.isWhitespace(c)) {
                if (begin < 0) {
                    comments.append(c);
                }
                continue;
            }
            if (begin < 0) {
                begin = here;
            }
            String word = sql.substring(here, at);
            if (word.equalsIgnoreCase("atomic") && before(here).equalsIgnoreCase("begin")) {
                atomic = 1;
            } else if (atomic > 0 && word.equalsIgnoreCase("case")) {
                atomic++;
            } else if (atomic > 0 && word.equalsIgnoreCase("end")) {
                atomic--;
            }
        }
        if (begin >= 0) {
            found.add(new SqlStatement(sql.substring(begin).strip(), lineOf(begin), comments.toString().strip()));
        }
        return found;
    }

    /** The word that ends before this position. */
    private String before(int position) {
        int end = position;
        while (end > 0 && Character.isWhitespace(sql.charAt(end - 1))) {
            end--;
        }
        int begin = end;
        while (begin > 0 && Character.isLetter(sql.charAt(begin - 1))) {
            begin--;
        }
        return sql.substring(begin, end);
    }

    private int lineOf(int position) {
        return 1 + (int) sql.substring(0, position).chars().filter(c -> c == '\n').count();
    }

    /** Passes a comment, if one begins here. */
    private boolean comment() {
        if (sql.startsWith("--", at)) {
            int end = sql.indexOf('\n', at);
            at = end < 0 ? sql.length() : end + 1;
            return true;
        }
        if (!sql.startsWith("/*", at)) {
            return false;
        }
        int depth = 0;
        do {
            if (sql.startsWith("/*", at)) {
                depth++;
                at += 2;
            } else if (sql.startsWith("*/", at)) {
                depth--;
                at += 2;
            } else {
                at++;
            }
        } while (depth > 0 && at < sql.length());
        return true;
    }

    /** Passes a string, a quoted name, a dollar quote, a word, or one character. */
    private void token() {
        char c = sql.charAt(at);
        if (c == '\'' || c == '"') {
            quoted(c, c == '\'' && at > 0 && (sql.charAt(at - 1) == 'E' || sql.charAt(at - 1) == 'e') && !wordBefore(at - 1));
        } else if (c == '$') {
            dollar();
        } else if (Character.isLetter(c) || c == '_') {
            do {
                at++;
            } while (at < sql.length() && isWord(sql.charAt(at)));
        } else {
            at++;
        }
    }

    private boolean wordBefore(int position) {
        return position > 0 && isWord(sql.charAt(position - 1));
    }

    private static boolean isWord(char c) {
        return Character.isLetterOrDigit(c) || c == '_' || c == '$';
    }

    private void quoted(char quote, boolean backslashes) {
        at++;
        while (at < sql.length()) {
            char c = sql.charAt(at++);
            if (backslashes && c == '\\' && at < sql.length()) {
                at++;
            } else if (c == quote) {
                if (at < sql.length() && sql.charAt(at) == quote) {
                    at++;
                } else {
                    return;
                }
            }
        }
    }

    private void dollar() {
        int end = at + 1;
        while (end < sql.length() && (Character.isLetterOrDigit(sql.charAt(end)) || sql.charAt(end) == '_')) {
            end++;
        }
        boolean quote = end < sql.length()
                && sql.charAt(end) == '$'
                && (end == at + 1 || !Character.isDigit(sql.charAt(at + 1)));
        if (!quote) {
            at++;
            return;
        }
        String tag = sql.substring(at, end + 1);
        int close = sql.indexOf(tag, end + 1);
        at = close < 0 ? sql.length() : close + tag.length();
    }
}
