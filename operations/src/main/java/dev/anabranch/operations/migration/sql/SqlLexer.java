// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.operations.migration.sql;

import dev.anabranch.operations.migration.sql.SqlToken.Kind;
import org.jspecify.annotations.Nullable;

/** Cuts SQL into tokens by the rules of PostgreSQL's scan.l, with {@code standard_conforming_strings} on. */
final class SqlLexer {
    private final String sql;
    private int at;

    SqlLexer(String sql) {
        this.sql = sql;
        at = sql.startsWith("\uFEFF") ? 1 : 0;
    }

    /** The next token, or null at the end. */
    @Nullable SqlToken next() {
        while (at < sql.length() && isSpace(sql.charAt(at))) {
            at++;
        }
        if (at == sql.length()) {
            return null;
        }
        int begin = at;
        Kind kind = pass();
        return new SqlToken(kind, sql.substring(begin, at), begin);
    }

    private Kind pass() {
        char c = sql.charAt(at);
        if (sql.startsWith("--", at)) {
            int end = lineEnd(at);
            at = end;
            return Kind.COMMENT;
        }
        if (sql.startsWith("/*", at)) {
            return blockComment();
        }
        if (c == '\'') {
            return string(false);
        }
        if (c == '"') {
            return quotedName();
        }
        if (c == '$') {
            return dollar();
        }
        if (c >= '0' && c <= '9') {
            return number();
        }
        if (isNameStart(c)) {
            return word(c);
        }
        at += sql.startsWith("::", at) ? 2 : 1;
        return Kind.SYMBOL;
    }

    /** A word, or the prefix of a string or of a quoted name. */
    private Kind word(char c) {
        char second = at + 1 < sql.length() ? sql.charAt(at + 1) : ' ';
        if (second == '\'' && "eEbBxXnN".indexOf(c) >= 0) {
            at++;
            return string(c == 'e' || c == 'E');
        }
        if ((c == 'u' || c == 'U') && second == '&' && at + 2 < sql.length()) {
            char third = sql.charAt(at + 2);
            if (third == '\'' || third == '"') {
                at += 2;
                return third == '"' ? quotedName() : string(false);
            }
        }
        while (at < sql.length() && isNamePart(sql.charAt(at))) {
            at++;
        }
        return Kind.WORD;
    }

    private Kind string(boolean backslashes) {
        at++;
        while (at < sql.length()) {
            char c = sql.charAt(at++);
            if (backslashes && c == '\\' && at < sql.length()) {
                at++;
            } else if (c == '\'') {
                if (at < sql.length() && sql.charAt(at) == '\'') {
                    at++;
                } else if (!continues()) {
                    return Kind.STRING;
                }
            }
        }
        return Kind.UNTERMINATED;
    }

    /** Whether the string goes on after a line's end, in which case that is passed together with the next quote. */
    private boolean continues() {
        int here = at;
        boolean newLine = false;
        while (here < sql.length()) {
            char c = sql.charAt(here);
            if (newLine && sql.startsWith("--", here)) {
                here = lineEnd(here);
            } else if (isSpace(c)) {
                newLine |= c == '\n' || c == '\r';
                here++;
            } else {
                break;
            }
        }
        if (!newLine || here >= sql.length() || sql.charAt(here) != '\'') {
            return false;
        }
        at = here + 1;
        return true;
    }

    private Kind quotedName() {
        at++;
        while (at < sql.length()) {
            if (sql.charAt(at++) == '"') {
                if (at < sql.length() && sql.charAt(at) == '"') {
                    at++;
                } else {
                    return Kind.QUOTED_NAME;
                }
            }
        }
        return Kind.UNTERMINATED;
    }

    private Kind blockComment() {
        int depth = 0;
        while (at < sql.length()) {
            if (sql.startsWith("/*", at)) {
                depth++;
                at += 2;
            } else if (sql.startsWith("*/", at)) {
                depth--;
                at += 2;
                if (depth == 0) {
                    return Kind.COMMENT;
                }
            } else {
                at++;
            }
        }
        return Kind.UNTERMINATED;
    }

    private Kind dollar() {
        int end = at + 1;
        if (end < sql.length() && Character.isDigit(sql.charAt(end))) {
            while (end < sql.length() && Character.isDigit(sql.charAt(end))) {
                end++;
            }
            at = end;
            return Kind.NUMBER;
        }
        while (end < sql.length() && isNamePart(sql.charAt(end)) && sql.charAt(end) != '$') {
            end++;
        }
        if (end >= sql.length() || sql.charAt(end) != '$') {
            at++;
            return Kind.SYMBOL;
        }
        String tag = sql.substring(at, end + 1);
        int close = sql.indexOf(tag, end + 1);
        at = close < 0 ? sql.length() : close + tag.length();
        return close < 0 ? Kind.UNTERMINATED : Kind.DOLLAR_STRING;
    }

    private Kind number() {
        while (at < sql.length()) {
            char c = sql.charAt(at);
            boolean sign = (c == '+' || c == '-')
                    && (sql.charAt(at - 1) == 'e' || sql.charAt(at - 1) == 'E')
                    && at + 1 < sql.length()
                    && Character.isDigit(sql.charAt(at + 1))
                    && !sql.startsWith("--", at);
            boolean point = c == '.' && !sql.startsWith("..", at);
            if (!sign && !point && !Character.isDigit(c) && !(c < 0x80 && Character.isLetter(c)) && c != '_') {
                break;
            }
            at++;
        }
        return Kind.NUMBER;
    }

    private int lineEnd(int from) {
        int end = from;
        while (end < sql.length() && sql.charAt(end) != '\n' && sql.charAt(end) != '\r') {
            end++;
        }
        return end;
    }

    static boolean isSpace(char c) {
        return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\u000B';
    }

    private static boolean isNameStart(char c) {
        // PostgreSQL takes every byte above 127 for a letter.
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c >= 0x80;
    }

    private static boolean isNamePart(char c) {
        return isNameStart(c) || (c >= '0' && c <= '9') || c == '$';
    }
}
