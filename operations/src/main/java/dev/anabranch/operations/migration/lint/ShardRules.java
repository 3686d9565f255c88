// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.operations.migration.lint;

import dev.anabranch.operations.migration.lint.Ddl.Change;
import dev.anabranch.operations.migration.lint.Ddl.Column;
import dev.anabranch.operations.migration.lint.Ddl.Constraint;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** Each table of a sharded group has the shard key, not null, and in each of its keys. */
final class ShardRules implements Rule {
    @Override
    public void look(ReadStatement statement, Situation now) {
        String key = now.context().shardKey();
        if (key == null) {
            return;
        }
        switch (statement.ddl()) {
            case Ddl.CreateIndex index -> {
                if (index.unique() && !index.columns().contains(key) && judged(index.table(), now)) {
                    now.out().add(
                            LintRule.SHARD_KEY_NOT_IN_KEY,
                            statement,
                            "The unique index on " + index.table().written() + " lacks " + key,
                            insertKey(statement, key));
                }
            }
            case Ddl.AlterTable alter -> {
                if (judged(alter.table(), now)) {
                    alter.changes().forEach(change -> change(change, alter.table(), key, statement, now));
                }
            }
            case Ddl.CreateTable ignored -> {}
            case Ddl.Drop ignored -> {}
            case Ddl.Rename ignored -> {}
            case Ddl.Reindex ignored -> {}
            case Ddl.Create ignored -> {}
            case Ddl.Rows ignored -> {}
            case Ddl.Heavy ignored -> {}
            case Ddl.Opaque ignored -> {}
            case Ddl.Other ignored -> {}
        }
    }

    private static boolean judged(Name table, Situation now) {
        return !now.context().exempt().contains(table.name());
    }

    private static String insertKey(ReadStatement statement, String key) {
        int on = statement.text().toLowerCase(Locale.ROOT).indexOf(" on ");
        int bracket = statement.text().indexOf('(', Math.max(0, on));
        return statement.text().substring(0, bracket + 1) + Written.name(key) + ", "
                + statement.text().substring(bracket + 1) + ";";
    }

    private static void change(Change change, Name table, String key, ReadStatement statement, Situation now) {
        switch (change) {
            case Change.AddConstraint add -> constraint(add.constraint(), table, key, statement, now);
            case Change.AddColumn add ->
                add.column().constraints().forEach(one -> constraint(one, table, key, statement, now));
            case Change.DropNotNull drop -> {
                if (drop.column().equals(key)) {
                    now.out().add(
                            LintRule.SHARD_KEY_NULLABLE, statement, table.written() + "." + key + " becomes nullable", null);
                }
            }
            case Change.DropColumn drop -> {
                if (drop.column().equals(key)) {
                    now.out().add(LintRule.SHARD_KEY_MISSING, statement, table.written() + " loses " + key, null);
                }
            }
            case Change.RenameColumn rename -> {
                if (rename.old().equals(key)) {
                    now.out().add(LintRule.SHARD_KEY_MISSING, statement, table.written() + " loses " + key, null);
                }
            }
            case Change.AlterType ignored -> {}
            case Change.SetNotNull ignored -> {}
            case Change.Validate ignored -> {}
            case Change.DropConstraint ignored -> {}
            case Change.RenameTable ignored -> {}
            case Change.Rewrite ignored -> {}
            case Change.Light ignored -> {}
            case Change.Brief ignored -> {}
        }
    }

    private static void constraint(Constraint constraint, Name table, String key, ReadStatement statement, Situation now) {
        if (!KnownSchema.isKey(constraint) || holds(constraint, key, now.known())) {
            return;
        }
        String rewrite = constraint.usingIndex() || constraint.columns().isEmpty()
                ? null
                : "ALTER TABLE " + table.written() + " ADD CONSTRAINT " + ConstraintRules.name(constraint, table) + " "
                        + (constraint.kind() == Ddl.ConstraintKind.PRIMARY ? "PRIMARY KEY (" : "UNIQUE (")
                        + Written.name(key) + ", " + Written.names(constraint.columns()) + ");";
        now.out().add(
                LintRule.SHARD_KEY_NOT_IN_KEY,
                statement,
                "The constraint " + ConstraintRules.name(constraint, table) + " of " + table.written() + " lacks " + key,
                rewrite);
    }

    private static boolean holds(Constraint constraint, String key, KnownSchema known) {
        String index = StatementReader.indexOf(constraint);
        if (index == null) {
            return constraint.columns().contains(key);
        }
        // An index that the files do not tell of was judged where it was made.
        return known.index(new Name("", index, index)).map(one -> one.columns().contains(key)).orElse(true);
    }

