// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.operations.migration.apply;

import dev.anabranch.operations.migration.apply.FileRules.Index;
import dev.anabranch.operations.migration.files.MigrationFile;
import dev.anabranch.problem.AnabranchException;
import dev.anabranch.problem.ErrorCode;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Clears away what an online file left that broke off, with PostgreSQL.
 *
 * <p>A file that runs outside of a transaction may break off with an error, which the history tells, or with its runner, which
 * it does not. Therefore a file is noted before its first statement: in the comment of the history table, as the history's
 * rows are Flyway's. The note also has the statements that would find their work to do: those that build an index that is not
 * there, and those that drop one that is. Only of these is it believed, when the file runs again, that they did it.
 */
final class OnlineRepair {
    private static final String NOTE = "anabranch: began V";

    private final MigrationSession session;
    private final Target target;
    private final MigrationSettings settings;
    /** What stands in the note of the file that runs now, a mark for each statement. */
    private final Set<String> noted = new LinkedHashSet<>();
    /** Whether the file that runs now has begun before. */
    private boolean again;

    OnlineRepair(MigrationSession session, Target target, MigrationSettings settings) {
        this.session = session;
        this.target = target;
        this.settings = settings;
    }

    /** Takes the row of a file that broke off out of the history, so that the file runs again. */
    void forget(AppliedMigration failed) throws SQLException {
        // By the file's name: the version is stored as it is written there, with its zeros.
        session.execute("DELETE FROM " + history() + " WHERE NOT success AND script = " + literal(failed.script()));
    }

    /**
     * Makes ready for an online file: drops the invalid indexes of its names, and notes that it begins.
     *
     * @throws AnabranchException {@link ErrorCode#MIGRATION_LOCKED} where somebody builds one of them now
     */
    void begin(MigrationFile file, FileRules rules) throws SQLException {
        String head = NOTE + file.version();
        List<String> before =
                one("SELECT obj_description('" + history().replace("'", "''") + "'::regclass, 'pg_class')").lines().toList();
        again = !before.isEmpty() && before.getFirst().equals(head);
        noted.clear();
        if (again) {
            noted.addAll(before.subList(1, before.size()));
        }
        clear(rules);
        for (FileRules.Work work : rules.works()) {
            // A statement that came into the file later is judged by what is there now.
            if (!noted.contains(mark(work, true)) && !noted.contains(mark(work, false))) {
                noted.add(mark(work, exists(work.index(), false) != work.builds()));
            }
        }
        List<String> note = new ArrayList<>(List.of(head));
        note.addAll(noted);
        if (!note.equals(before)) {
            session.execute("COMMENT ON TABLE " + history() + " IS " + literal(String.join("\n", note)));
        }
    }

    private static String mark(FileRules.Work work, boolean found) {
        return (found ? "+" : "-") + work.digest();
    }

    /** Whether the statement did its work before the file broke off, and would fail for that reason alone. */
    boolean isDone(String sql) throws SQLException {
        FileRules.Work work = again ? FileRules.work(sql) : null;
        // An index that is half dropped is not valid any more, and is still to be dropped.
        return work != null
                && noted.contains(mark(work, true))
                && exists(work.index(), work.builds()) == work.builds();
    }

    private boolean exists(Index index, boolean valid) throws SQLException {
        return one("SELECT count(*) FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_namespace n"
                        + " ON n.oid = c.relnamespace WHERE " + (valid ? "i.indisvalid AND " : "") + "n.nspname = "
                        + literal(schema(index)) + " AND c.relname = " + literal(index.name()))
                .equals("1");
    }

    /** Drops what is half built. */
    private void clear(FileRules rules) throws SQLException {
        if (rules.indexes().isEmpty() && !rules.reindexes()) {
            return;
        }
        Set<String> schemas = rules.indexes().stream().map(this::schema).collect(Collectors.toSet());
        schemas.add(target.schema());
        for (String schema : schemas) {
            awaitBuilders(schema);
            Set<String> names = rules.indexes().stream()
                    .filter(index -> schema(index).equals(schema))
                    .map(Index::name)
                    .collect(Collectors.toSet());
            for (String index : invalid(schema)) {
                if (names.contains(index) || (rules.reindexes() && index.matches(".*_cc(?:new|old)\\d*"))) {
                    session.execute(
                            "DROP INDEX CONCURRENTLY IF EXISTS " + session.quoted(schema) + "." + session.quoted(index));
                }
            }
        }
    }

    private String schema(Index index) {
        return index.schema() == null ? target.schema() : index.schema();
    }

    private List<String> invalid(String schema) throws SQLException {
        List<String> names = new ArrayList<>();
        try (PreparedStatement statement = session.connection()
                        .prepareStatement("SELECT c.relname FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid"
                                + " WHERE NOT i.indisvalid AND c.relkind = 'i' AND c.relnamespace = " + namespace(schema));
                ResultSet row = statement.executeQuery()) {
            while (row.next()) {
                names.add(row.getString(1));
            }
        }
        return names;
    }

    /** An index that is not valid may be one that is being built, by somebody who is no runner. */
    private void awaitBuilders(String schema) throws SQLException {
        // By the lock that it holds on the table all the while: progress views hide what other roles do.
        String sql = "SELECT string_agg(DISTINCT 'pid ' || l.pid, ', ') FROM pg_locks l JOIN pg_index i ON i.indrelid = l.relation"
                + " JOIN pg_class c ON c.oid = i.indexrelid WHERE NOT i.indisvalid AND c.relnamespace = " + namespace(schema)
                + " AND l.locktype = 'relation' AND l.mode = 'ShareUpdateExclusiveLock' AND l.granted"
                + " AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())"
                + " AND l.pid <> pg_backend_pid()";
        long end = System.nanoTime() + settings.lockWait().toNanos();
        for (String builders = one(sql); !builders.isEmpty(); builders = one(sql)) {
            if (System.nanoTime() > end) {
                throw new AnabranchException(
                        ErrorCode.MIGRATION_LOCKED,
                        "Somebody builds indexes on tables of " + target + " (schema " + schema + "): " + builders,
                        "Wait until they are built, or end those sessions, and run this again");
            }
            if (Thread.currentThread().isInterrupted()) {
                throw RunnerLock.interrupted();
            }
            LockSupport.parkNanos(100_000_000);
        }
    }

    /** No cast to regnamespace, which fails where there is none. */
    private static String namespace(String schema) {
        return "(SELECT oid FROM pg_namespace WHERE nspname = " + literal(schema) + ")";
    }

    private String history() {
        return session.quoted(target.schema()) + "." + session.quoted(MigrationHistory.TABLE);
    }

    private static String literal(String text) {
        return "'" + text.replace("'", "''") + "'";
    }

    private String one(String sql) throws SQLException {
        try (PreparedStatement statement = session.connection().prepareStatement(sql);
                ResultSet row = statement.executeQuery()) {
            @Nullable String value = row.next() ? row.getString(1) : null;
            return value == null ? "" : value;
        }
    }
}
