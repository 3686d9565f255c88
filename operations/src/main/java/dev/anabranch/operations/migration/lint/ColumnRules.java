// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.operations.migration.lint;

import dev.anabranch.operations.migration.catalog.ColumnType;
import dev.anabranch.operations.migration.lint.Ddl.Change;
import dev.anabranch.operations.migration.lint.Ddl.Column;
import java.util.Optional;
import java.util.Set;

/** Columns of tables that exist: added and changed without writing the table anew. */
final class ColumnRules implements Rule {
    private static final Set<String> VOLATILE = Set.of(
            "gen_random_uuid", "uuidv4", "uuidv7", "uuid_generate_v1", "uuid_generate_v1mc", "uuid_generate_v4", "clock_timestamp",
            "timeofday", "nextval", "setval", "currval", "lastval", "random", "random_normal", "gen_random_bytes", "gen_salt",
            "pg_sleep");

    @Override
    public void look(ReadStatement statement, Situation now) {
        if (!(statement.ddl() instanceof Ddl.AlterTable alter) || now.isNew(alter.table(), statement)) {
            return;
        }
        for (Change change : alter.changes()) {
            switch (change) {
                case Change.AddColumn add -> add(add.column(), alter.table(), statement, now);
                case Change.AlterType type -> type(type, alter.table(), statement, now);
                case Change.Rewrite rewrite -> now.out().add(
                        LintRule.TABLE_REWRITES, statement, rewrite.text() + " writes " + alter.table().written() + " anew", null);
                case Change.AddConstraint ignored -> {}
                case Change.DropColumn ignored -> {}
                case Change.SetNotNull ignored -> {}
                case Change.DropNotNull ignored -> {}
                case Change.Validate ignored -> {}
                case Change.DropConstraint ignored -> {}
                case Change.RenameColumn ignored -> {}
                case Change.RenameTable ignored -> {}
                case Change.Light ignored -> {}
                case Change.Brief ignored -> {}
            }
        }
    }

    private static void add(Column column, Name table, ReadStatement statement, Situation now) {
        String what = table.written() + "." + column.name();
        String add = "ALTER TABLE " + table.written() + " ADD COLUMN " + column.written() + " ";
        String alter = "ALTER TABLE " + table.written() + " ALTER COLUMN " + column.written() + " ";
        if (column.serial() || column.identity()) {
            now.out().add(
                    LintRule.COLUMN_REWRITES, statement, what + " gets a number in each row", sequence(column, table));
        } else if (column.stored()) {
            now.out().add(
                    LintRule.COLUMN_REWRITES,
                    statement,
                    what + " is computed for each row and stored",
                    add + column.type() + ";\n-- keep it by a trigger, and fill the old rows in batches");
        } else if (column.defaultText() != null && isVolatile(column.defaultText())) {
            String fill = "UPDATE " + table.written() + " SET " + column.written() + " = " + column.defaultText();
            now.out().add(
                    LintRule.VOLATILE_DEFAULT,
                    statement,
                    "The default of " + what + " is volatile",
                    add + column.type() + ";\n" + alter + "SET DEFAULT " + column.defaultText() + ";" + Written.nextFileOnline()
                            + Written.batches(table.written(), fill, column.written() + " IS NULL")
                            + (column.notNull() ? Written.nextFile() + Written.setNotNull(table, column.name()) : ""));
        } else if (now.known().domains().isConstrained(column.type())) {
            now.out().add(
                    LintRule.COLUMN_REWRITES,
                    statement,
                    what + " is of the domain " + column.type() + ", whose constraints are checked for each row",
                    null);
        } else if (column.notNull()
                && !column.generated()
                && (column.defaultText() == null || column.defaultText().equalsIgnoreCase("null"))) {
            now.out().add(
                    LintRule.NOT_NULL_WITHOUT_DEFAULT,
                    statement,
                    what + " is NOT NULL and has no default",
                    add + column.type() + ";\n-- once the code writes it and the old rows are filled:" + Written.nextFile()
                            + Written.setNotNull(table, column.name()));
        }
    }

    private static String sequence(Column column, Name table) {
        String type = switch (column.type()) {
            case "serial", "serial4" -> "integer";
            case "bigserial", "serial8" -> "bigint";
            case "smallserial", "serial2" -> "smallint";
            default -> column.type();
        };
        String sequence = Written.name(table.name() + "_" + column.name() + "_seq");
        String next = "nextval('" + sequence.replace("'", "''") + "')";
        return "ALTER TABLE " + table.written() + " ADD COLUMN " + column.written() + " " + type + ";\nCREATE SEQUENCE " + sequence
                + " AS " + type + " OWNED BY " + table.written() + "." + column.written() + ";\nALTER TABLE " + table.written()
                + " ALTER COLUMN " + column.written() + " SET DEFAULT " + next + ";" + Written.nextFileOnline()
                + Written.batches(
                        table.written(), "UPDATE " + table.written() + " SET " + column.written() + " = " + next,
                        column.written() + " IS NULL")
                + Written.nextFile() + Written.setNotNull(table, column.name());
    }

    /** Whether the expression calls a function that is known to differ from call to call. */
    private static boolean isVolatile(String expression) {
        Cursor at = new Cursor(expression);
        while (!at.done()) {
            if (at.next().isName() && at.at("(")) {
                if (VOLATILE.contains(at.before().name())) {
                    return true;
                }
            }
        }
        return false;
    }

    private static void type(Change.AlterType change, Name table, ReadStatement statement, Situation now) {
        Optional<Column> column = now.known().relation(table).flatMap(one -> one.column(change.column()));
        String old = column.map(Column::type).orElse("");
        boolean plain = change.using() == null
                || new Cursor(change.using()).plain().equals(change.column())
                || new Cursor(change.using()).plain().replace(" ", "")
                        .equals((change.column() + "::" + change.type()).replace(" ", ""));
        if (plain && !old.isEmpty() && ColumnType.of(old).becomes(ColumnType.of(change.type()))) {
            return;
        }
        String next = Written.name(change.column() + "_new");
        String value = change.using() != null ? change.using() : Written.name(change.column()) + "::" + change.type();
        now.out().add(
                LintRule.TYPE_CHANGE_REWRITES,
                statement,
                table.written() + "." + change.column() + " changes from " + (old.isEmpty() ? "a type that the files do not tell" : old)
                        + " to " + change.type(),
                "ALTER TABLE " + table.written() + " ADD COLUMN " + next + " " + change.type()
                        + ";\n-- write both columns from the code or by a trigger" + Written.nextFileOnline()
                        + Written.batches(
                                table.written(), "UPDATE " + table.written() + " SET " + next + " = " + value,
                                next + " IS NULL AND " + Written.name(change.column()) + " IS NOT NULL")
                        + "\n-- then let the code use " + next + ", and drop " + change.column());
    }
}
