// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.operations.migration.lint;

import dev.anabranch.operations.migration.sql.SqlStatement;
import java.util.Set;

/** A statement of a file, read. */
final class ReadStatement {
    private final ReadFile file;
    private final SqlStatement statement;
    private final Cursor cursor;
    private final Ddl ddl;

    ReadStatement(ReadFile file, SqlStatement statement) {
        this.file = file;
        this.statement = statement;
        cursor = new Cursor(statement.text());
        ddl = StatementReader.read(cursor);
    }

    ReadFile file() {
        return file;
    }

    long version() {
        return file.file().version();
    }

    String text() {
        return statement.text();
    }

    int line() {
        return statement.line();
    }

    /** The place of its first character in the file. */
    int start() {
        return statement.start();
    }

    int end() {
        return statement.start() + statement.text().length();
    }

    String brief() {
        return statement.brief(120);
    }

    /** A cursor at its beginning. */
    Cursor cursor() {
        return cursor.again();
    }

    Ddl ddl() {
        return ddl;
    }

    /** Whether these words begin it. */
    boolean begins(String... words) {
        return cursor.again().at(words);
    }

    /** Whether it is content with what is there already, or not there any more. */
    boolean asksForExistence() {
        return has("if", "exists") || has("if", "not", "exists") || has("or", "replace");
    }

    /** Whether these words stand in it one after another, outside of brackets. */
    boolean has(String... words) {
        Cursor at = cursor.again();
        while (!at.done()) {
            if (at.at(words)) {
                return true;
            }
            at.passOne();
        }
        return false;
    }

    /** Whether it asks to be run concurrently. */
    boolean isConcurrent() {
        return switch (ddl) {
            case Ddl.CreateIndex index -> index.concurrently();
            case Ddl.Drop drop -> drop.concurrently();
            case Ddl.Reindex reindex -> reindex.concurrently();
            case Ddl.AlterTable alter -> alter.changes().stream()
                    .anyMatch(change -> change instanceof Ddl.Change.Brief brief
                            && new Cursor(brief.text()).plain().matches("detach partition .* concurrently"));
            case Ddl.CreateTable ignored -> false;
            case Ddl.Rename ignored -> false;
            case Ddl.Create ignored -> false;
            case Ddl.Rows ignored -> false;
            case Ddl.Heavy ignored -> false;
            case Ddl.Opaque ignored -> false;
            case Ddl.Other ignored -> false;
        };
    }

    /** Whether PostgreSQL refuses it within a transaction. */
    boolean refusesTransaction() {
        String verb = cursor.again().next().name();
        return isConcurrent()
                || verb.equals("vacuum")
                || begins("alter", "system")
                || (Set.of("database", "tablespace", "subscription").contains(kind())
                        && Set.of("create", "drop").contains(verb))
                || (ddl instanceof Ddl.Reindex reindex
                        && Set.of("schema", "database", "system").contains(reindex.kind()));
    }

    private String kind() {
        Cursor words = cursor.again();
        words.next();
        return words.next().name();
    }
}
