// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.operations.migration.lint;

import java.util.Optional;
import java.util.stream.Stream;

/** What a rule knows when it looks at a statement: the schema as the files before have made it. */
record Situation(LintContext context, KnownSchema known, Findings out) {
    /** Whether the table, view or index's table is made by this file, or by one that is applied nowhere: nobody uses it yet. */
    boolean isNew(Name relation, ReadStatement now) {
        return known.relation(relation)
                .map(one -> context.isNew(one.made(), now.version()))
                .orElse(false);
    }

    boolean isNewIndex(Name index, ReadStatement now) {
        Optional<KnownSchema.Index> one = known.index(index);
        return one.map(known -> context.isNew(known.made(), now.version())
                        || isNew(new Name("", known.table(), known.table()), now))
                .orElse(false);
    }

    /** An existing table that the statement takes a strong lock on, with the lock; empty where there is none. */
    Optional<String> strongLock(ReadStatement now) {
        return switch (now.ddl()) {
            case Ddl.AlterTable alter -> alter(alter, now);
            case Ddl.CreateTable table -> table.constraints().stream()
                    .flatMap(one -> Optional.ofNullable(one.references()).stream())
                    .filter(name -> !isNew(name, now) && !name.key(context.schema()).equals(table.table().key(context.schema())))
                    .findFirst()
                    .map(name -> "SHARE ROW EXCLUSIVE on " + name.written());
            case Ddl.CreateIndex index -> index.concurrently() || isNew(index.table(), now)
                    ? Optional.empty()
                    : Optional.of("SHARE on " + index.table().written());
            case Ddl.Drop drop -> drop(drop, now);
            case Ddl.Rename rename -> rename.kind().contains("view") && !isNew(rename.old(), now)
                    ? Optional.of("ACCESS EXCLUSIVE on " + rename.old().written())
                    : Optional.empty();
            case Ddl.Reindex reindex -> reindex.concurrently() || reindex.name() == null
                    ? Optional.empty()
                    : Optional.of("SHARE on the table of " + reindex.name().written());
            case Ddl.Heavy heavy -> heavy.tables().stream()
                    .filter(name -> !isNew(name, now))
                    .findFirst()
                    .map(name -> "ACCESS EXCLUSIVE on " + name.written());
            case Ddl.Other other -> Optional.ofNullable(other.locked())
                    .filter(name -> !isNew(name, now))
                    .map(name -> (other.verb().equals("create trigger") ? "SHARE ROW EXCLUSIVE on " : "ACCESS EXCLUSIVE on ")
                            + name.written());
            case Ddl.Create ignored -> Optional.empty();
            case Ddl.Rows ignored -> Optional.empty();
            case Ddl.Opaque ignored -> Optional.empty();
        };
    }

    private Optional<String> alter(Ddl.AlterTable alter, ReadStatement now) {
        if (isNew(alter.table(), now)) {
            return alter.changes().stream()
                    .flatMap(change -> change instanceof Ddl.Change.AddConstraint add
                            ? Optional.ofNullable(add.constraint().references()).stream()
                            : Stream.empty())
                    .filter(name -> !isNew(name, now))
                    .findFirst()
                    .map(name -> "SHARE ROW EXCLUSIVE on " + name.written());
        }
        if (alter.changes().stream().allMatch(Situation::isWeak)) {
            return Optional.empty();
        }
        boolean foreignOnly = alter.changes().stream()
                .allMatch(change ->
                        change instanceof Ddl.Change.AddConstraint add && KnownSchema.isForeign(add.constraint()));
        return Optional.of((foreignOnly ? "SHARE ROW EXCLUSIVE on " : "ACCESS EXCLUSIVE on ") + alter.table().written());
    }

    /** Whether the action takes at most a SHARE UPDATE EXCLUSIVE lock. */
    static boolean isWeak(Ddl.Change change) {
        return change instanceof Ddl.Change.Light || change instanceof Ddl.Change.Validate;
    }

    private Optional<String> drop(Ddl.Drop drop, ReadStatement now) {
        return switch (drop.kind()) {
            case "table", "view", "materialized view" -> drop.names().stream()
                    .filter(name -> !isNew(name, now))
                    .findFirst()
                    .map(name -> "ACCESS EXCLUSIVE on " + name.written());
            case "index" -> drop.names().stream()
                    .filter(name -> !drop.concurrently() && !isNewIndex(name, now))
                    .findFirst()
                    .map(name -> "ACCESS EXCLUSIVE on the table of " + name.written());
            default -> Optional.empty();
        };
    }
}
