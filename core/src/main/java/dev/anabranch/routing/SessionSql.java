// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.routing;

/**
 * Whether a text of SQL leaves its session other than it was: {@code SET}, {@code RESET}, {@code DISCARD}, {@code USE}, and
 * what writes a setting by a function.
 *
 * <p>The pool knows which schema it has set on a connection, and not what a statement has set since; the next caller would
 * find another group's tables. A text is read by its first words, also behind a semicolon, and searched for {@code
 * set_config} and {@code search_path}; where in doubt it counts as one that changes the session, which costs a connection
 * and no more. What a function or a procedure of the database sets inside is not seen.
 */
final class SessionSql {
    private static final String SET_CONFIG = "set_config";

    private SessionSql() {}

    /**
     * Whether a connection that runs this must not go back to the pool.
     *
     * @param postgres whether PostgreSQL reads it; with MariaDB and MySQL {@code SET LOCAL} means the session
     */
    static boolean changesSession(String sql, boolean postgres) {
        int start = start(sql, 0, postgres);
        if (startsChange(sql, start, postgres)) {
            return true;
        }
        for (int end = sql.indexOf(';', start); end >= 0; end = sql.indexOf(';', end + 1)) {
            if (startsChange(sql, start(sql, end + 1, postgres), postgres)) {
                return true;
            }
        }
        return postgres && writesSetting(sql, start);
    }

    /** The first character of a statement, behind white space, comments and brackets; a comment that runs is one. */
    private static int start(String sql, int from, boolean postgres) {
        int at = from;
        while (at < sql.length()) {
            char c = sql.charAt(at);
            if (c > ' ' && c != '-' && c != '/' && c != '#' && c != '{' && c != '(') {
                return at;
            }
            if (c == '#' || sql.startsWith("--", at)) {
                int end = sql.indexOf('\n', at);
                at = end < 0 ? sql.length() : end + 1;
            } else if (sql.startsWith("/*!", at) || sql.startsWith("/*M!", at)) {
                return at;
            } else if (c == '/' || c == '-') {
                if (!sql.startsWith("/*", at)) {
                    return at;
                }
                at = endOfComment(sql, at, postgres);
            } else {
                at++;
            }
        }
        return at;
    }

    /** PostgreSQL's comments nest. */
    private static int endOfComment(String sql, int from, boolean nests) {
        int depth = 0;
        for (int at = from; at < sql.length(); at++) {
            if (sql.startsWith("/*", at) && (nests || depth == 0)) {
                depth++;
                at++;
            } else if (sql.startsWith("*/", at)) {
                at++;
                if (--depth == 0) {
                    return at + 1;
                }
            }
        }
        return sql.length();
    }

    private static boolean startsChange(String sql, int at, boolean postgres) {
        if (at >= sql.length()) {
            return false;
        }
        return switch (sql.charAt(at)) {
            case 's', 'S' -> isWord(sql, at, "set") && !isHarmless(sql, start(sql, at + 3, postgres), postgres);
            case 'r', 'R' -> isWord(sql, at, "reset");
            case 'd', 'D' -> isWord(sql, at, "discard");
            case 'u', 'U' -> isWord(sql, at, "use");
            // A comment that MariaDB and MySQL run.
            case '/' -> true;
            default -> false;
        };
    }

    /** What ends with the transaction. */
    private static boolean isHarmless(String sql, int at, boolean postgres) {
        return (postgres && isWord(sql, at, "local")) || isWord(sql, at, "transaction") || isWord(sql, at, "constraints");
    }

    private static boolean isWord(String sql, int at, String word) {
        int end = at + word.length();
        return sql.regionMatches(true, at, word, 0, word.length())
                && (end == sql.length() || !Character.isJavaIdentifierPart(sql.charAt(end)));
    }

    /** By what few statements have: a bracket behind that name, or the other name in a text that quotes something. */
    private static boolean writesSetting(String sql, int start) {
        for (int at = sql.indexOf('(', start); at >= 0; at = sql.indexOf('(', at + 1)) {
            if (callsSetConfig(sql, at) && !isForTransaction(sql, at)) {
                return true;
            }
        }
        boolean quotes = sql.indexOf('\'', start) >= 0 || isWord(sql, start, "do");
        return quotes && contains(sql, "search_path") && !leavesPath(sql, start);
    }

    private static boolean callsSetConfig(String sql, int bracket) {
        int end = bracket;
        while (end > 0 && sql.charAt(end - 1) <= ' ') {
            end--;
        }
        return switch (end == 0 ? ' ' : sql.charAt(end - 1)) {
            case 'g', 'G' -> sql.regionMatches(true, end - SET_CONFIG.length(), SET_CONFIG, 0, SET_CONFIG.length());
            case '"' -> sql.regionMatches(true, end - 1 - SET_CONFIG.length(), SET_CONFIG, 0, SET_CONFIG.length());
            case '/' -> contains(sql, SET_CONFIG);
            default -> false;
        };
    }

    private static boolean contains(String sql, String name) {
        for (int at = 0; at <= sql.length() - name.length(); at++) {
            if (sql.regionMatches(true, at, name, 0, name.length())) {
                return true;
            }
        }
        return false;
    }

    /** Whether the call {@code set_config(name, value, true)} ends with the transaction. */
    private static boolean isForTransaction(String sql, int from) {
        int depth = 0;
        int lastComma = -1;
        boolean quoted = false;
        for (int at = from; at < sql.length(); at++) {
            char c = sql.charAt(at);
            if (c == '\'') {
                quoted = !quoted;
            } else if (!quoted && c == '(') {
                depth++;
            } else if (!quoted && c == ',' && depth == 1) {
                lastComma = at;
            } else if (!quoted && c == ')' && --depth == 0) {
                return lastComma > 0 && sql.substring(lastComma + 1, at).strip().equalsIgnoreCase("true");
            }
        }
        return false;
    }

    /** One statement that names the path to show it or to set it for the transaction; a select writes by functions alone. */
    private static boolean leavesPath(String sql, int start) {
        int end = sql.indexOf(';', start);
        boolean single = end < 0 || start(sql, end + 1, true) >= sql.length();
        return single && (isWord(sql, start, "show") || isWord(sql, start, "select") || isWord(sql, start, "set"));
    }
}
