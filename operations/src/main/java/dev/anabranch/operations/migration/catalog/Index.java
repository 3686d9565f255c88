// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.operations.migration.catalog;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * An index that no constraint owns. Two are equal when their definitions are: the name is of no matter.
 *
 * @param table the table or materialized view
 * @param name its name
 * @param unique whether it forbids equal entries
 * @param definition what follows the table's name: {@code USING btree (name DESC) WHERE active}
 * @param valid false for what a failed CREATE INDEX CONCURRENTLY left
 * @param inherited whether it is a part of the parent's index: then it belongs to that
 * @param comment the comment on it
 */
public record Index(
        String table,
        String name,
        boolean unique,
        String definition,
        boolean valid,
        boolean inherited,
        @Nullable String comment)
        implements SchemaObject {
    @Override
    public ObjectId id() {
        return new ObjectId(Kind.INDEX, table, name);
    }

    Index named(String newTable, String newDefinition) {
        return new Index(newTable, name, unique, newDefinition, valid, inherited, comment);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Index that
                && table.equals(that.table)
                && unique == that.unique
                && definition.equals(that.definition)
                && valid == that.valid
                && inherited == that.inherited
                && Objects.equals(comment, that.comment);
    }

    @Override
    public int hashCode() {
        return table.hashCode() * 31 + definition.hashCode();
    }
}
