// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.operations.migration.catalog;

/** What kind of thing a schema holds. The order is the one in which things of no other order are named. */
public enum Kind {
    /** An enum, a domain or a composite type. */
    TYPE,
    /** A sequence that is not the own sequence of a serial or identity column. */
    SEQUENCE,
    /** A function, procedure or aggregate. */
    ROUTINE,
    /** A table, partitioned or not, or a partition. */
    TABLE,
    /** A column of a table. */
    COLUMN,
    /** A column's default. */
    DEFAULT,
    /** A primary key, unique, check, exclusion or foreign-key constraint of a table. */
    CONSTRAINT,
    /** A view or a materialized view. */
    VIEW,
    /** An index that no constraint owns. */
    INDEX,
    /** Extended statistics. */
    STATISTICS,
    /** A trigger of a table or view. */
    TRIGGER,
    /** A row-level security policy. */
    POLICY;

    /** The word for people. */
    String word() {
        return name().toLowerCase(java.util.Locale.ROOT);
    }
}
