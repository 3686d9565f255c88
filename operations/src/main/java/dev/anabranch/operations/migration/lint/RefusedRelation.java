// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.operations.migration.lint;

import dev.anabranch.operations.migration.files.MigrationFile;
import dev.anabranch.operations.migration.files.MigrationSet;
import dev.anabranch.operations.migration.lint.Ddl.Change;
import dev.anabranch.problem.AnabranchException;
import dev.anabranch.problem.ErrorCode;
import dev.anabranch.routing.RelationEnd;
import dev.anabranch.routing.RouterChain;
import dev.anabranch.topology.Flavor;
import dev.anabranch.topology.Group;
import dev.anabranch.topology.Topology;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A foreign key from one group's table to another group's, which neither a router nor the topology allows: the two may lie
 * in different databases, where no server can keep it.
 *
 * @param from the table that has it; {@code ?} where the file does not show which
 * @param to the table that it leads to
 * @param file the file's name
 * @param line the statement's line
 * @param here the databases of the group that has it
 * @param there the databases of the other group
 * @param router who refused it: a router's name, or {@link RouterChain#TOPOLOGY}
 * @param constraint its name; null where the server gives one
 * @param columns its columns, where the file shows them
 */
public record RefusedRelation(
        RelationEnd from,
        RelationEnd to,
        String file,
        int line,
        Set<String> here,
        Set<String> there,
        String router,
        @Nullable String constraint,
        List<String> columns) {

    /**
     * Those that a group's files make and that no later file takes away. Files for PostgreSQL alone are read; for others
     * there are none.
     *
     * @throws AnabranchException {@link ErrorCode#ROUTER_INVALID} where a router fails
     */
    public static List<RefusedRelation> of(MigrationSet set, Group group, Topology topology, RouterChain routers) {
        boolean postgres = group.databases().stream()
                .allMatch(name -> topology.database(name).flavor() == Flavor.POSTGRES);
        if (!postgres) {
            return List.of();
        }
        Neighbours neighbours = new Neighbours(group, topology, routers);
        KnownSchema known = new KnownSchema(neighbours.schema());
        List<RefusedRelation> standing = new ArrayList<>();
        for (MigrationFile file : set.files()) {
            if (!FileRules.isReadable(file, new Findings())) {
                // Whoever applies it says so.
                break;
            }
            for (ReadStatement statement : new ReadFile(file).statements()) {
                standing.removeIf(relation -> relation.isTakenAwayBy(statement));
                standing.addAll(neighbours.refused(statement, known));
                known.after(statement);
            }
        }
        return List.copyOf(standing);
    }

    /**
     * Refuses files with such a foreign key: for a start, and for whoever is about to apply them.
     *
     * @throws AnabranchException {@link ErrorCode#RELATION_REFUSED} naming both ends of each
     */
    public static void refuse(MigrationSet set, Group group, Topology topology, RouterChain routers) {
        List<RefusedRelation> refused = of(set, group, topology, routers);
        if (!refused.isEmpty()) {
            throw new AnabranchException(
                    ErrorCode.RELATION_REFUSED,
                    refused.stream().map(RefusedRelation::toString).collect(Collectors.joining("; ")),
                    "Keep the id without a foreign key, put both groups into the same databases, or let a router's"
                            + " allowRelation say yes");
        }
    }

    private boolean isTakenAwayBy(ReadStatement statement) {
        return switch (statement.ddl()) {
            case Ddl.Drop drop ->
                drop.kind().equals("table") && drop.names().stream().anyMatch(name -> name.name().equals(from.name()));
            case Ddl.AlterTable alter ->
                alter.table().name().equals(from.name()) && alter.changes().stream().anyMatch(this::isTakenAwayBy);
            case Ddl.CreateTable _, Ddl.CreateIndex _, Ddl.Rename _, Ddl.Reindex _, Ddl.Create _, Ddl.Rows _, Ddl.Heavy _,
                    Ddl.Opaque _, Ddl.Other _ -> false;
        };
    }

    private boolean isTakenAwayBy(Change change) {
        return switch (change) {
            case Change.DropColumn drop -> columns.contains(drop.column());
            case Change.DropConstraint drop -> drop.constraint().equals(nameOnServer());
            case Change.AddColumn _, Change.AlterType _, Change.SetNotNull _, Change.DropNotNull _, Change.AddConstraint _,
                    Change.Validate _, Change.RenameColumn _, Change.RenameTable _, Change.Rewrite _, Change.Light _,
                    Change.Brief _ -> false;
        };
    }

    /** As PostgreSQL names one itself, as long as the name is not too long and not taken. */
    private String nameOnServer() {
        return constraint != null ? constraint : from.name() + "_" + String.join("_", columns) + "_fkey";
    }

    /** Both ends, where it stands, and who refused it. */
    @Override
    public String toString() {
        return "The table '" + from.name() + "' of the group '" + from.group() + "' (on " + here + ") has a foreign key to '"
                + to.name() + "' of the group '" + to.group() + "' (on " + there + ") in " + file + ":" + line + ", which "
                + (router.equals(RouterChain.TOPOLOGY) ? "the topology" : "the router '" + router + "'") + " does not allow";
    }
}
