// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.operations.migration.catalog;

import org.jspecify.annotations.Nullable;

/**
 * A function, procedure or aggregate.
 *
 * @param name its name
 * @param arguments the types of its arguments, by which it is told from others of that name
 * @param form what it is
 * @param signature all that CREATE OR REPLACE cannot change: arguments with names and defaults, and the result
 * @param definition the statement that makes it
 * @param body for SQL functions whose body is a string that text, else empty: what it needs is not in the catalog
 * @param comment the comment on it
 */
public record Routine(
        String name,
        String arguments,
        Form form,
        String signature,
        String definition,
        String body,
        @Nullable String comment)
        implements SchemaObject {
    /** What a routine is. */
    public enum Form {
        /** A function, also one for windows. */
        FUNCTION,
        /** A procedure. */
        PROCEDURE,
        /** An aggregate. */
        AGGREGATE
    }

    @Override
    public ObjectId id() {
        return ObjectId.of(Kind.ROUTINE, name + "(" + arguments + ")");
    }
}
