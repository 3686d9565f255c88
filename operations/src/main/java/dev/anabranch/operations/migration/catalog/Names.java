// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.operations.migration.catalog;

import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Names as SQL has them. */
final class Names {
    private static final Pattern PLAIN = Pattern.compile("[a-z_][a-z0-9_]*");
    private static final int LONGEST = 63;

    /** PostgreSQL 18's words that are not unreserved, by pg_get_keywords(): quote_ident quotes them, and so do we. */
    private static final Set<String> WORDS = Set.of("""
            all analyse analyze and any array as asc asymmetric authorization between bigint binary bit boolean
            both case cast char character check coalesce collate collation column concurrently constraint create
            cross current_catalog current_date current_role current_schema current_time current_timestamp
            current_user dec decimal default deferrable desc distinct do else end except exists extract false fetch
            float for foreign freeze from full grant greatest group grouping having ilike in initially inner inout
            int integer intersect interval into is isnull join json json_array json_arrayagg json_exists
            json_object json_objectagg json_query json_scalar json_serialize json_table json_value lateral leading
            least left like limit localtime localtimestamp merge_action national natural nchar none normalize not
            notnull null nullif numeric offset on only or order out outer overlaps overlay placing position
            precision primary real references returning right row select session_user setof similar smallint some
            substring symmetric system_user table tablesample then time timestamp to trailing treat trim true union
            unique user using values varchar variadic verbose when where window with xmlattributes xmlconcat
            xmlelement xmlexists xmlforest xmlnamespaces xmlparse xmlpi xmlroot xmlserialize xmltable
            """.strip().split("\\s+"));

    private Names() {}

    /** The name, in quotes where it needs them. */
    static String quote(String name) {
        return PLAIN.matcher(name).matches() && !WORDS.contains(name) ? name : '"' + name.replace("\"", "\"\"") + '"';
    }

    /** The names, quoted where needed, with commas. */
    static String list(List<String> names) {
        return names.stream().map(Names::quote).collect(Collectors.joining(", "));
    }

    /** A text as a literal. */
    static String literal(String text) {
        String doubled = '\'' + text.replace("'", "''") + '\'';
        return text.contains("\\") ? 'E' + doubled.replace("\\", "\\\\") : doubled;
    }

    /** The name with a suffix, and a number where that is taken, at most 63 bytes of ASCII. */
    static String free(String name, String suffix, Predicate<String> taken) {
        for (int n = 0; ; n++) {
            String end = suffix + (n == 0 ? "" : String.valueOf(n));
            String found = cut(name, LONGEST - end.length()) + end;
            if (!taken.test(found)) {
                return found;
            }
        }
    }

    private static String cut(String name, int bytes) {
        byte[] all = name.getBytes(java.nio.charset.StandardCharsets.UTF_8);
        if (all.length <= bytes) {
            return name;
        }
        int end = bytes;
        while (end > 0 && (all[end] & 0xC0) == 0x80) {
            end--;
        }
        return new String(Arrays.copyOf(all, end), java.nio.charset.StandardCharsets.UTF_8);
    }
}
