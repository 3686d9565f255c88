// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.operations.migration.catalog;

import org.jspecify.annotations.Nullable;

/**
 * A row-level security policy.
 *
 * @param table the table
 * @param name its name
 * @param definition what follows the table's name in the statement that makes it
 * @param comment the comment on it
 */
public record Policy(String table, String name, String definition, @Nullable String comment)
        implements SchemaObject {
    @Override
    public ObjectId id() {
        return new ObjectId(Kind.POLICY, table, name);
    }

    Policy named(String newTable, String newDefinition) {
        return new Policy(newTable, name, newDefinition, comment);
    }
}
