// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.operations.migration.catalog;

import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The names in a piece of SQL that the server wrote. */
final class Identifiers {
    // A string or a dollar quote is passed over; what is left are names in quotes and words.
    private static final Pattern TOKEN = Pattern.compile(
            "E'(?:[^'\\\\]|\\\\.|'')*'|'(?:[^']|'')*'|(\\$[a-zA-Z_]*\\$).*?\\1|\"((?:[^\"]|\"\")+)\"|([\\p{L}_][\\p{L}\\p{N}_$]*)",
            Pattern.DOTALL);

    private Identifiers() {}

    /** Every name and word in it. */
    static Set<String> in(String sql) {
        Set<String> found = new LinkedHashSet<>();
        Matcher token = TOKEN.matcher(sql);
        while (token.find()) {
            if (token.group(2) != null) {
                found.add(token.group(2).replace("\"\"", "\""));
            } else if (token.group(3) != null) {
                found.add(token.group(3));
            }
        }
        return found;
    }

    /** Every word in a text that may be any language's, strings included. */
    static Set<String> words(String text) {
        Set<String> found = new LinkedHashSet<>();
        Matcher word = Pattern.compile("\"((?:[^\"]|\"\")+)\"|[\\p{L}_][\\p{L}\\p{N}_$]*").matcher(text);
        while (word.find()) {
            found.add(word.group(1) != null ? word.group(1) : word.group().toLowerCase(java.util.Locale.ROOT));
        }
        return found;
    }

    /** The SQL with names replaced, quoted where needed; a name that follows AS is what a result is called and stays. */
    static String replace(String sql, Map<String, String> names) {
        var replaced = new StringBuilder(sql.length());
        Matcher token = TOKEN.matcher(sql);
        while (token.find()) {
            String name = token.group(2) != null ? token.group(2).replace("\"\"", "\"") : token.group(3);
            String now = name == null ? null : names.get(name);
            token.appendReplacement(replaced, Matcher.quoteReplacement(now == null ? token.group() : Names.quote(now)));
        }
        return token.appendTail(replaced).toString();
    }
}
