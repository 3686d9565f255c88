// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.operations.migration.lint;

import java.util.Locale;
import java.util.Set;

/** Indexes are made and dropped concurrently, and concurrent statements stand apart from those that need a transaction. */
final class IndexRules implements Rule {
    private static final Set<String> REPEATABLE_VERBS = Set.of(
            "set", "reset", "comment", "grant", "revoke", "analyze", "vacuum", "refresh", "show", "notify", "begin", "start",
            "commit", "end", "rollback", "abort", "savepoint", "release", "checkpoint", "discard", "alter system",
            "alter default", "alter sequence", "alter function", "alter procedure", "security");

    @Override
    public void look(ReadStatement statement, Situation now) {
        switch (statement.ddl()) {
            case Ddl.CreateIndex index -> create(index, statement, now);
            case Ddl.Drop drop -> {
                if (drop.kind().equals("index")) {
                    drop(drop, statement, now);
                }
            }
            case Ddl.Reindex reindex -> reindex(reindex, statement, now);
            case Ddl.CreateTable ignored -> {}
            case Ddl.AlterTable ignored -> {}
            case Ddl.Rename ignored -> {}
            case Ddl.Create ignored -> {}
            case Ddl.Rows ignored -> {}
            case Ddl.Heavy ignored -> {}
            case Ddl.Opaque ignored -> {}
            case Ddl.Other ignored -> {}
        }
        if (!statement.file().isTransactional() && !isRepeatable(statement)) {
            now.out().add(
                    LintRule.CONCURRENTLY_MIXED,
                    statement,
                    "The file runs outside of a transaction, and this statement fails or is done twice when it runs again",
                    "-- in a file of its own:\n" + statement.text() + ";");
        }
    }

    private static void create(Ddl.CreateIndex index, ReadStatement statement, Situation now) {
        String rewrite = concurrent(index, statement);
        if (now.known().relation(index.table()).map(KnownSchema.Relation::isPartitioned).orElse(false)) {
            partitioned(index, statement, now);
        } else if (!index.concurrently() && !now.isNew(index.table(), statement)) {
            now.out().add(
                    LintRule.INDEX_NOT_CONCURRENT,
                    statement,
                    "The table " + index.table().written() + " exists already and its index is not made concurrently",
                    rewrite);
        } else if (index.concurrently() && !index.ifNotExists()) {
            now.out().add(
                    LintRule.CONCURRENTLY_NOT_REPEATABLE, statement, "The index is made without IF NOT EXISTS", rewrite);
        }
    }

    /** CONCURRENTLY does not work there: the parts get their indexes first, and the whole takes them in. */
    private static void partitioned(Ddl.CreateIndex index, ReadStatement statement, Situation now) {
        if (!index.only() && !now.isNew(index.table(), statement)) {
            String name = name(index);
            now.out().add(
                    LintRule.INDEX_NOT_CONCURRENT,
                    statement,
                    "The partitioned table " + index.table().written() + " exists already, and the indexes of all its parts are made",
                    concurrent(index, statement).replaceFirst("CONCURRENTLY IF NOT EXISTS", "IF NOT EXISTS")
                                    .replaceFirst("(?i) ON ", " ON ONLY ")
                            + "\n-- then for each part, in a file that runs outside of a transaction:"
                            + "\n-- CREATE INDEX CONCURRENTLY IF NOT EXISTS <part's index> ON <part> …;"
                            + "\n-- and ALTER INDEX " + name + " ATTACH PARTITION <part's index>;");
        }
    }

    private static String name(Ddl.CreateIndex index) {
        return index.name() != null
                ? index.name().written()
                : Written.name(index.table().name() + "_" + String.join("_", index.columns()) + "_idx");
    }

