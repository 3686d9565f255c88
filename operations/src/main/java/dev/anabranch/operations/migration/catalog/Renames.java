// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.operations.migration.catalog;

import dev.anabranch.problem.AnabranchException;
import dev.anabranch.problem.ErrorCode;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a person says has been renamed; nothing is guessed.
 *
 * @param tables old name to new name
 * @param columns {@code table.old}, by the table's new name, to the column's new name
 */
public record Renames(Map<String, String> tables, Map<String, String> columns) {
    /** Nothing was renamed. */
    public static final Renames NONE = new Renames(Map.of(), Map.of());

    private static final Pattern FORM = Pattern.compile("(?:([^.:]+)\\.)?([^.:]+):([^.:]+)");

    /** Copies the maps. */
    public Renames {
        tables = Map.copyOf(tables);
        columns = Map.copyOf(columns);
    }

    /**
     * Reads {@code old:new} for tables and {@code table.old:new} for columns.
     *
     * @throws AnabranchException {@link ErrorCode#CONFIGURATION_INVALID} for another form
     */
    public static Renames parse(Collection<String> texts) {
        Map<String, String> tables = new LinkedHashMap<>();
        Map<String, String> columns = new LinkedHashMap<>();
        for (String text : texts) {
            Matcher parts = FORM.matcher(text);
            if (!parts.matches()) {
                throw new AnabranchException(
                        ErrorCode.CONFIGURATION_INVALID,
                        "'" + text + "' tells no rename",
                        "Write old:new for a table, and table.old:new for a column");
            }
            if (parts.group(1) == null) {
                tables.put(parts.group(2), parts.group(3));
            } else {
                columns.put(parts.group(1) + "." + parts.group(2), parts.group(3));
            }
        }
        return new Renames(tables, columns);
    }

    /** The new name of a table, if it has one. */
    public Optional<String> table(String old) {
        return Optional.ofNullable(tables.get(old));
    }

    /** The new name of a column, if it has one. */
    public Optional<String> column(String table, String old) {
        return Optional.ofNullable(columns.get(table + "." + old));
    }
}
