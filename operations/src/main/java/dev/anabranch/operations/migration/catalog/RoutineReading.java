// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.operations.migration.catalog;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/** A row of pg_proc becomes a routine. */
final class RoutineReading {
    private RoutineReading() {}

    static Routine routine(ResultSet row) throws SQLException {
        Routine.Form form = switch (row.getString("prokind")) {
            case "p" -> Routine.Form.PROCEDURE;
            case "a" -> Routine.Form.AGGREGATE;
            default -> Routine.Form.FUNCTION;
        };
        String definition = form == Routine.Form.AGGREGATE
                ? aggregate(row)
                // pg_get_functiondef names the schema whatever the search path is.
                : row.getString("definition").replaceFirst(
                        java.util.regex.Pattern.quote(row.getString("qualified")),
                        java.util.regex.Matcher.quoteReplacement(row.getString("quoted")));
        boolean opaque = row.getBoolean("text_body") && row.getString("lanname").equals("sql");
        return new Routine(
                row.getString("proname"),
                row.getString("types"),
                form,
                row.getString("prokind") + " (" + row.getString("signature") + ") " + row.getString("result"),
                row.getBoolean("text_body") ? definition.strip() : ExpressionText.settled(definition.strip()),
                row.getBoolean("text_body") && form != Routine.Form.AGGREGATE
                        ? (opaque ? "sql " : "") + row.getString("prosrc")
                        : "",
                row.getString("comment"));
    }

    private static String aggregate(ResultSet row) throws SQLException {
        List<String> parts = new ArrayList<>();
        parts.add("SFUNC = " + row.getString("sfunc"));
        parts.add("STYPE = " + row.getString("stype"));
        add(parts, row, "FINALFUNC", "finalfunc");
        if (row.getBoolean("aggfinalextra")) {
            parts.add("FINALFUNC_EXTRA");
        }
        add(parts, row, "COMBINEFUNC", "combinefunc");
        add(parts, row, "SERIALFUNC", "serialfunc");
        add(parts, row, "DESERIALFUNC", "deserialfunc");
        literal(parts, row, "INITCOND", "agginitval");
        add(parts, row, "MSFUNC", "msfunc");
        add(parts, row, "MINVFUNC", "minvfunc");
        add(parts, row, "MSTYPE", "mstype");
        add(parts, row, "MFINALFUNC", "mfinalfunc");
        literal(parts, row, "MINITCOND", "aggminitval");
        add(parts, row, "SORTOP", "sortop");
        switch (row.getString("proparallel")) {
            case "s" -> parts.add("PARALLEL = SAFE");
            case "r" -> parts.add("PARALLEL = RESTRICTED");
            default -> {
                // unsafe is what an aggregate is when nothing is said
            }
        }
        if (row.getString("aggkind").equals("h")) {
            parts.add("HYPOTHETICAL");
        }
        String arguments = row.getString("signature");
        return "CREATE AGGREGATE " + row.getString("quoted") + "(" + (arguments.isEmpty() ? "*" : arguments) + ") ("
                + String.join(", ", parts) + ")";
    }

    private static void add(List<String> parts, ResultSet row, String word, String column) throws SQLException {
        String value = row.getString(column);
        if (value != null && !value.equals("-")) {
            parts.add(word + " = " + value);
        }
    }

    private static void literal(List<String> parts, ResultSet row, String word, String column) throws SQLException {
        String value = row.getString(column);
        if (value != null) {
            parts.add(word + " = " + Names.literal(value));
        }
    }
}
