// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.operations.migration.lint;

import dev.anabranch.operations.migration.lint.Ddl.Change;
import dev.anabranch.operations.migration.lint.Ddl.Column;
import dev.anabranch.operations.migration.lint.Ddl.Constraint;
import dev.anabranch.operations.migration.lint.Ddl.ConstraintKind;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What the files up to a statement have made, as far as it can be read from them. */
final class KnownSchema {
    /** A table, view or materialized view. */
    static final class Relation {
        private final String name;
        private final long made;
        private final @Nullable ReadStatement statement;
        private final Map<String, Column> columns = new LinkedHashMap<>();
        private final List<Constraint> constraints = new ArrayList<>();
        private final boolean columnsKnown;

        Relation(String name, long made, @Nullable ReadStatement statement, boolean columnsKnown) {
            this.name = name;
            this.made = made;
            this.statement = statement;
            this.columnsKnown = columnsKnown;
        }

        long made() {
            return made;
        }

        Optional<ReadStatement> statement() {
            return Optional.ofNullable(statement);
        }

        /** Whether the table has parts of its own. */
        boolean isPartitioned() {
            return statement != null && statement.ddl() instanceof Ddl.CreateTable made && made.partitioned();
        }

        boolean columnsKnown() {
            return columnsKnown;
        }

        Optional<Column> column(String column) {
            return Optional.ofNullable(columns.get(column));
        }

        List<Constraint> constraints() {
            return List.copyOf(constraints);
        }

        Optional<Constraint> constraint(String wanted) {
            return constraints.stream()
                    .filter(one -> wanted.equals(one.name()))
                    .findFirst();
        }

        /** Whether a validated check proves that the column holds no null. */
        boolean provesNotNull(String column) {
            Column known = columns.get(column);
            String quoted = "\"" + column.replace("\"", "\"\"") + "\" is not null";
            String plain = column + " is not null";
            return (known != null && known.notNull())
                    || constraints.stream()
                            .filter(one -> !one.notValid())
                            .anyMatch(one -> switch (one.kind()) {
                                case CHECK -> conjuncts(one.plain()).stream()
                                        .anyMatch(part -> part.equals(plain) || part.equals(quoted));
                                case NOT_NULL, PRIMARY -> one.columns().contains(column);
                                case UNIQUE, FOREIGN, EXCLUDE -> false;
                            });
        }

        private static List<String> conjuncts(String check) {
            String inner = check.replaceFirst("^check ?", "");
            if (inner.contains(" or ")) {
                return List.of();
            }
            return List.of(inner.split(" and ")).stream()
                    .map(part -> part.replaceAll("[()]", " ").replaceAll("no inherit$", "").strip().replaceAll(" +", " "))
                    .toList();
        }

        private void put(Column column) {
            columns.put(column.name(), column);
            constraints.addAll(column.constraints());
        }
    }

    /** An index and its table. */
    record Index(String table, boolean unique, List<String> columns, long made) {}

    private final String own;
    private final Map<String, Relation> relations = new HashMap<>();
    private final Map<String, Index> indexes = new HashMap<>();

    private final KnownDomains domains;

    KnownSchema(String own) {
        this.own = own;
        this.domains = new KnownDomains(own);
    }

    KnownDomains domains() {
        return domains;
    }

    Optional<Relation> relation(Name name) {
        return Optional.ofNullable(relations.get(name.key(own)));
    }

    Optional<Index> index(Name name) {
        return Optional.ofNullable(indexes.get(name.key(own)));
    }

    boolean hasRelation(String name) {
        return relations.containsKey(name);
    }

    /** The tables made by that version's file and still there. */
    Map<String, Relation> madeBy(long version) {
        Map<String, Relation> made = new LinkedHashMap<>();
        relations.forEach((name, relation) -> {
            if (relation.made() == version) {
                made.put(name, relation);
            }
        });
        return made;
    }

    /** The unique indexes of a table that are not made by a constraint. */
    List<Index> uniqueIndexes(String table) {
        return indexes.values().stream()
                .filter(index -> index.unique() && index.table().equals(table))
                .toList();
    }