    /** Looks at the tables that a file has made, as they are at its end. */
    static void atEnd(ReadFile file, Situation now) {
        Optional<String> shardKey = now.context().key();
        if (shardKey.isEmpty()) {
            return;
        }
        String key = shardKey.get();
        now.known().madeBy(file.file().version()).forEach((name, relation) -> relation.statement().ifPresent(statement -> {
            if (statement.ddl() instanceof Ddl.CreateTable made
                    && !made.partition()
                    && !made.temporary()
                    && !now.context().exempt().contains(name)) {
                table(made, relation, statement, key, now);
            }
        }));
    }

    private static void table(
            Ddl.CreateTable made, KnownSchema.Relation relation, ReadStatement statement, String key, Situation now) {
        String table = made.table().written();
        Optional<Column> column = relation.column(key);
        if (column.isEmpty()) {
            if (made.byQuery() && !relation.columnsKnown()) {
                now.out().add(
                        LintRule.SHARD_KEY_MISSING,
                        statement,
                        "Whether the table " + table + " of a sharded group has a column " + key
                                + " cannot be seen, because a query makes it",
                        null);
            } else if (made.byQuery()) {
                now.out().add(
                        LintRule.SHARD_KEY_MISSING,
                        statement,
                        "The query that makes the table " + table + " of a sharded group gives no column " + key,
                        null);
            } else if (relation.columnsKnown()) {
                now.out().add(
                        LintRule.SHARD_KEY_MISSING,
                        statement,
                        "The table " + table + " of a sharded group has no column " + key,
                        sharded(made, statement, key));
            }
            if (relation.columnsKnown()) {
                return;
            }
        } else if (!column.get().notNull() && !relation.provesNotNull(key)) {
            now.out().add(
                    LintRule.SHARD_KEY_NULLABLE,
                    statement,
                    table + "." + key + " may be null",
                    made.byQuery()
                            ? statement.text() + ";\nALTER TABLE " + table + " ALTER COLUMN " + Written.name(key) + " SET NOT NULL;"
                            : sharded(made, statement, key));
        }
        // Those added by statements of their own are judged there.
        for (Constraint constraint : made.constraints()) {
            if (KnownSchema.isKey(constraint) && !constraint.columns().contains(key)) {
                now.out().add(
                        LintRule.SHARD_KEY_NOT_IN_KEY,
                        statement,
                        "The constraint " + ConstraintRules.name(constraint, made.table()) + " of " + table + " lacks " + key,
                        sharded(made, statement, key));
            }
        }
    }

    /** The table with the shard key as it has to be. */
    private static String sharded(Ddl.CreateTable made, ReadStatement statement, String key) {
        String written = Written.name(key);
        Cursor at = statement.cursor();
        while (!at.done() && !at.at("(")) {
            at.next();
        }
        int open = at.peek().start() + 1;
        List<String> parts = new ArrayList<>();
        List<String> keys = new ArrayList<>();
        Cursor body = at.parentheses();
        int close = at.before().start();
        if (made.columns().stream().noneMatch(column -> column.name().equals(key))) {
            parts.add(written + " text NOT NULL");
        }
        for (Cursor part : body.commas()) {
            parts.add(TableReader.atConstraint(part) ? constraint(part, key) : column(part, key, keys));
        }
        parts.addAll(keys);
        return statement.text().substring(0, open) + "\n    " + String.join(",\n    ", parts) + "\n"
                + statement.text().substring(close) + ";";
    }

    private static String constraint(Cursor part, String key) {
        Constraint constraint = TableReader.constraint(part.again());
        String text = part.text();
        if (!KnownSchema.isKey(constraint) || constraint.columns().contains(key)
                || constraint.kind() == Ddl.ConstraintKind.EXCLUDE) {
            return text;
        }
        int bracket = text.indexOf('(');
        return text.substring(0, bracket + 1) + Written.name(key) + ", " + text.substring(bracket + 1);
    }

    /** The column without its own key, which goes to the table's keys; and not null if it is the shard key. */
    private static String column(Cursor part, String key, List<String> keys) {
        Column column = TableReader.column(part.again());
        String text = part.text();
        boolean isKey = column.name().equals(key);
        if (!isKey) {
            for (Constraint constraint : column.constraints()) {
                if (KnownSchema.isKey(constraint)) {
                    boolean primary = constraint.kind() == Ddl.ConstraintKind.PRIMARY;
                    text = without(text, primary ? Set.of("primary", "key") : Set.of("unique"));
                    keys.add((primary ? "PRIMARY KEY (" : "UNIQUE (") + Written.name(key) + ", " + column.written() + ")");
                }
            }
        }
        return isKey && !column.notNull() ? without(text, Set.of("null")) + " NOT NULL" : text;
    }

    private static String without(String text, Set<String> words) {
        Cursor at = new Cursor(text);
        var kept = new StringBuilder();
        int from = 0;
        while (!at.done()) {
            if (at.isAny(words)) {
                kept.append(text, from, at.peek().start());
                from = at.peek().end();
            }
            at.passOne();
        }
        return kept.append(text.substring(from)).toString().strip();
    }
}
