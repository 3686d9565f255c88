// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.operations.migration.catalog;

import dev.anabranch.operations.migration.catalog.Plan.Action;
import dev.anabranch.operations.migration.catalog.Step.Unsafe;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Knows the statements of a plan that lock or break what is in use and have no safe form. Which they are can be told only when
 * their phases are settled, because a statement that had to leave the online phase loses its safe form.
 */
final class UnsafeSteps {
    private static final String HERE = "what it needs is made in this file; on a large table move it to a file of its own";

    private final Comparison comparison;
    private final List<Action> actions;

    UnsafeSteps(Comparison comparison, List<Action> actions) {
        this.comparison = comparison;
        this.actions = actions;
    }

    /** Why the statement is unsafe; null where it is not, as on a table that is made by the same plan. */
    @Nullable Unsafe of(Action action) {
        ObjectId id = action.about();
        String sql = action.text();
        return switch (id.kind()) {
            case TABLE -> sql.startsWith("DROP TABLE ")
                    ? drop(action)
                    : sql.endsWith(" SET LOGGED") || sql.endsWith(" SET UNLOGGED")
                            ? new Unsafe("table-rewrites", "the desired state has the table so; nothing can use it meanwhile")
                            : null;
            case VIEW -> sql.startsWith("DROP ") ? drop(action) : null;
            case COLUMN -> column(action);
            case INDEX -> sql.startsWith("DROP INDEX ") ? dropIndex(sql, id) : index(sql, id);
            case CONSTRAINT -> constraint(action);
            case DEFAULT, SEQUENCE, TYPE, ROUTINE, TRIGGER, POLICY, STATISTICS -> null;
        };
    }

    private @Nullable Unsafe drop(Action drop) {
        ObjectId view = ObjectId.of(Kind.VIEW, drop.about().name());
        boolean replaced = drop.phase != Phase.ONLINE
                && actions.stream().anyMatch(action -> action.about().equals(view)
                        && action.phase == drop.phase
                        && action.text().startsWith("CREATE "));
        // Made again before anybody can see that it was gone.
        return replaced ? null : dropped(drop, "it is made again in a later file, when what it needs has changed");
    }

    private static Unsafe dropped(Action drop, String otherwise) {
        return new Unsafe("drop-breaks-code", drop.lost != null ? "--allow-destructive was given" : otherwise);
    }

    private @Nullable Unsafe column(Action action) {
        ObjectId id = action.about();
        String sql = action.text();
        if (!isInUse(id)) {
            return null;
        }
        String table = "ALTER TABLE " + Names.quote(id.table()) + " ";
        String name = Names.quote(id.name());
        Column now = comparison.to.column(id.table(), id.name());
        if (sql.equals(table + "DROP COLUMN " + name)) {
            return dropped(action, "its values are computed from others, and are no longer, or in another way");
        }
        if (now != null && sql.startsWith(table + "ADD COLUMN " + name + " ")) {
            return added(now, sql);
        }
        if (now != null && sql.startsWith(table + "ALTER COLUMN " + name + " TYPE ")) {
            Column old = comparison.from.column(id.table(), id.name());
            boolean kept = old != null
                    && !sql.contains(" USING ")
                    && ColumnType.of(old.type()).becomes(ColumnType.of(now.type()));
            return kept
                    ? null
                    : new Unsafe("type-change-rewrites", "the desired state has another type; on a large table do it by a second column");
        }
        return sql.startsWith("UPDATE ") ? new Unsafe("unbatched-backfill", HERE) : validated(action);
    }

    private boolean isOfConstrainedDomain(Column column) {
        return comparison.to.all(SchemaType.DomainType.class)
                .anyMatch(domain -> Names.quote(domain.name()).equals(column.type())
                        && (domain.notNull() || !domain.checks().isEmpty()));
    }