    /** Takes in what the statement does. */
    void after(ReadStatement statement) {
        domains.after(statement);
        switch (statement.ddl()) {
            case Ddl.CreateTable table -> create(table, statement);
            case Ddl.Create create -> {
                if (create.kind().endsWith("view")) {
                    relations.putIfAbsent(
                            create.name().key(own),
                            new Relation(create.name().name(), statement.version(), null, false));
                }
            }
            case Ddl.CreateIndex index -> {
                if (index.name() != null) {
                    indexes.put(
                            index.name().name(),
                            new Index(index.table().key(own), index.unique(), index.columns(), statement.version()));
                }
            }
            case Ddl.AlterTable alter -> {
                Relation relation = relations.get(alter.table().key(own));
                if (relation != null) {
                    alter.changes().forEach(change -> change(relation, change));
                }
            }
            case Ddl.Drop drop -> drop.names().forEach(name -> {
                relations.remove(name.key(own));
                indexes.remove(name.key(own));
            });
            case Ddl.Rename rename -> {
                Relation view = relations.remove(rename.old().key(own));
                if (view != null) {
                    relations.put(rename.name(), view);
                }
                Index index = indexes.remove(rename.old().key(own));
                if (index != null) {
                    indexes.put(rename.name(), index);
                }
            }
            case Ddl.Reindex ignored -> {}
            case Ddl.Rows ignored -> {}
            case Ddl.Heavy ignored -> {}
            case Ddl.Opaque ignored -> {}
            case Ddl.Other ignored -> {}
        }
    }

    private void create(Ddl.CreateTable table, ReadStatement statement) {
        String key = table.table().key(own);
        if (relations.containsKey(key) && statement.asksForExistence()) {
            return;
        }
        // Else it fails, or the old one is gone by means that the files do not show.
        var relation = new Relation(key, statement.version(), statement, table.columnsKnown());
        table.columns().forEach(column -> relation.columns.put(column.name(), column));
        relation.constraints.addAll(table.constraints());
        relations.put(key, relation);
    }

    private void change(Relation relation, Change change) {
        switch (change) {
            case Change.AddColumn add -> relation.put(add.column());
            case Change.DropColumn drop -> relation.columns.remove(drop.column());
            case Change.AlterType alter -> relation.column(alter.column())
                    .ifPresent(old -> relation.columns.put(old.name(), copy(old, alter.type(), old.notNull())));
            case Change.SetNotNull set -> relation.column(set.column())
                    .ifPresent(old -> relation.columns.put(old.name(), copy(old, old.type(), true)));
            case Change.DropNotNull drop -> relation.column(drop.column())
                    .ifPresent(old -> relation.columns.put(old.name(), copy(old, old.type(), false)));
            case Change.AddConstraint add -> relation.constraints.add(add.constraint());
            case Change.Validate validate -> relation.constraints.replaceAll(one ->
                    validate.constraint().equals(one.name())
                            ? new Constraint(one.kind(), one.name(), one.columns(), one.body(), one.plain(), one.references(),
                                    false, one.usingIndex())
                            : one);
            case Change.DropConstraint drop ->
                relation.constraints.removeIf(one -> drop.constraint().equals(one.name()));
            case Change.RenameColumn rename -> {
                Column old = relation.columns.remove(rename.old());
                if (old != null) {
                    relation.columns.put(rename.name(), new Column(
                            rename.name(), rename.name(), old.type(), old.notNull(), old.defaultText(), old.serial(),
                            old.identity(), old.stored(), old.generated(), old.constraints()));
                }
            }
            case Change.RenameTable rename -> {
                relations.remove(relation.name);
                var renamed = new Relation(rename.name(), relation.made, relation.statement, relation.columnsKnown);
                renamed.columns.putAll(relation.columns);
                renamed.constraints.addAll(relation.constraints);
                relations.put(rename.name(), renamed);
            }
            case Change.Rewrite ignored -> {}
            case Change.Light ignored -> {}
            case Change.Brief ignored -> {}
        }
    }

    private static Column copy(Column old, String type, boolean notNull) {
        return new Column(
                old.name(), old.written(), type, notNull, old.defaultText(), old.serial(), old.identity(), old.stored(),
                old.generated(), old.constraints());
    }

    /** Whether the constraint is a key: primary, unique or exclusion. */
    static boolean isKey(Constraint constraint) {
        return switch (constraint.kind()) {
            case PRIMARY, UNIQUE, EXCLUDE -> true;
            case CHECK, FOREIGN, NOT_NULL -> false;
        };
    }

    /** Whether it adds a foreign key. */
    static boolean isForeign(Constraint constraint) {
        return constraint.kind() == ConstraintKind.FOREIGN;
    }
}
