// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.operations.migration.catalog;

import org.jspecify.annotations.Nullable;

/**
 * Extended statistics.
 *
 * @param table the table
 * @param name the statistics' name
 * @param definition what follows the name in the statement that makes them
 * @param comment the comment on them
 */
public record Statistics(String table, String name, String definition, @Nullable String comment)
        implements SchemaObject {
    @Override
    public ObjectId id() {
        return ObjectId.of(Kind.STATISTICS, name);
    }

    Statistics named(String newTable, String newDefinition) {
        return new Statistics(newTable, name, newDefinition, comment);
    }
}
