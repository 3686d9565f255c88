// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.operations.migration.lint;

import dev.anabranch.operations.migration.lint.Ddl.Change;
import dev.anabranch.operations.migration.lint.Ddl.Constraint;
import dev.anabranch.operations.migration.lint.Ddl.ConstraintKind;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** What is renamed or dropped while a release runs that may use it. */
final class RemovalRules implements Rule {
    private static final Set<String> RELATIONS = Set.of("table", "view", "materialized view", "foreign table");

    @Override
    public void look(ReadStatement statement, Situation now) {
        switch (statement.ddl()) {
            case Ddl.AlterTable alter -> {
                if (!now.isNew(alter.table(), statement)) {
                    alter.changes().forEach(change -> change(change, alter.table(), statement, now));
                }
            }
            case Ddl.Drop drop -> drop(drop, statement, now);
            case Ddl.Rename rename -> {
                if (RELATIONS.contains(rename.kind()) && !now.isNew(rename.old(), statement)) {
                    renamed(rename.kind(), rename.old(), rename.name(), statement, now);
                }
            }
            case Ddl.Other other -> {
                if (other.verb().equals("drop schema")) {
                    now.out().add(LintRule.DROP_SCHEMA, statement, "A schema is dropped", null);
                }
            }
            case Ddl.Create create -> {
                if (create.kind().equals("extension")) {
                    now.out().add(
                            LintRule.CREATE_EXTENSION,
                            statement,
                            "The extension " + create.name().written() + " is created by a migration",
                            "-- as an administrator, once for each database: CREATE EXTENSION IF NOT EXISTS "
                                    + create.name().written() + " SCHEMA public;");
                }
            }
            case Ddl.CreateTable ignored -> {}
            case Ddl.CreateIndex ignored -> {}
            case Ddl.Reindex ignored -> {}
            case Ddl.Rows ignored -> {}
            case Ddl.Heavy ignored -> {}
            case Ddl.Opaque ignored -> {}
        }
    }

    private static void change(Change change, Name table, ReadStatement statement, Situation now) {
        switch (change) {
            case Change.DropColumn drop -> now.out().add(
                    LintRule.DROP_BREAKS_CODE,
                    statement,
                    "The column " + table.written() + "." + drop.column() + " is dropped",
                    allowed(LintRule.DROP_BREAKS_CODE, "no release that runs uses " + table.name() + "." + drop.column(), statement));
            case Change.RenameColumn rename -> now.out().add(
                    LintRule.RENAME_BREAKS_CODE,
                    statement,
                    "The column " + table.written() + "." + rename.old() + " becomes " + rename.name(),
                    now.known().relation(table).flatMap(one -> one.column(rename.old()))
                            .map(column -> "ALTER TABLE " + table.written() + " ADD COLUMN " + Written.name(rename.name()) + " "
                                    + column.type() + ";\n-- write both from the code, fill the old rows in batches, read the new one,"
                                    + " and drop the old one with the release after")
                            .orElse(null));
            case Change.RenameTable rename -> renamed("table", table, rename.name(), statement, now);
            case Change.AddColumn ignored -> {}
            case Change.AlterType ignored -> {}
            case Change.SetNotNull ignored -> {}
            case Change.DropNotNull ignored -> {}
            case Change.AddConstraint ignored -> {}
            case Change.Validate ignored -> {}
            case Change.DropConstraint drop -> key(drop, table, statement, now);
            case Change.Rewrite ignored -> {}
            case Change.Light ignored -> {}
            case Change.Brief ignored -> {}
        }
    }

