// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.operations.migration.lint;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** What lint looks for. The id is what a person writes to allow it: {@code -- lint: allow <id> because <reason>}. */
public enum LintRule {
    INDEX_NOT_CONCURRENT(
            Severity.ERROR,
            "CREATE INDEX holds a SHARE lock while it reads the whole table: until it is done nobody can insert, update or delete.",
            "CREATE INDEX CONCURRENTLY IF NOT EXISTS, in a file without statements that need a transaction"),
    DROP_INDEX_NOT_CONCURRENT(
            Severity.ERROR,
            "DROP INDEX takes an ACCESS EXCLUSIVE lock on the table: it waits for every query that runs, and all that come after"
                    + " wait behind it.",
            "DROP INDEX CONCURRENTLY IF EXISTS, in a file without statements that need a transaction"),
    REINDEX_NOT_CONCURRENT(
            Severity.ERROR,
            "REINDEX locks out writers for as long as the index is built, and readers that would use the index.",
            "REINDEX … CONCURRENTLY, in a file without statements that need a transaction"),
    CONCURRENTLY_MIXED(
            Severity.ERROR,
            "A file with a statement that cannot run in a transaction runs without one, statement by statement. When it breaks"
                    + " off in the middle it runs again from its beginning, and a statement that was done already fails, or is done"
                    + " twice.",
            "Move what needs a transaction into a file before or after"),
    CONCURRENTLY_NOT_REPEATABLE(
            Severity.ERROR,
            "A concurrent statement cannot be rolled back: when the file breaks off after it, it runs again, and fails on what is"
                    + " there already.",
            "Add IF NOT EXISTS, or IF EXISTS"),
    FOREIGN_KEY_VALIDATED(
            Severity.ERROR,
            "Adding a foreign key reads the whole table and looks up each row, under a SHARE ROW EXCLUSIVE lock on both tables:"
                    + " meanwhile nobody can write to either.",
            "Add it NOT VALID, and VALIDATE CONSTRAINT in a later file: that scan blocks no one"),
    CHECK_VALIDATED(
            Severity.ERROR,
            "Adding a check constraint reads the whole table under an ACCESS EXCLUSIVE lock: meanwhile nobody can read or write.",
            "Add it NOT VALID, and VALIDATE CONSTRAINT in a later file: that scan blocks no one"),
    VALIDATED_UNDER_LOCK(
            Severity.ERROR,
            "A transaction keeps each lock until its end. A long scan after a statement with a strong lock makes everyone wait for"
                    + " the scan, and so NOT VALID has won nothing.",
            "VALIDATE CONSTRAINT in a later file"),
    UNIQUE_NOT_USING_INDEX(
            Severity.ERROR,
            "Adding a unique, primary key or exclusion constraint builds its index under an ACCESS EXCLUSIVE lock: meanwhile nobody"
                    + " can read or write.",
            "Build a unique index concurrently, then ADD CONSTRAINT … USING INDEX in a later file"),
    SET_NOT_NULL_UNCHECKED(
            Severity.ERROR,
            "SET NOT NULL reads the whole table under an ACCESS EXCLUSIVE lock, unless a validated check already proves that there"
                    + " is no null.",
            "ADD CONSTRAINT … CHECK (… IS NOT NULL) NOT VALID; VALIDATE it in a later file; then SET NOT NULL and drop the check"),
    NOT_NULL_WITHOUT_DEFAULT(
            Severity.ERROR,
            "A NOT NULL column without a default cannot be added to a table that has rows, and code that runs now inserts rows"
                    + " without it.",
            "Add it nullable or with a constant default, fill it, then SET NOT NULL by way of a check"),
    VOLATILE_DEFAULT(
            Severity.ERROR,
            "A default that differs from row to row makes PostgreSQL write the whole table anew under an ACCESS EXCLUSIVE lock."
                    + " A constant, or now(), does not.",
            "ADD COLUMN without the default, SET DEFAULT for the rows to come, and fill the old ones in batches"),
    COLUMN_REWRITES(
            Severity.ERROR,
            "A serial, identity or stored generated column has a value in each row, and one of a domain with constraints is"
                    + " checked in each, so adding it writes the whole table anew under an ACCESS EXCLUSIVE lock.",
            "ADD COLUMN without it, fill in batches, then attach the sequence; for a generated column use VIRTUAL or a trigger;"
                    + " for a domain the type beneath it and a check that is validated later"),
    TYPE_CHANGE_REWRITES(
            Severity.ERROR,
            "Changing a column's type writes the whole table and its indexes anew under an ACCESS EXCLUSIVE lock, unless the old"
                    + " values are good as they are (a longer varchar, text, a wider numeric of the same scale).",
            "Add a column of the new type, write both, fill the old rows in batches, change the code, drop the old column"),
    TABLE_REWRITES(
            Severity.ERROR,
            "The statement writes the whole table anew, or locks it, so that nobody can use it meanwhile.",
            "Leave it out of migrations; where it must be, do it in a maintenance window"),
    RENAME_BREAKS_CODE(
            Severity.ERROR,
            "The program's release that runs while this is applied knows the old name only: from the commit on its queries fail.",
            "Keep the old name working until the last release that uses it is gone: a view for a table, a second column for a column"),
    DROP_BREAKS_CODE(
            Severity.ERROR,
            "The program's release that runs while this is applied may still use what is dropped, and what was in it is lost.",
            "First ship a release that does not use it; then drop it, and say so with -- lint: allow"),
    UNBATCHED_BACKFILL(
            Severity.ERROR,
            "One UPDATE or DELETE over a whole table holds a lock on every row until it commits, doubles the table, makes replicas"
                    + " lag, and has to begin again when it is broken off.",
            "Change a few thousand rows at a time, with a commit after each batch, in a file that runs outside of a transaction"),
    FOREIGN_SCHEMA(
            Severity.ERROR,
            "Another schema belongs to another group, which migrates alone and may lie in another database tomorrow.",
            "Change it in that group's migrations; read it through its service"),
    NEIGHBOUR_REFERENCE(
            Severity.WARNING,
            "A foreign key to another group's table ties the two groups to one database and locks the neighbour's table.",
            "Keep the id without a foreign key"),
    OWN_SCHEMA_NAMED(
            Severity.ERROR,
            "A file that names its own schema runs in no schema of another name: no scratch copy, no test, no second installation.",
            "Leave the schema out: the search path is the group's schema already"),
    SEARCH_PATH(
            Severity.ERROR,
            "The search path is what keeps a migration in its own schema; whoever applies the file sets it, and the setting outlives"
                    + " the file in its session.",
            "Leave it out; name pg_catalog's objects with their schema"),
    ROLE_CHANGE(
            Severity.ERROR,
            "Migrations run as the owner. What another role makes belongs to that role, and the next migration cannot change it.",
            "Leave it out; use ALTER … OWNER TO where an owner must differ"),
    GRANT_TO_PUBLIC(
            Severity.ERROR,
            "PUBLIC is everybody who can log in to the database, the services of the other groups among them. Who may use the tables"
                    + " is granted by the program that prepares the database, and not by a group's files.",
            "Leave it out, or grant to a role"),
    TRANSACTION_CONTROL(
            Severity.ERROR,
            "Whoever applies the file begins and ends its transaction together with the entry in the history. A COMMIT in between"
                    + " leaves half a file applied that nobody knows of.",
            "Leave it out; use a file for each transaction"),
    SHARD_KEY_MISSING(
            Severity.ERROR,
            "A table of a sharded group without the shard key has rows that belong to no tenant: they cannot be routed, moved or"
                    + " kept apart.",
            "Add the shard key's column, NOT NULL, and put it into each key"),
    SHARD_KEY_NULLABLE(
            Severity.ERROR,
            "A row whose shard key is null belongs to no tenant: no move takes it along, and no policy shows it.",
            "Make the shard key's column NOT NULL"),
    SHARD_KEY_NOT_IN_KEY(
            Severity.ERROR,
            "Uniqueness holds on one shard only. Without the shard key in it two tenants collide when they come together on one"
                    + " shard, and their changes cannot be told apart while they move.",
            "Put the shard key's column first in it"),
    MISSING_TIMEOUT(
            Severity.ERROR,
            "A statement that waits for a strong lock makes everyone wait who comes after it. Without a lock_timeout one long query"
                    + " is enough to stop the service.",
            "SET LOCAL lock_timeout = '5s' before it; a run that times out can be tried again"),
    TRUNCATE(
            Severity.ERROR,
            "TRUNCATE takes an ACCESS EXCLUSIVE lock and deletes all rows of all tenants.",
            "DELETE what has to go, in batches"),
    DROP_SCHEMA(
            Severity.ERROR,
            "It takes away the group's tables and the history of its migrations with them.",
            "Drop the objects, or let an administrator drop the schema"),
    CREATE_EXTENSION(
            Severity.WARNING,
            "Most extensions can be made by a superuser only, and one extension serves the whole database, all groups' schemas in it."
                    + " The owner who migrates will be refused.",
            "Let an administrator create it when the database is set up"),
    LOCK_IN_BODY(
            Severity.ERROR,
            "What a DO block or a function does is not seen in the file: here it takes a strong lock on a table that is in use, and"
                    + " holds it until the transaction's end.",
            "Write the statement out, so that it can be judged"),
    EDITED_FILE(
            Severity.ERROR,
            "The file was changed after it was applied. Databases that have it do not get the change; those that come later do, and"
                    + " are different from then on.",
            "Restore the file, and write the change into a new one"),
    MISSING_FILE(
            Severity.ERROR,
            "A version is applied whose file is gone: the schema can no longer be built from its files.",
            "Restore the file from version control"),
    OUT_OF_ORDER(
            Severity.ERROR,
            "A later version is applied already: this file would run after files that were written without it, or never.",
            "Give it the next free number"),
    FILE_NAME(
            Severity.ERROR,
            "The history has 200 characters for a file's description.",
            "Give the file a shorter name"),
    UNREADABLE(
            Severity.ERROR,
            "The text does not end as SQL: whatever follows is taken for a part of it.",
            "Close it"),
    STATEMENT_FAILS(
            Severity.ERROR,
            "The statement fails on a scratch copy that was built from the files before it.",
            "Correct it; it has been applied nowhere"),
    SUPPRESSION_WITHOUT_REASON(
            Severity.ERROR,
            "Who reads the file later must see why the rule does not count here.",
            "-- lint: allow <rule> because <reason>"),
    SUPPRESSION_UNUSED(
            Severity.WARNING,
            "The rule finds nothing there, and the comment would hide what a later change brings.",
            "Delete the comment");

    private final Severity severity;
    private final String reason;
    private final String rewrite;

    LintRule(Severity severity, String reason, String rewrite) {
        this.severity = severity;
        this.reason = reason;
        this.rewrite = rewrite;
    }

    /** The name in comments, in output and in JSON: {@code index-not-concurrent}. */
    public String id() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** How bad it is. */
    public Severity severity() {
        return severity;
    }

    /** Why it is unsafe. */
    public String reason() {
        return reason;
    }

    /** What to do instead, in general. */
    public String rewrite() {
        return rewrite;
    }

    /** The rule of that id, if there is one. */
    public static Optional<LintRule> of(String id) {
        return Arrays.stream(values()).filter(rule -> rule.id().equals(id)).findFirst();
    }
}
