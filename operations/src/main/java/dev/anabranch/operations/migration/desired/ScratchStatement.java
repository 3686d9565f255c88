// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.operations.migration.desired;

import dev.anabranch.operations.migration.sql.SqlScript;
import dev.anabranch.operations.migration.sql.SqlStatement;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/** How a statement runs inside of the one transaction of a scratch schema. */
sealed interface ScratchStatement {
    /** In this form. */
    record Runs(String sql, boolean setsParameters) implements ScratchStatement {}

    /** Not at all: it changes no definition. */
    record Skipped() implements ScratchStatement {}

    /** Not at all, and nothing after it either. */
    record Refused(String why, String hint) implements ScratchStatement {}

    Set<String> ENDS_TRANSACTION =
            Set.of("BEGIN", "START", "COMMIT", "END", "ROLLBACK", "ABORT", "SAVEPOINT", "RELEASE");

    Pattern CONCURRENT_INDEX = Pattern.compile(
            "\\A(\\s*(?:CREATE\\s+(?:UNIQUE\\s+)?INDEX|DROP\\s+INDEX))\\s+CONCURRENTLY\\b", Pattern.CASE_INSENSITIVE);
    Pattern CONCURRENT_REINDEX = Pattern.compile(
            "\\A(\\s*REINDEX\\b.*?\\b(?:INDEX|TABLE|SCHEMA))\\s+CONCURRENTLY\\b", Pattern.CASE_INSENSITIVE | Pattern.DOTALL);
    Pattern CONCURRENT_DETACH = Pattern.compile(
            "\\A(\\s*ALTER\\s+TABLE\\b.*\\bDETACH\\s+PARTITION\\b.*)\\s+CONCURRENTLY\\s*\\z",
            Pattern.CASE_INSENSITIVE | Pattern.DOTALL);

    static ScratchStatement of(SqlStatement statement) {
        if (statement.text().startsWith("\\")) {
            return new Refused("this is a command of psql, not SQL", "Take it out; pg_dump writes such lines too");
        }
        String first = statement.head(1);
        if (ENDS_TRANSACTION.contains(first) || statement.head(2).equals("PREPARE TRANSACTION")) {
            return new Refused(
                    "statements that begin or end a transaction cannot be used here",
                    "Take it out: a migration's transaction is begun and ended by the program that runs it");
        }
        // Neither changes a definition, and neither runs inside of a transaction.
        if (first.equals("VACUUM") || first.equals("CHECKPOINT")) {
            return new Skipped();
        }
        String sql = statement.text();
        if (sql.toUpperCase(Locale.ROOT).contains("CONCURRENTLY")
                && (first.equals("CREATE") || first.equals("DROP") || first.equals("REINDEX") || first.equals("ALTER"))) {
            // Comments could stand between any two words; strings stay as they are.
            sql = SqlScript.withoutComments(sql);
            for (Pattern pattern : new Pattern[] {CONCURRENT_INDEX, CONCURRENT_REINDEX, CONCURRENT_DETACH}) {
                sql = pattern.matcher(sql).replaceFirst("$1");
            }
        }
        boolean sets = first.equals("SET") || first.equals("RESET")
                || (first.equals("SELECT") && sql.contains("set_config"));
        return new Runs(sql, sets);
    }
}