    /** A key that goes, unless the same transaction has another one with its columns. */
    private static void key(Change.DropConstraint drop, Name table, ReadStatement statement, Situation now) {
        Optional<Constraint> known = now.known().relation(table)
                .flatMap(relation -> relation.constraints().stream()
                        .filter(one -> drop.constraint().equals(one.name())
                                || (one.name() == null && drop.constraint().equals(ConstraintRules.name(one, table))))
                        .findFirst());
        // Without its definition its name has to tell what it is.
        boolean isKey = known.map(KnownSchema::isKey).orElseGet(() -> drop.constraint().matches(".*_(pkey|key|excl)"));
        if (!isKey || (known.isPresent() && comesAgain(known.get(), table, statement, now))) {
            return;
        }
        now.out().add(
                LintRule.DROP_BREAKS_CODE,
                statement,
                "The key " + drop.constraint() + " of " + table.written() + " is dropped: nothing keeps its rows apart, and INSERT …"
                        + " ON CONFLICT on it fails",
                allowed(LintRule.DROP_BREAKS_CODE, "no release that runs needs " + drop.constraint(), statement));
    }

    private static boolean comesAgain(Constraint key, Name table, ReadStatement statement, Situation now) {
        String own = now.context().schema();
        return statement.file().isTransactional()
                && statement.file().statements().stream()
                        .map(ReadStatement::ddl)
                        .filter(ddl -> ddl instanceof Ddl.AlterTable alter && alter.table().key(own).equals(table.key(own)))
                        .flatMap(ddl -> ((Ddl.AlterTable) ddl).changes().stream())
                        .anyMatch(change -> change instanceof Change.AddConstraint add
                                && KnownSchema.isKey(add.constraint())
                                && (key.kind() != ConstraintKind.PRIMARY || add.constraint().kind() == ConstraintKind.PRIMARY)
                                && columns(add.constraint(), now)
                                        .equals(columns(key, now)));
    }

    private static Set<String> columns(Constraint key, Situation now) {
        String index = StatementReader.indexOf(key);
        return index == null
                ? Set.copyOf(key.columns())
                : now.known().index(new Name("", index, index)).map(one -> Set.copyOf(one.columns())).orElse(Set.of());
    }

    private static void renamed(String kind, Name old, String name, ReadStatement statement, Situation now) {
        boolean moved = statement.text().toLowerCase(Locale.ROOT).matches("(?s).*\\bset\\s+schema\\b.*");
        if (moved || replaced(old, statement)) {
            return;
        }
        now.out().add(
                LintRule.RENAME_BREAKS_CODE,
                statement,
                "The " + kind + " " + old.written() + " becomes " + name,
                "ALTER " + kind.toUpperCase(Locale.ROOT) + " " + old.written() + " RENAME TO " + Written.name(name)
                        + ";\n-- the releases that know the old name use the view until they are gone\nCREATE VIEW "
                        + old.lastWritten() + " AS SELECT * FROM " + Written.name(name) + ";");
    }

    /** Whether the file goes on to make a view of that name, in the same transaction: nobody sees it missing. */
    private static boolean replaced(Name old, ReadStatement statement) {
        return statement.file().isTransactional()
                && statement.file().statements().stream()
                        .dropWhile(one -> one != statement)
                        .anyMatch(one -> one.ddl() instanceof Ddl.Create create
                                && create.kind().endsWith("view")
                                && create.name().name().equals(old.name()));
    }

    private static void drop(Ddl.Drop drop, ReadStatement statement, Situation now) {
        if (drop.kind().equals("schema")) {
            now.out().add(
                    LintRule.DROP_SCHEMA, statement, "The schema " + drop.names().getFirst().written() + " is dropped", null);
            return;
        }
        if (!RELATIONS.contains(drop.kind())) {
            return;
        }
        for (Name name : drop.names()) {
            if (!now.isNew(name, statement) && !replaced(name, statement)) {
                now.out().add(
                        LintRule.DROP_BREAKS_CODE,
                        statement,
                        "The " + drop.kind() + " " + name.written() + " is dropped",
                        allowed(LintRule.DROP_BREAKS_CODE, "no release that runs uses " + name.written(), statement));
            }
        }
    }

    private static String allowed(LintRule rule, String reason, ReadStatement statement) {
        return "-- lint: allow " + rule.id() + " because " + reason + "\n" + statement.text() + ";";
    }
}
