// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.operations.migration.sql;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * A piece of SQL text as PostgreSQL's lexer cuts it; white space lies between them.
 *
 * @param kind what it is
 * @param text as written, with its quotes
 * @param start its first character's place in the whole text
 */
public record SqlToken(Kind kind, String text, int start) {
    /** What a token is. */
    public enum Kind {
        /** A key word or a name without quotes. */
        WORD,
        /** A name in double quotes. */
        QUOTED_NAME,
        /** A string of any form with single quotes, with its prefix. */
        STRING,
        /** A string between dollar quotes. */
        DOLLAR_STRING,
        /** A number or a parameter such as {@code $1}. */
        NUMBER,
        /** {@code ::}, or any other single character. */
        SYMBOL,
        /** A comment. */
        COMMENT,
        /** What begins as a string, a name or a comment and never ends. */
        UNTERMINATED
    }

    /** The tokens of the text in order, comments with them. */
    public static List<SqlToken> of(String sql) {
        var lexer = new SqlLexer(sql);
        List<SqlToken> tokens = new ArrayList<>();
        for (SqlToken token = lexer.next(); token != null; token = lexer.next()) {
            tokens.add(token);
        }
        return tokens;
    }

    /** The place after its last character. */
    public int end() {
        return start + text.length();
    }

    /** Whether it is this key word, in any case, or this symbol. */
    public boolean is(String wordOrSymbol) {
        return switch (kind) {
            case WORD -> text.equalsIgnoreCase(wordOrSymbol);
            case SYMBOL -> text.equals(wordOrSymbol);
            case QUOTED_NAME, STRING, DOLLAR_STRING, NUMBER, COMMENT, UNTERMINATED -> false;
        };
    }

    /** Whether it can be a name. */
    public boolean isName() {
        return kind == Kind.WORD || kind == Kind.QUOTED_NAME;
    }

    /** The name it stands for: in lower case unless it is quoted. */
    public String name() {
        return kind == Kind.QUOTED_NAME
                ? text.substring(text.indexOf('"') + 1, text.length() - 1).replace("\"\"", "\"")
                : text.toLowerCase(Locale.ROOT);
    }

    /** What stands between its quotes: for strings and dollar quotes, escapes as written. */
    public String content() {
        return switch (kind) {
            case STRING -> text.substring(text.indexOf('\'') + 1, text.length() - 1).replace("''", "'");
            case DOLLAR_STRING -> {
                int tag = text.indexOf('$', 1) + 1;
                yield text.substring(tag, text.length() - tag);
            }
            case WORD, QUOTED_NAME, NUMBER, SYMBOL, COMMENT, UNTERMINATED -> text;
        };
    }
}