    private static String concurrent(Ddl.CreateIndex index, ReadStatement statement) {
        Cursor rest = statement.cursor();
        while (!rest.done() && !rest.at("on")) {
            rest.next();
        }
        return "CREATE " + (index.unique() ? "UNIQUE " : "") + "INDEX CONCURRENTLY IF NOT EXISTS " + name(index) + " "
                + rest.rest() + ";";
    }

    private static void drop(Ddl.Drop drop, ReadStatement statement, Situation now) {
        var rewrite = new StringBuilder();
        for (Name name : drop.names()) {
            rewrite.append(rewrite.isEmpty() ? "" : "\n")
                    .append("DROP INDEX CONCURRENTLY IF EXISTS ").append(name.written()).append(';');
        }
        if (drop.concurrently()) {
            if (!drop.ifExists()) {
                now.out().add(
                        LintRule.CONCURRENTLY_NOT_REPEATABLE,
                        statement,
                        "The index is dropped without IF EXISTS",
                        rewrite.toString());
            }
        } else if (drop.names().stream().anyMatch(name -> !now.isNewIndex(name, statement))) {
            now.out().add(
                    LintRule.DROP_INDEX_NOT_CONCURRENT,
                    statement,
                    "The index of a table that exists already is not dropped concurrently",
                    rewrite.toString());
        }
    }

    private static void reindex(Ddl.Reindex reindex, ReadStatement statement, Situation now) {
        if (!reindex.concurrently()) {
            String name = reindex.name() == null ? "" : " " + reindex.name().written();
            now.out().add(
                    LintRule.REINDEX_NOT_CONCURRENT,
                    statement,
                    "The indexes are not built concurrently",
                    "REINDEX " + reindex.kind().toUpperCase(Locale.ROOT) + " CONCURRENTLY" + name + ";");
        }
    }

    /** Whether it can run once more after it was done. */
    private static boolean isRepeatable(ReadStatement statement) {
        return switch (statement.ddl()) {
            case Ddl.AlterTable alter ->
                statement.isConcurrent() || alter.changes().stream().allMatch(IndexRules::isRepeatable);
            case Ddl.Drop drop -> drop.ifExists() || drop.concurrently();
            case Ddl.CreateIndex index -> index.ifNotExists() || index.concurrently();
            case Ddl.Other other -> REPEATABLE_VERBS.contains(other.verb())
                    || statement.asksForExistence()
                    || (other.verb().equals("alter domain") && statement.has("validate", "constraint"))
                    || (other.verb().equals("insert") && statement.has("on", "conflict"));
            case Ddl.CreateTable ignored -> statement.asksForExistence();
            case Ddl.Create ignored -> statement.asksForExistence();
            case Ddl.Rename ignored -> false;
            case Ddl.Reindex ignored -> true;
            case Ddl.Rows ignored -> true;
            case Ddl.Heavy ignored -> true;
            case Ddl.Opaque ignored -> true;
        };
    }

    private static boolean isRepeatable(Ddl.Change change) {
        return switch (change) {
            case Ddl.Change.AddColumn add -> add.ifNotExists();
            case Ddl.Change.DropColumn drop -> drop.ifExists();
            case Ddl.Change.DropConstraint drop -> drop.ifExists();
            case Ddl.Change.SetNotNull ignored -> true;
            case Ddl.Change.DropNotNull ignored -> true;
            case Ddl.Change.Validate ignored -> true;
            case Ddl.Change.AlterType ignored -> true;
            case Ddl.Change.Rewrite ignored -> true;
            case Ddl.Change.Light ignored -> true;
            case Ddl.Change.AddConstraint ignored -> false;
            case Ddl.Change.RenameColumn ignored -> false;
            case Ddl.Change.RenameTable ignored -> false;
            case Ddl.Change.Brief brief -> {
                String plain = new Cursor(brief.text()).plain();
                yield !plain.startsWith("attach") && !plain.startsWith("rename") && !plain.startsWith("detach")
                        && !plain.contains(" add generated") && !plain.startsWith("inherit")
                        && !plain.startsWith("no inherit");
            }
        };
    }
}
