// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.operations.migration.catalog;

import java.util.Comparator;

/**
 * The name of one thing in a schema.
 *
 * @param kind what it is
 * @param table the table or view that it is part of; empty where it stands by itself
 * @param name its own name; a routine's with the types of its arguments
 */
public record ObjectId(Kind kind, String table, String name) implements Comparable<ObjectId> {
    private static final Comparator<ObjectId> ORDER = Comparator.comparing(ObjectId::kind)
            .thenComparing(ObjectId::table)
            .thenComparing(ObjectId::name);

    static ObjectId of(Kind kind, String name) {
        return new ObjectId(kind, "", name);
    }

    static ObjectId table(String name) {
        return of(Kind.TABLE, name);
    }

    static ObjectId column(String table, String name) {
        return new ObjectId(Kind.COLUMN, table, name);
    }

    /** As people name it: {@code column plan.price}, {@code index plan_name_idx}. */
    @Override
    public String toString() {
        boolean within = kind == Kind.COLUMN || kind == Kind.DEFAULT;
        String of = table.isEmpty() || within ? "" : " on " + table;
        return (kind == Kind.DEFAULT ? "default of " : kind.word() + " ") + (within ? table + "." : "") + name + of;
    }

    @Override
    public int compareTo(ObjectId other) {
        return ORDER.compare(this, other);
    }
}
