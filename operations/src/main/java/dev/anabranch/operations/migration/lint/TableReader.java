// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.operations.migration.lint;

import dev.anabranch.operations.migration.lint.Ddl.Change;
import dev.anabranch.operations.migration.lint.Ddl.Column;
import dev.anabranch.operations.migration.lint.Ddl.Constraint;
import dev.anabranch.operations.migration.lint.Ddl.ConstraintKind;
import dev.anabranch.operations.migration.sql.SqlToken;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads what stands within CREATE TABLE and ALTER TABLE. */
final class TableReader {
    private static final Set<String> AFTER_TYPE = Set.of(
            "constraint", "not", "null", "default", "check", "unique", "primary", "references", "generated", "collate", "storage",
            "compression", "deferrable", "initially", "using");
    private static final Set<String> AFTER_DEFAULT = Set.of(
            "constraint", "not", "null", "check", "unique", "primary", "references", "generated", "deferrable", "initially");
    private static final Set<String> TABLE_CONSTRAINTS =
            Set.of("constraint", "primary", "unique", "check", "foreign", "exclude");
    private static final Set<String> SERIALS =
            Set.of("serial", "bigserial", "smallserial", "serial2", "serial4", "serial8");

    private TableReader() {}

    /** Whether a constraint comes next, and no column. */
    static boolean atConstraint(Cursor at) {
        return at.isAny(TABLE_CONSTRAINTS) || at.at("not", "null");
    }

    static Column column(Cursor in) {
        SqlToken name = in.next();
        String type = in.done() || in.isAny(AFTER_TYPE) ? "" : in.upTo(AFTER_TYPE).plain();
        boolean notNull = false;
        boolean identity = false;
        boolean stored = false;
        boolean generated = false;
        String defaultText = null;
        List<Constraint> constraints = new ArrayList<>();
        while (!in.done()) {
            String given = in.take("constraint") ? in.next().name() : null;
            if (in.take("not", "null")) {
                notNull = true;
            } else if (in.take("default")) {
                defaultText = in.upTo(AFTER_DEFAULT).text();
            } else if (in.take("generated")) {
                generated = true;
                in.upTo(Set.of("as"));
                in.take("as");
                identity = in.take("identity");
                in.parentheses();
                stored = in.take("stored");
            } else if (in.at("primary", "key") || in.at("unique") || in.at("check") || in.at("references")) {
                constraints.add(constraint(in, given).on(name.name()));
            } else {
                in.passOne();
            }
        }
        notNull |= identity || constraints.stream().anyMatch(one -> one.kind() == ConstraintKind.PRIMARY);
        return new Column(
                name.name(), name.text(), type, notNull || SERIALS.contains(type), defaultText, SERIALS.contains(type), identity,
                stored, generated, List.copyOf(constraints));
    }

    /** A table's constraint, with its name if it has one. */
    static Constraint constraint(Cursor in) {
        String given = in.take("constraint") ? in.next().name() : null;
        return constraint(in, given);
    }

