// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.operations.migration.catalog;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Expressions as PostgreSQL writes them, brought to the form in which it would write them after it has read them once more.
 *
 * <p>It writes {@code name IN ('a', 'b')} on a varchar as {@code (ARRAY['a'::character varying, …])::text[]}, reads that as a
 * cast of each element, and writes it as {@code ARRAY[('a'::character varying)::text, …]} from then on. Without this, an
 * expression that was made from its own text would differ from itself.
 */
final class ExpressionText {
    private static final String ARRAY = "(ARRAY[";
    private static final Pattern CAST = Pattern.compile("\\]\\)::((?:[\\p{L}_][\\p{L}\\p{N}_ ]*|\"(?:[^\"]|\"\")+\"|\\.|\\([0-9, ]+\\))+)\\[\\]");

    private ExpressionText() {}

    /** The expression in the form that stays. */
    static String settled(String sql) {
        if (!sql.contains("])::")) {
            return sql;
        }
        String text = sql;
        // From the right, so that what is inside another array is done before that.
        for (int at = text.lastIndexOf(ARRAY); at >= 0; at = at == 0 ? -1 : text.lastIndexOf(ARRAY, at - 1)) {
            List<String> elements = new ArrayList<>();
            int end = elements(text, at + ARRAY.length(), elements);
            Matcher cast = CAST.matcher(text);
            if (end > 0 && cast.find(end) && cast.start() == end) {
                String type = cast.group(1);
                elements.replaceAll(element -> "(" + element + ")::" + type);
                text = text.substring(0, at) + "ARRAY[" + String.join(", ", elements) + "]" + text.substring(cast.end());
            }
        }
        return text;
    }

    /** Splits at the commas of this level; the position of the closing bracket, or -1 where there is none. */
    private static int elements(String text, int begin, List<String> elements) {
        int depth = 0;
        int start = begin;
        char quote = 0;
        for (int at = begin; at < text.length(); at++) {
            char c = text.charAt(at);
            if (quote != 0) {
                quote = c == quote ? 0 : quote;
            } else if (c == '\'' || c == '"') {
                quote = c;
            } else if (c == '(' || c == '[') {
                depth++;
            } else if (depth > 0 && (c == ')' || c == ']')) {
                depth--;
            } else if (c == ']' || (c == ',' && depth == 0)) {
                elements.add(text.substring(start, at).strip());
                start = at + 1;
                if (c == ']') {
                    return at;
                }
            }
        }
        return -1;
    }
}
