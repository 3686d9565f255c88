// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.operations.migration.lint;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Statements that go over whole tables. */
final class DataRules implements Rule {
    @Override
    public void look(ReadStatement statement, Situation now) {
        if (statement.ddl() instanceof Ddl.Rows rows) {
            rows(rows, batches(rows), statement, now);
        } else if (statement.ddl() instanceof Ddl.Opaque opaque) {
            opaque.parts().forEach(rows -> rows(rows, null, statement, now));
        } else if (statement.ddl() instanceof Ddl.Heavy heavy) {
            heavy(heavy, statement, now);
        }
    }

    private static void rows(Ddl.Rows rows, @Nullable String rewrite, ReadStatement statement, Situation now) {
        if (rows.whole() && !now.isNew(rows.table(), statement)) {
            now.out().add(
                    LintRule.UNBATCHED_BACKFILL,
                    statement,
                    "The " + rows.verb().toUpperCase(Locale.ROOT) + " goes over all of " + rows.table().written()
                            + " in one transaction",
                    rewrite);
        }
    }

    private static void heavy(Ddl.Heavy heavy, ReadStatement statement, Situation now) {
        if (!heavy.tables().isEmpty() && heavy.tables().stream().allMatch(table -> now.isNew(table, statement))) {
            return;
        }
        String tables = String.join(", ", heavy.tables().stream().map(Name::written).toList());
        String verb = heavy.verb().toUpperCase(Locale.ROOT);
        if (heavy.verb().equals("truncate")) {
            now.out().add(
                    LintRule.TRUNCATE,
                    statement,
                    "All rows of " + tables + " are deleted",
                    "-- in a file named …_online.sql, so that it runs outside of a transaction\n"
                            + String.join("\n", heavy.tables().stream()
                                    .map(table -> Written.batches(
                                            table.written(), "DELETE FROM " + table.written(), "true"))
                                    .toList()));
        } else {
            String rewrite = switch (heavy.verb()) {
                case "refresh" -> "REFRESH MATERIALIZED VIEW CONCURRENTLY " + tables + ";";
                default -> null;
            };
            now.out().add(
                    LintRule.TABLE_REWRITES, statement, (verb + " locks " + tables).strip(), rewrite);
        }
    }

    /** The statement as a loop over batches, where it is simple enough. */
    private static @Nullable String batches(Ddl.Rows rows) {
        Cursor at = rows.statement().again();
        String head = "-- in a file named …_online.sql, so that it runs outside of a transaction\n";
        List<String> conditions = new ArrayList<>();
        List<String> sets = new ArrayList<>();
        String table = rows.table().written();
        if (at.tokens().stream().anyMatch(token -> token.is("returning"))) {
            return null;
        }
        at.next();
        at.take("from");
        at.take("only");
        at.name();
        if (rows.verb().equals("delete")) {
            if (at.take("where")) {
                conditions.add(at.rest());
            } else if (!at.done()) {
                return null;
            }
            return head
                    + Written.batches(table, "DELETE FROM " + table, conditions.isEmpty() ? "true" : conditions.getFirst());
        }
        if (!at.take("set")) {
            return null;
        }
        Cursor list = at.upTo(Set.of("where", "from", "returning"));
        for (Cursor part : list.commas()) {
            sets.add(part.text());
            if (!part.peek().isName()) {
                return null;
            }
            String column = part.next().text();
            if (!part.take("=")) {
                return null;
            }
            conditions.add(column + " IS DISTINCT FROM (" + part.rest() + ")");
        }
        String changed = String.join(" OR ", conditions);
        if (at.take("where")) {
            changed = "(" + changed + ") AND (" + at.rest() + ")";
        } else if (!at.done()) {
            return null;
        }
        return head + Written.batches(table, "UPDATE " + table + " SET " + String.join(", ", sets), changed);
    }
}
