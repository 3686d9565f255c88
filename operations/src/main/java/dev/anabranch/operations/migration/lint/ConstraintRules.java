// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.operations.migration.lint;

import dev.anabranch.operations.migration.lint.Ddl.Change;
import dev.anabranch.operations.migration.lint.Ddl.Column;
import dev.anabranch.operations.migration.lint.Ddl.Constraint;
import java.util.Locale;
import java.util.Set;

/** Constraints on tables that exist: added without a check of the rows that are there, and validated later. */
final class ConstraintRules implements Rule {
    @Override
    public void look(ReadStatement statement, Situation now) {
        if (!(statement.ddl() instanceof Ddl.AlterTable alter) || now.isNew(alter.table(), statement)) {
            return;
        }
        boolean locked = false;
        for (Change change : alter.changes()) {
            switch (change) {
                case Change.AddConstraint add -> constraint(add.constraint(), alter.table(), statement, now);
                case Change.AddColumn add -> inline(add.column(), alter.table(), statement, now);
                case Change.Validate validate -> {
                    if (locked || (statement.file().isTransactional() && lockedBefore(statement, now))) {
                        now.out().add(
                                LintRule.VALIDATED_UNDER_LOCK,
                                statement,
                                "The constraint " + validate.constraint() + " is validated while a statement before it holds its lock",
                                (locked ? "-- the other actions without it;" : "-- this file without it;") + Written.nextFile()
                                        + "ALTER TABLE " + alter.table().written() + " VALIDATE CONSTRAINT "
                                        + Written.name(validate.constraint()) + ";");
                    }
                }
                case Change.SetNotNull set -> {
                    if (!proven(alter.table(), set.column(), now)) {
                        now.out().add(
                                LintRule.SET_NOT_NULL_UNCHECKED,
                                statement,
                                "No validated check proves that " + alter.table().written() + "." + set.column() + " has no null",
                                Written.setNotNull(alter.table(), set.column()));
                    }
                }
                case Change.DropColumn ignored -> {}
                case Change.AlterType ignored -> {}
                case Change.DropNotNull ignored -> {}
                case Change.DropConstraint ignored -> {}
                case Change.RenameColumn ignored -> {}
                case Change.RenameTable ignored -> {}
                case Change.Rewrite ignored -> {}
                case Change.Light ignored -> {}
                case Change.Brief ignored -> {}
            }
            locked |= !Situation.isWeak(change);
        }
    }

    private static boolean lockedBefore(ReadStatement statement, Situation now) {
        return statement.file().statements().stream()
                .takeWhile(one -> one != statement)
                .anyMatch(one -> now.strongLock(one).isPresent());
    }

    private static boolean proven(Name table, String column, Situation now) {
        return now.known().relation(table)
                .map(relation -> relation.provesNotNull(column))
                .orElse(false);
    }

    private static void constraint(Constraint constraint, Name table, ReadStatement statement, Situation now) {
        switch (constraint.kind()) {
            case FOREIGN, CHECK, NOT_NULL -> {
                boolean foreign = KnownSchema.isForeign(constraint);
                if (constraint.notValid()
                        || constraint.plain().endsWith(" not enforced")
                        || (constraint.kind() == Ddl.ConstraintKind.NOT_NULL
                                && proven(table, constraint.columns().getFirst(), now))) {
                    return;
                }
                String name = name(constraint, table);
                now.out().add(
                        foreign ? LintRule.FOREIGN_KEY_VALIDATED : LintRule.CHECK_VALIDATED,
                        statement,
                        "The constraint " + name + " is added to " + table.written() + " with a check of all its rows",
                        notValid(constraint, table));
            }
            case PRIMARY, UNIQUE -> {
                if (constraint.usingIndex()) {
                    usingIndex(constraint, table, statement, now);
                } else {
                    now.out().add(
                            LintRule.UNIQUE_NOT_USING_INDEX,
                            statement,
                            "The index of " + name(constraint, table) + " is built while " + table.written() + " is locked",
                            viaIndex(constraint, table));
                }
            }
            case EXCLUDE -> now.out().add(
                    LintRule.UNIQUE_NOT_USING_INDEX,
                    statement,
                    "The index of the exclusion constraint is built while " + table.written()
                            + " is locked, and no concurrent way exists: allow it for a small table, or make a new one",
                    null);
        }
    }

