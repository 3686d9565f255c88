// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.operations.migration.catalog;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A table without its columns, constraints and indexes, which the snapshot holds beside it.
 *
 * @param name its name
 * @param unlogged whether its rows are lost in a crash
 * @param partitionKey {@code RANGE (day)}; null for a table that is not partitioned
 * @param parents the partitioned table it is a partition of, or the tables it inherits from
 * @param bound {@code FOR VALUES FROM ('2026-01-01') TO ('2027-01-01')}; null for a table that is no partition
 * @param options storage parameters, {@code fillfactor=70}, sorted
 * @param identity the replica identity
 * @param rowSecurity whether row-level security is enabled
 * @param forced whether it binds the owner too
 * @param comment the comment on it
 */
public record Table(
        String name,
        boolean unlogged,
        @Nullable String partitionKey,
        List<String> parents,
        @Nullable String bound,
        List<String> options,
        ReplicaIdentity identity,
        boolean rowSecurity,
        boolean forced,
        @Nullable String comment)
        implements SchemaObject {
    /** Copies the lists. */
    public Table {
        parents = List.copyOf(parents);
        options = List.copyOf(options);
    }

    @Override
    public ObjectId id() {
        return ObjectId.table(name);
    }

    boolean isPartitioned() {
        return partitionKey != null;
    }

    boolean isPartition() {
        return bound != null;
    }

    Table named(String newName, List<String> newParents, @Nullable String newKey, ReplicaIdentity newIdentity) {
        return new Table(
                newName, unlogged, newKey, newParents, bound, options, newIdentity, rowSecurity, forced, comment);
    }

    /**
     * By which columns the old row is told to a replica.
     *
     * @param form DEFAULT, FULL, NOTHING or USING INDEX
     * @param index the definition of the index; empty for the other forms. The index's name is of no matter.
     */
    public record ReplicaIdentity(String form, String index) {}
}
