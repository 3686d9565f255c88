// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.operations.migration.catalog;

import org.jspecify.annotations.Nullable;

/**
 * A column of a table. Where it stands among the others is of no matter: PostgreSQL cannot move a column.
 *
 * @param table the table's name
 * @param name its name
 * @param type the type with its length or precision
 * @param collation the collation where it is not the type's own
 * @param notNull whether it takes no null; a constraint that is NOT VALID does not count
 * @param expression the default, or what a generated column computes
 * @param generation what the expression is
 * @param identity GENERATED ALWAYS or BY DEFAULT AS IDENTITY, with its sequence's options
 * @param serial the options of a serial column's own sequence; such a column has no other default
 * @param inherited whether it is there because the parent has it: then it belongs to the parent
 * @param comment the comment on it
 */
public record Column(
        String table,
        String name,
        String type,
        @Nullable String collation,
        boolean notNull,
        @Nullable String expression,
        Generation generation,
        @Nullable Identity identity,
        @Nullable Serial serial,
        boolean inherited,
        @Nullable String comment)
        implements SchemaObject {
    /** What a column's expression is. */
    public enum Generation {
        /** The default, if any. */
        NONE,
        /** Computed when the row is written. */
        STORED,
        /** Computed when the row is read. */
        VIRTUAL
    }

    /**
     * An identity column's way of numbering.
     *
     * @param always GENERATED ALWAYS rather than BY DEFAULT
     * @param options the sequence's
     */
    public record Identity(boolean always, Sequence.Options options) {}

    /**
     * A serial column's own sequence, which nothing else uses. Its name is of no matter.
     *
     * @param options the sequence's
     * @param sequence its name
     */
    public record Serial(Sequence.Options options, String sequence) {
        @Override
        public boolean equals(@Nullable Object other) {
            return other instanceof Serial that && options.equals(that.options);
        }

        @Override
        public int hashCode() {
            return options.hashCode();
        }
    }

    @Override
    public ObjectId id() {
        return ObjectId.column(table, name);
    }

    ObjectId defaultId() {
        return new ObjectId(Kind.DEFAULT, table, name);
    }

    boolean hasDefault() {
        return generation == Generation.NONE && expression != null;
    }

    boolean isGenerated() {
        return generation != Generation.NONE;
    }

    Column named(String newTable, String newName, @Nullable String newExpression) {
        return new Column(newTable, newName, type, collation, notNull, newExpression, generation, identity, serial,
                inherited, comment);
    }
}