    /** One constraint from its kind on; a column's constraints may follow it. */
    private static Constraint constraint(Cursor in, @Nullable String name) {
        ConstraintKind kind;
        List<String> columns = new ArrayList<>();
        Name references = null;
        boolean usingIndex = false;
        int begin = in.peek().start();
        var body = new StringBuilder();
        if (in.take("primary", "key") || in.at("unique")) {
            kind = in.take("unique") ? ConstraintKind.UNIQUE : ConstraintKind.PRIMARY;
            if (in.at("nulls")) {
                in.upTo(Set.of("distinct"));
                in.take("distinct");
            }
            columns.addAll(plainNames(in.parentheses()));
            if (in.take("using", "index")) {
                usingIndex = true;
                in.next();
            }
            if (in.take("include")) {
                in.parentheses();
            }
        } else if (in.take("check")) {
            kind = ConstraintKind.CHECK;
            in.parentheses();
        } else if (in.take("exclude")) {
            kind = ConstraintKind.EXCLUDE;
            if (in.take("using")) {
                in.next();
            }
            columns.addAll(plainNames(in.parentheses()));
        } else if (in.take("not", "null")) {
            kind = ConstraintKind.NOT_NULL;
            columns.add(in.next().name());
        } else {
            kind = ConstraintKind.FOREIGN;
            if (in.take("foreign", "key")) {
                columns.addAll(plainNames(in.parentheses()));
            }
            in.take("references");
            references = in.name();
            in.parentheses();
        }
        body.append(in.since(begin));
        boolean notValid = false;
        while (!in.done()) {
            if (in.take("not", "valid")) {
                notValid = true;
            } else if (in.at("not", "null") || in.isAny(Set.of("constraint", "default", "null", "check", "unique", "primary",
                    "references", "generated"))) {
                break;
            } else {
                body.append(' ').append(in.peek().text());
                boolean bracket = in.at("(");
                if (bracket) {
                    body.append(in.parentheses().text()).append(')');
                } else {
                    in.next();
                    // ON DELETE SET NULL and SET DEFAULT end with words that would begin a column's next constraint.
                    if (in.at("null") || in.at("default")) {
                        body.append(' ').append(in.next().text());
                    }
                }
            }
        }
        String text = body.toString();
        return new Constraint(
                kind, name, List.copyOf(columns), text, new Cursor(text).plain(), references, notValid, usingIndex);
    }

    /** The columns in a list; expressions are left out. */
    static List<String> plainNames(Cursor list) {
        return list.commas().stream()
                .filter(part -> part.peek().isName())
                .filter(part -> part.tokens().size() == 1 || !(part.tokens().get(1).is("(") || part.tokens().get(1).is(".")))
                .map(part -> part.peek().name())
                .toList();
    }

    /** One action of ALTER TABLE. */
    static Change change(Cursor in) {
        if (in.take("add")) {
            if (atConstraint(in)) {
                return new Change.AddConstraint(constraint(in));
            }
            in.take("column");
            boolean ifNotExists = in.takeIfNotExists();
            String text = in.rest();
            return new Change.AddColumn(column(in), text, ifNotExists);
        }
        if (in.take("drop")) {
            if (in.take("constraint")) {
                boolean ifExists = in.takeIfExists();
                return new Change.DropConstraint(in.next().name(), ifExists);
            }
            in.take("column");
            boolean ifExists = in.takeIfExists();
            return new Change.DropColumn(in.next().name(), ifExists);
        }
        if (in.take("alter")) {
            if (in.take("constraint")) {
                return new Change.Brief(in.text());
            }
            in.take("column");
            return alterColumn(in);
        }
        if (in.take("validate", "constraint")) {
            return new Change.Validate(in.next().name());
        }
        if (in.take("rename")) {
            if (in.take("to")) {
                return new Change.RenameTable(in.next().name());
            }
            if (in.take("constraint")) {
                return new Change.Brief(in.text());
            }
            in.take("column");
            String old = in.next().name();
            in.take("to");
            return new Change.RenameColumn(old, in.next().name());
        }
        if (in.take("set", "schema")) {
            return new Change.RenameTable(in.next().name());
        }
        if (in.at("set", "logged") || in.at("set", "unlogged") || in.at("set", "tablespace") || in.at("set", "access")) {
            return new Change.Rewrite(in.text());
        }
        if (in.at("set", "(") || in.at("reset", "(") || in.at("cluster") || in.at("set", "without", "cluster")) {
            return new Change.Light(in.text());
        }
        return new Change.Brief(in.text());
    }

    private static Change alterColumn(Cursor in) {
        String column = in.next().name();
        if (in.take("set", "data", "type") || in.take("type")) {
            String type = in.upTo(Set.of("using", "collate")).plain();
            if (in.take("collate")) {
                in.name();
            }
            return new Change.AlterType(column, type, in.take("using") ? in.rest() : null);
        }
        if (in.take("set", "not", "null")) {
            return new Change.SetNotNull(column);
        }
        if (in.take("drop", "not", "null")) {
            return new Change.DropNotNull(column);
        }
        if (in.at("set", "statistics") || in.at("set", "(") || in.at("reset", "(")) {
            return new Change.Light(in.text());
        }
        if (in.at("set", "expression")) {
            return new Change.Rewrite(in.text());
        }
        return new Change.Brief(in.text());
    }
}
