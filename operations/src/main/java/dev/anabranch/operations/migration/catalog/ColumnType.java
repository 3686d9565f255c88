// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.operations.migration.catalog;

import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A column's type with its numbers: {@code numeric} with 10 and 2.
 *
 * @param name without other spellings of the same
 * @param numbers what stands in brackets
 */
public record ColumnType(String name, List<Integer> numbers) {
    private static final Pattern FORM = Pattern.compile("([^(]*?)\\s*(?:\\(\\s*(\\d{1,9}\\s*(?:,\\s*-?\\d{1,9}\\s*)?)\\))?\\s*([^(]*)");
    private static final Map<String, String> SAME = Map.ofEntries(
            Map.entry("character varying", "varchar"),
            Map.entry("pg_catalog.varchar", "varchar"),
            Map.entry("char varying", "varchar"),
            Map.entry("character", "char"),
            Map.entry("bpchar", "char"),
            Map.entry("decimal", "numeric"),
            Map.entry("dec", "numeric"),
            Map.entry("int", "integer"),
            Map.entry("int4", "integer"),
            Map.entry("serial", "integer"),
            Map.entry("int8", "bigint"),
            Map.entry("bigserial", "bigint"),
            Map.entry("int2", "smallint"),
            Map.entry("smallserial", "smallint"),
            Map.entry("bool", "boolean"),
            Map.entry("float8", "double precision"),
            Map.entry("float4", "real"),
            Map.entry("bit varying", "varbit"),
            Map.entry("timestamp without time zone", "timestamp"),
            Map.entry("timestamp with time zone", "timestamptz"),
            Map.entry("time without time zone", "time"),
            Map.entry("time with time zone", "timetz"));

    /** The type that is written so. */
    public static ColumnType of(String written) {
        Matcher parts = FORM.matcher(written.strip());
        if (!parts.matches()) {
            return new ColumnType(written, List.of());
        }
        String name = (parts.group(1) + " " + parts.group(3)).strip().replaceAll("\\s+", " ");
        String inner = parts.group(2) == null ? "" : parts.group(2).replaceAll("\\s", "");
        List<Integer> numbers = inner.isEmpty()
                ? List.of()
                : List.of(inner.split(",")).stream().map(Integer::valueOf).toList();
        return new ColumnType(SAME.getOrDefault(name, name), numbers);
    }

    /** Whether each value of this type is good as a value of the other, as it is stored. */
    public boolean becomes(ColumnType other) {
        if (equals(other)) {
            return true;
        }
        boolean sameName = name.equals(other.name);
        return switch (name) {
            case "varchar" -> other.name.equals("text") || (sameName && longer(other));
            case "text" -> other.name.equals("varchar") && other.numbers.isEmpty();
            case "varbit", "timestamp", "timestamptz", "time", "timetz" -> sameName && longer(other);
            case "numeric" -> sameName && wider(other);
            case "cidr" -> other.name.equals("inet");
            default -> false;
        };
    }

    /** Without a number there is no limit. */
    private boolean longer(ColumnType other) {
        return other.numbers.isEmpty() || (!numbers.isEmpty() && other.numbers.getFirst() >= numbers.getFirst());
    }

    private boolean wider(ColumnType other) {
        return other.numbers.isEmpty()
                || (!numbers.isEmpty()
                        && other.numbers.getFirst() >= numbers.getFirst()
                        && scale() == other.scale());
    }

    private int scale() {
        return numbers.size() > 1 ? numbers.get(1) : 0;
    }
}
