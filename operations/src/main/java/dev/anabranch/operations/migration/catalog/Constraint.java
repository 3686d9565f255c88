// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.operations.migration.catalog;

import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A constraint of a table. Two are equal when their definitions are: the name is of no matter.
 *
 * @param table the table's name
 * @param name its name
 * @param type what it is
 * @param definition {@code CHECK ((price > 0))} as PostgreSQL writes it, NOT VALID included
 * @param index for a primary key or a unique or exclusion constraint what follows the table's name in the definition of its
 *     index; empty for others
 * @param references the table a foreign key refers to, if it is of the same schema; empty otherwise
 * @param inherited whether it is there because the parent has it: then it belongs to the parent
 * @param comment the comment on it
 */
public record Constraint(
        String table,
        String name,
        Type type,
        String definition,
        String index,
        String references,
        boolean inherited,
        @Nullable String comment)
        implements SchemaObject {
    /** What a constraint is. */
    public enum Type {
        /** The primary key. */
        PRIMARY_KEY,
        /** A unique constraint. */
        UNIQUE,
        /** An exclusion constraint. */
        EXCLUSION,
        /** A check of the row. */
        CHECK,
        /** A reference to another table. */
        FOREIGN_KEY
    }

    private static final String NOT_VALID = " NOT VALID";

    @Override
    public ObjectId id() {
        return new ObjectId(Kind.CONSTRAINT, table, name);
    }

    boolean isValid() {
        return !definition.endsWith(NOT_VALID);
    }

    /** The definition without NOT VALID. */
    String validDefinition() {
        return isValid() ? definition : definition.substring(0, definition.length() - NOT_VALID.length());
    }

    /** Whether an index stands behind it. */
    boolean hasIndex() {
        return !index.isEmpty();
    }

    /** The columns of a key, as PostgreSQL writes them, without those that are only included. */
    Set<String> keyColumns() {
        int begin = definition.indexOf('(');
        int end = definition.indexOf(')', begin);
        return begin < 0 || end < 0 ? Set.of() : Set.of(definition.substring(begin + 1, end).split(", "));
    }

    Constraint named(String newTable, String newDefinition, String newIndex, String newReferences) {
        return new Constraint(newTable, name, type, newDefinition, newIndex, newReferences, inherited, comment);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Constraint that
                && table.equals(that.table)
                && definition.equals(that.definition)
                && inherited == that.inherited
                && java.util.Objects.equals(comment, that.comment);
    }

    @Override
    public int hashCode() {
        return table.hashCode() * 31 + definition.hashCode();
    }
}
