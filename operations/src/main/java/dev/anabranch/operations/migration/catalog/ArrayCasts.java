// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.operations.migration.catalog;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Writes the cast of an array as casts of its elements, as PostgreSQL does when it reads a definition that it wrote.
 *
 * <p>Of {@code kind in ('a', 'b')} with a varchar it first says {@code (ARRAY['a'::character varying, …])::text[]}. Run as a
 * statement, that comes back as {@code ARRAY[('a'::character varying)::text, …]}, and so a definition would never be equal to
 * the one it was generated from. The second form stays what it is.
 */
final class ArrayCasts {
    private static final String BEGIN = "(ARRAY[";
    private static final Pattern CAST =
            Pattern.compile("\\]\\)::((?:\"(?:[^\"]|\"\")*\"|\\w[\\w ]*|\\.|\\(\\d+(?:,\\d+)?\\))+)\\[\\]");

    private ArrayCasts() {}

    /** The text with the casts of all arrays moved inwards; null for null. */
    static @Nullable String inwardsOrNull(@Nullable String text) {
        return text == null ? null : inwards(text);
    }

    /** The text with the casts of all arrays moved inwards. */
    static String inwards(String text) {
        StringBuilder changed = new StringBuilder();
        int at = 0;
        while (at < text.length()) {
            if (text.startsWith(BEGIN, at)) {
                List<String> elements = new ArrayList<>();
                int end = elements(text, at + BEGIN.length(), elements);
                Matcher cast = CAST.matcher(text);
                if (end >= 0 && cast.region(end, text.length()).lookingAt()) {
                    changed.append("ARRAY[");
                    for (int i = 0; i < elements.size(); i++) {
                        changed.append(i == 0 ? "(" : ", (").append(inwards(elements.get(i))).append(")::").append(cast.group(1));
                    }
                    changed.append(']');
                    at = cast.end();
                    continue;
                }
            }
            int next = skip(text, at);
            changed.append(text, at, next);
            at = next;
        }
        return changed.toString();
    }

    /** Splits at the commas of this level; answers where the closing bracket is, or -1 where there is none. */
    private static int elements(String text, int begin, List<String> into) {
        int depth = 0;
        int from = begin;
        for (int at = begin; at < text.length(); at = skip(text, at)) {
            char c = text.charAt(at);
            if (c == '(' || c == '[') {
                depth++;
            } else if (depth > 0 && (c == ')' || c == ']')) {
                depth--;
            } else if (depth == 0 && (c == ',' || c == ']')) {
                if (!text.substring(from, at).isBlank()) {
                    into.add(text.substring(from, at).strip());
                }
                from = at + 1;
                if (c == ']') {
                    return at;
                }
            }
        }
        return -1;
    }

    /** The position after a string, a quoted name, or one character. */
    private static int skip(String text, int at) {
        char quote = text.charAt(at);
        if (quote != '\'' && quote != '"') {
            return at + 1;
        }
        boolean escapes = quote == '\'' && at > 0 && text.charAt(at - 1) == 'E';
        for (int i = at + 1; i < text.length(); i++) {
            char c = text.charAt(i);
            if (escapes && c == '\\') {
                i++;
            } else if (c == quote) {
                if (i + 1 < text.length() && text.charAt(i + 1) == quote) {
                    i++;
                } else {
                    return i + 1;
                }
            }
        }
        return text.length();
    }
}
