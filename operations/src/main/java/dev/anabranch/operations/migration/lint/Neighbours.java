// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.operations.migration.lint;

import dev.anabranch.operations.migration.lint.Ddl.Change;
import dev.anabranch.operations.migration.lint.Ddl.Constraint;
import dev.anabranch.routing.RelationEnd;
import dev.anabranch.routing.RouterChain;
import dev.anabranch.topology.Group;
import dev.anabranch.topology.GroupSchema;
import dev.anabranch.topology.Topology;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The other groups of a topology, and what may point to their tables.
 *
 * @param group whose files are looked at
 * @param topology where the groups are
 * @param routers who is asked before the topology
 */
record Neighbours(Group group, Topology topology, RouterChain routers) {

    /** The schema of the group whose files are looked at. */
    String schema() {
        return schemaOf(group);
    }

    /**
     * The foreign keys of a statement that lead to another group's schema and are not allowed to.
     *
     * @param known the tables of the files before it
     */
    List<RefusedRelation> refused(ReadStatement statement, KnownSchema known) {
        Optional<Name> table =
                switch (statement.ddl()) {
                    case Ddl.CreateTable made -> Optional.of(made.table());
                    case Ddl.AlterTable alter -> Optional.of(alter.table());
                    case Ddl.CreateIndex _, Ddl.Drop _, Ddl.Rename _, Ddl.Reindex _, Ddl.Create _, Ddl.Rows _, Ddl.Heavy _,
                            Ddl.Opaque _, Ddl.Other _ -> Optional.empty();
                };
        List<RefusedRelation> refused = new ArrayList<>();
        Set<String> seen = new LinkedHashSet<>();
        for (Constraint constraint : constraints(statement.ddl())) {
            Name to = constraint.references();
            if (to != null && isElsewhere(to.schema())) {
                seen.add(to.schema());
                String from = table.map(Name::name).orElse("");
                refusal(statement, from, to.schema(), to.name(), constraint).ifPresent(refused::add);
            }
        }
        // In a DO block, or in a statement that the reader does not know: the table is not told.
        for (SchemaNames.Found found : SchemaNames.of(statement, known)) {
            if (found.isReference() && isElsewhere(found.schema()) && seen.add(found.schema())) {
                String to = found.written().substring(found.written().indexOf('.') + 1).replace("\"", "");
                refusal(statement, table.map(Name::name).orElse("?"), found.schema(), to, null).ifPresent(refused::add);
            }
        }
        return refused;
    }

    /** Whether that is the schema of the group. */
    boolean owns(String other, String named) {
        return schemaOf(topology.group(other)).equals(named);
    }

    private boolean isElsewhere(String named) {
        return !named.isEmpty() && !named.equals(schema());
    }

    private static Set<Constraint> constraints(Ddl ddl) {
        Set<Constraint> all = new LinkedHashSet<>();
        if (ddl instanceof Ddl.CreateTable table) {
            all.addAll(table.constraints());
            table.columns().forEach(column -> all.addAll(column.constraints()));
        } else if (ddl instanceof Ddl.AlterTable alter) {
            for (Change change : alter.changes()) {
                if (change instanceof Change.AddConstraint add) {
                    all.add(add.constraint());
                } else if (change instanceof Change.AddColumn add) {
                    all.addAll(add.column().constraints());
                }
            }
        }
        return all;
    }

    private Optional<RefusedRelation> refusal(
            ReadStatement statement,
            String table,
            String schema,
            String to,
            @Nullable Constraint constraint) {
        RefusedRelation first = null;
        for (Group other : topology.groups().values()) {
            if (other.name().equals(group.name()) || !schemaOf(other).equals(schema)) {
                continue;
            }
            var from = new RelationEnd(group.name(), table, null);
            var end = new RelationEnd(other.name(), to, null);
            RouterChain.Verdict verdict = routers.allowsRelation(from, end, topology);
            if (verdict.allowed()) {
                // Several groups may own a schema of that name, each on databases of its own.
                return Optional.empty();
            }
            if (first == null) {
                first = new RefusedRelation(
                        from,
                        end,
                        statement.file().file().fileName(),
                        statement.line(),
                        group.databases(),
                        other.databases(),
                        verdict.router(),
                        constraint == null ? null : constraint.name(),
                        constraint == null ? List.of() : constraint.columns());
            }
        }
        return Optional.ofNullable(first);
    }

    private String schemaOf(Group one) {
        return one.schema()
                .map(GroupSchema::name)
                .orElseGet(() -> topology.database(one.databases().iterator().next()).defaultSchema());
    }
}
