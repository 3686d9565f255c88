// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.operations.migration.catalog;

import java.sql.Array;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Rows about what belongs to a table become objects. */
final class PartReading {
    private PartReading() {}

    static Constraint constraint(ResultSet row) throws SQLException {
        Constraint.Type type = switch (row.getString("contype")) {
            case "p" -> Constraint.Type.PRIMARY_KEY;
            case "u" -> Constraint.Type.UNIQUE;
            case "x" -> Constraint.Type.EXCLUSION;
            case "c" -> Constraint.Type.CHECK;
            default -> Constraint.Type.FOREIGN_KEY;
        };
        return new Constraint(
                row.getString("relname"),
                row.getString("conname"),
                type,
                ExpressionText.settled(row.getString("definition")),
                orEmpty(settled(row, "index")),
                orEmpty(row.getString("refers")),
                row.getBoolean("inherited"),
                row.getString("comment"));
    }

    static Index index(ResultSet row) throws SQLException {
        return new Index(
                row.getString("table"),
                row.getString("relname"),
                row.getBoolean("indisunique"),
                ExpressionText.settled(row.getString("definition")),
                row.getBoolean("indisvalid"),
                row.getBoolean("inherited"),
                row.getString("comment"));
    }

    static Trigger trigger(ResultSet row) throws SQLException {
        Trigger.State state = switch (row.getString("tgenabled")) {
            case "D" -> Trigger.State.DISABLED;
            case "R" -> Trigger.State.REPLICA;
            case "A" -> Trigger.State.ALWAYS;
            default -> Trigger.State.ENABLED;
        };
        return new Trigger(
                row.getString("relname"),
                row.getString("tgname"),
                // pg_get_triggerdef names the schema, unless it is to write expressions that need not stay as they are.
                ExpressionText.settled(row.getString("definition")
                        .replaceFirst(
                                " ON " + Pattern.quote(row.getString("qualified")),
                                Matcher.quoteReplacement(" ON " + row.getString("quoted")))),
                state,
                row.getString("comment"));
    }

    static Policy policy(ResultSet row) throws SQLException {
        String command = switch (row.getString("polcmd")) {
            case "r" -> "SELECT";
            case "a" -> "INSERT";
            case "w" -> "UPDATE";
            case "d" -> "DELETE";
            default -> "ALL";
        };
        String using = settled(row, "using_expression");
        String check = settled(row, "check_expression");
        return new Policy(
                row.getString("relname"),
                row.getString("polname"),
                (row.getBoolean("polpermissive") ? "AS PERMISSIVE" : "AS RESTRICTIVE") + " FOR " + command + " TO "
                        + String.join(", ", list(row, "roles"))
                        + (using == null ? "" : " USING (" + using + ")")
                        + (check == null ? "" : " WITH CHECK (" + check + ")"),
                row.getString("comment"));
    }

    static Statistics statistics(ResultSet row) throws SQLException {
        return new Statistics(
                row.getString("relname"),
                row.getString("stxname"),
                ExpressionText.settled(row.getString("definition")),
                row.getString("comment"));
    }

    static @Nullable String settled(ResultSet row, String column) throws SQLException {
        String text = row.getString(column);
        return text == null ? null : ExpressionText.settled(text);
    }

    static String orEmpty(@Nullable String text) {
        return text == null ? "" : text;
    }

    static List<String> list(ResultSet row, String column) throws SQLException {
        Array array = row.getArray(column);
        return array == null ? List.of() : Arrays.stream((Object[]) array.getArray()).map(String::valueOf).toList();
    }
}