    /** A primary key by an index still reads the whole table where a column may be null. */
    private static void usingIndex(Constraint constraint, Name table, ReadStatement statement, Situation now) {
        String index = StatementReader.indexOf(constraint);
        if (constraint.kind() != Ddl.ConstraintKind.PRIMARY || index == null) {
            return;
        }
        now.known().index(new Name("", index, index)).ifPresent(known -> known.columns().stream()
                .filter(column -> !proven(table, column, now))
                .findFirst()
                .ifPresent(column -> now.out().add(
                        LintRule.SET_NOT_NULL_UNCHECKED,
                        statement,
                        "The primary key makes " + table.written() + "." + column
                                + " NOT NULL, and no validated check proves that it has no null",
                        Written.setNotNull(table, column) + "\n" + statement.text() + ";")));
    }

    private static String notValid(Constraint constraint, Name table) {
        String alter = "ALTER TABLE " + table.written() + " ";
        String name = name(constraint, table);
        return alter + "ADD CONSTRAINT " + name + " " + constraint.body() + " NOT VALID;" + Written.nextFile() + alter
                + "VALIDATE CONSTRAINT " + name + ";";
    }

    private static String viaIndex(Constraint constraint, Name table) {
        boolean primary = constraint.kind() == Ddl.ConstraintKind.PRIMARY;
        String name = name(constraint, table);
        Cursor body = new Cursor(constraint.body());
        body.take("primary", "key");
        body.take("unique");
        String nulls = "";
        if (body.at("nulls")) {
            nulls = " " + body.upTo(Set.of("distinct")).text().toUpperCase(Locale.ROOT) + " DISTINCT";
            body.take("distinct");
        }
        String columns = "(" + body.parentheses().text() + ")";
        if (body.take("include")) {
            columns += " INCLUDE (" + body.parentheses().text() + ")";
        }
        String after = body.done() ? "" : " " + body.rest();
        String alter = "ALTER TABLE " + table.written() + " ADD CONSTRAINT " + name;
        return "CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS " + name + " ON " + table.written() + " " + columns + nulls + ";"
                + Written.nextFile() + alter + (primary ? " PRIMARY KEY" : " UNIQUE") + " USING INDEX " + name + after + ";";
    }

    /** The constraints that come with a new column. */
    private static void inline(Column column, Name table, ReadStatement statement, Situation now) {
        for (Constraint constraint : column.constraints()) {
            String name = name(constraint, table);
            switch (constraint.kind()) {
                case FOREIGN -> {
                    // Without a default all rows have null in it, and PostgreSQL knows that there is nothing to look up.
                    if (column.defaultText() != null && !column.defaultText().equalsIgnoreCase("null")) {
                        Constraint whole = new Constraint(
                                constraint.kind(), name, constraint.columns(),
                                "FOREIGN KEY (" + column.written() + ") " + constraint.body(), "", constraint.references(), false,
                                false);
                        constraint(whole, table, statement, now);
                    }
                }
                case CHECK, NOT_NULL -> now.out().add(
                        LintRule.CHECK_VALIDATED,
                        statement,
                        "The constraint " + name + " comes with the column and is checked in all rows of " + table.written(),
                        "ALTER TABLE " + table.written() + " ADD COLUMN " + column.written() + " " + column.type()
                                + (column.defaultText() == null ? "" : " DEFAULT " + column.defaultText()) + ";\n"
                                + notValid(constraint, table));
                case PRIMARY, UNIQUE -> {
                    String kind = constraint.kind() == Ddl.ConstraintKind.PRIMARY ? "PRIMARY KEY" : "UNIQUE";
                    Constraint whole = new Constraint(
                            constraint.kind(), name, constraint.columns(), kind + " (" + column.written() + ")", "", null, false,
                            false);
                    now.out().add(
                            LintRule.UNIQUE_NOT_USING_INDEX,
                            statement,
                            "The index of " + name + " is built while " + table.written() + " is locked",
                            "ALTER TABLE " + table.written() + " ADD COLUMN " + column.written() + " " + column.type() + ";"
                                    + Written.nextFile() + viaIndex(whole, table));
                }
                case EXCLUDE -> {}
            }
        }
    }

    /** The constraint's name, or what the server would call it. */
    static String name(Constraint constraint, Name table) {
        if (constraint.name() != null) {
            return Written.name(constraint.name());
        }
        String columns = constraint.columns().isEmpty() ? "" : "_" + String.join("_", constraint.columns());
        return Written.name(table.name() + switch (constraint.kind()) {
            case PRIMARY -> "_pkey";
            case UNIQUE -> columns + "_key";
            case CHECK -> columns + "_check";
            case FOREIGN -> columns + "_fkey";
            case EXCLUDE -> columns + "_excl";
            case NOT_NULL -> columns + "_not_null";
        });
    }
}