    private @Nullable Unsafe added(Column column, String sql) {
        String reason = "each row gets a value of its own; on a large table add it without, and fill it in batches";
        boolean numbered = column.identity() != null || (column.serial() != null && !ColumnSql.needsSequence(column));
        if (numbered || column.generation() == Column.Generation.STORED) {
            return new Unsafe("column-rewrites", reason);
        }
        boolean filled = sql.contains(" DEFAULT ") && ColumnSql.isWrittenToEachRow(column);
        if (!filled && isOfConstrainedDomain(column)) {
            return new Unsafe("column-rewrites", "the constraints of its domain are checked for each row");
        }
        return filled ? new Unsafe("volatile-default", reason) : null;
    }

    private @Nullable Unsafe dropIndex(String sql, ObjectId id) {
        if (sql.startsWith("DROP INDEX CONCURRENTLY ")) {
            return null;
        }
        return new Unsafe("drop-index-not-concurrent", IndexSteps.isPartitioned(comparison.from, id.table())
                ? "the index of a partitioned table cannot be dropped concurrently"
                : "statements after it in this file need the index gone");
    }

    private @Nullable Unsafe index(String sql, ObjectId id) {
        boolean builds = sql.startsWith("CREATE INDEX ") || sql.startsWith("CREATE UNIQUE INDEX ");
        if (!builds || !isInUse(id) || sql.contains("INDEX CONCURRENTLY ") || sql.contains(" ON ONLY ")) {
            return null;
        }
        return new Unsafe("index-not-concurrent", IndexSteps.isPartitioned(comparison.to, id.table())
                ? "a partitioned table cannot take an index concurrently"
                : HERE);
    }

    private @Nullable Unsafe constraint(Action action) {
        ObjectId id = action.about();
        String sql = action.text();
        if (sql.startsWith("ALTER TABLE " + Names.quote(id.table()) + " DROP CONSTRAINT ")) {
            return comparison.from.object(id) instanceof Constraint old ? droppedKey(action, old) : null;
        }
        if (!(comparison.to.object(id) instanceof Constraint constraint) || !isInUse(id)) {
            return null;
        }
        if (!sql.startsWith("ALTER TABLE " + Names.quote(id.table()) + " ADD CONSTRAINT ")) {
            return sql.startsWith("CREATE ") ? index(sql, id) : validated(action);
        }
        return switch (constraint.type()) {
            case PRIMARY_KEY, UNIQUE, EXCLUSION -> sql.contains(" USING INDEX ")
                    ? null
                    : new Unsafe("unique-not-using-index", "there is no way to build its index concurrently");
            case FOREIGN_KEY -> sql.endsWith(" NOT VALID") || sql.endsWith(" NOT ENFORCED")
                    ? null
                    : new Unsafe("foreign-key-validated", "a partitioned table takes no foreign key that is not valid");
            case CHECK -> null;
        };
    }

    private @Nullable Unsafe droppedKey(Action drop, Constraint old) {
        boolean again = drop.phase != Phase.ONLINE
                && actions.stream().anyMatch(action -> action.phase == drop.phase
                        && action.text().contains(" ADD CONSTRAINT ")
                        && comparison.to.object(action.about()) instanceof Constraint now
                        && now.table().equals(old.table())
                        && isKey(now)
                        && (old.type() != Constraint.Type.PRIMARY_KEY || now.type() == Constraint.Type.PRIMARY_KEY)
                        && now.keyColumns().equals(old.keyColumns()));
        return isKey(old) && !again ? dropped(drop, "the desired state has another key, or none") : null;
    }

    private static boolean isKey(Constraint constraint) {
        return constraint.type() == Constraint.Type.PRIMARY_KEY || constraint.type() == Constraint.Type.UNIQUE;
    }

    /** A scan that has to run in a transaction comes after statements whose locks it keeps. */
    private static @Nullable Unsafe validated(Action action) {
        return action.phase != Phase.ONLINE && action.text().contains(" VALIDATE CONSTRAINT ")
                ? new Unsafe("validated-under-lock", HERE)
                : null;
    }

    /** Whether the table, or the view, that the part belongs to is there before the plan and after it. */
    private boolean isInUse(ObjectId part) {
        return !comparison.comes(ObjectId.table(part.table())) && !comparison.comes(ObjectId.of(Kind.VIEW, part.table()));
    }
}
