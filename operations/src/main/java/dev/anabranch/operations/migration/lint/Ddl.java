// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.operations.migration.lint;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a statement does, as far as the rules need to know. */
sealed interface Ddl {
    /**
     * CREATE TABLE.
     *
     * @param columnsKnown false where they come from elsewhere: LIKE, INHERITS, PARTITION OF, and AS unless its list is plain
     * @param partition whether it is a part of another table
     * @param partitioned whether it has parts of its own
     * @param byQuery whether a query makes it: AS
     */
    record CreateTable(Name table, List<Column> columns, List<Constraint> constraints, boolean columnsKnown,
            boolean partition, boolean partitioned, boolean temporary, boolean byQuery) implements Ddl {}

    /**
     * CREATE INDEX.
     *
     * @param name null where the server gives one
     * @param columns the plain columns among what is indexed
     */
    record CreateIndex(@Nullable Name name, Name table, boolean unique, boolean concurrently, boolean ifNotExists,
            boolean only, List<String> columns) implements Ddl {}

    /** ALTER TABLE with its actions. */
    record AlterTable(Name table, List<Change> changes) implements Ddl {}

    /** DROP of anything that has a name. */
    record Drop(String kind, List<Name> names, boolean concurrently, boolean ifExists) implements Ddl {}

    /** ALTER INDEX, VIEW, … RENAME. */
    record Rename(String kind, Name old, String name) implements Ddl {}

    /** REINDEX. */
    record Reindex(String kind, @Nullable Name name, boolean concurrently) implements Ddl {}

    /** CREATE VIEW or MATERIALIZED VIEW, CREATE TYPE, CREATE SEQUENCE, …: what is new by that name. */
    record Create(String kind, Name name) implements Ddl {}

    /**
     * UPDATE, DELETE, or a MERGE that does one of them.
     *
     * @param whole whether nothing limits it to a part of the table
     */
    record Rows(String verb, Name table, boolean whole, Cursor statement) implements Ddl {}

    /** TRUNCATE, LOCK, CLUSTER, VACUUM FULL, REFRESH MATERIALIZED VIEW: with the tables, where it names them. */
    record Heavy(String verb, List<Name> tables) implements Ddl {}

    /**
     * DO, CALL, SELECT, WITH and all whose doing is not in its text.
     *
     * @param parts the UPDATEs, DELETEs and MERGEs of a WITH
     */
    record Opaque(String verb, List<Rows> parts) implements Ddl {}

    /** Everything else; with the table that it locks for a moment, if any. */
    record Other(String verb, @Nullable Name locked) implements Ddl {}

    /** A column's definition. */
    record Column(String name, String written, String type, boolean notNull, @Nullable String defaultText, boolean serial,
            boolean identity, boolean stored, boolean generated, List<Constraint> constraints) {}

    /** The kinds of constraints. */
    enum ConstraintKind {
        PRIMARY, UNIQUE, CHECK, FOREIGN, EXCLUDE, NOT_NULL
    }

    /**
     * A constraint.
     *
     * @param name null where the server gives one
     * @param body the definition as written, from its kind on, without NOT VALID
     * @param plain the same in lower case with single spaces
     * @param references the table that a foreign key leads to
     */
    record Constraint(ConstraintKind kind, @Nullable String name, List<String> columns, String body, String plain,
            @Nullable Name references, boolean notValid, boolean usingIndex) {
        Constraint on(String column) {
            return new Constraint(kind, name, List.of(column), body, plain, references, notValid, usingIndex);
        }
    }

    /** One action of ALTER TABLE. */
    sealed interface Change {
        record AddColumn(Column column, String text, boolean ifNotExists) implements Change {}

        record DropColumn(String column, boolean ifExists) implements Change {}

        record AlterType(String column, String type, @Nullable String using) implements Change {}

        record SetNotNull(String column) implements Change {}

        record DropNotNull(String column) implements Change {}

        record AddConstraint(Constraint constraint) implements Change {}

        record Validate(String constraint) implements Change {}

        record DropConstraint(String constraint, boolean ifExists) implements Change {}

        record RenameColumn(String old, String name) implements Change {}

        record RenameTable(String name) implements Change {}

        /** What writes the table anew: SET LOGGED, SET TABLESPACE, SET ACCESS METHOD. */
        record Rewrite(String text) implements Change {}

        /** What takes at most a SHARE UPDATE EXCLUSIVE lock. */
        record Light(String text) implements Change {}

        /** What takes a strong lock for a moment. */
        record Brief(String text) implements Change {}
    }
}
