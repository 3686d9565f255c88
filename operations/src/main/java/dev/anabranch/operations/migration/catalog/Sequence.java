// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.operations.migration.catalog;

import org.jspecify.annotations.Nullable;

/**
 * A sequence of its own, one that is not merely behind a serial or identity column.
 *
 * @param name its name
 * @param options how it counts
 * @param ownerTable the table whose column owns it; empty without an owner
 * @param ownerColumn that column
 * @param unlogged whether it is lost in a crash
 * @param comment the comment on it
 */
public record Sequence(
        String name,
        Options options,
        String ownerTable,
        String ownerColumn,
        boolean unlogged,
        @Nullable String comment)
        implements SchemaObject {
    /**
     * How a sequence counts.
     *
     * @param type smallint, integer or bigint
     * @param start the first value
     * @param min the least value
     * @param max the greatest value
     * @param increment the step
     * @param cache how many a session takes at once
     * @param cycle whether it begins again at its end
     */
    public record Options(String type, long start, long min, long max, long increment, long cache, boolean cycle) {
        /** Whether they are those of a serial or identity column of that type for which nothing was said. */
        boolean isPlain() {
            return start == 1 && min == 1 && max == greatest() && increment == 1 && cache == 1 && !cycle;
        }

        private long greatest() {
            return switch (type) {
                case "smallint" -> Short.MAX_VALUE;
                case "integer" -> Integer.MAX_VALUE;
                default -> Long.MAX_VALUE;
            };
        }
    }

    @Override
    public ObjectId id() {
        return ObjectId.of(Kind.SEQUENCE, name);
    }

    Sequence ownedBy(String newTable, String newColumn) {
        return new Sequence(name, options, newTable, newColumn, unlogged, comment);
    }
}
