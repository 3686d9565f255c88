// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.operations.migration.apply;

import dev.anabranch.operations.migration.files.MigrationFile;
import dev.anabranch.problem.AnabranchException;
import dev.anabranch.problem.ErrorCode;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
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
 * rows are Flyway's. One that is found noted when it is about to run has run before, and then an index that it
 * builds and that is there and valid is one that it built.
 */
final class OnlineRepair {
    private static final String NOTE = "anabranch: began ";

    private final MigrationSession session;
    private final Target target;
    private final MigrationSettings settings;
    /** Whether the file that runs now has begun before. */
    private boolean again;

    OnlineRepair(MigrationSession session, Target target, MigrationSettings settings) {
        this.session = session;
        this.target = target;
        this.settings = settings;
    }

    /** Takes the row of a file that broke off out of the history, so that the file runs again. */
    void forget(AppliedMigration failed) throws SQLException {
        session.execute("DELETE FROM " + history() + " WHERE NOT success AND version = '" + failed.version() + "'");
    }

    /**
     * Makes ready for an online file: drops the invalid indexes of its names, and notes that it begins.
     *
     * @throws AnabranchException {@link ErrorCode#MIGRATION_LOCKED} where somebody builds one of them now
     */
    void begin(MigrationFile file, FileRules rules) throws SQLException {
        String note = NOTE + file.fileName() + " " + file.checksum();
        again = note.equals(one("SELECT obj_description('" + history() + "'::regclass, 'pg_class')"));
        Set<String> names =
                rules.indexes().stream().map(FileRules.Index::name).collect(Collectors.toSet());
        if (!names.isEmpty() || rules.reindexes()) {
            awaitBuilders();
            for (String index : invalid()) {
                if (names.contains(index) || (rules.reindexes() && index.matches(".*_cc(?:new|old)\\d*"))) {
                    session.execute("DROP INDEX CONCURRENTLY IF EXISTS " + session.quoted(target.schema()) + "."
                            + session.quoted(index));
                }
            }
        }
        if (!again) {
            session.execute("COMMENT ON TABLE " + history() + " IS '" + note.replace("'", "''") + "'");
        }
    }

    /** Whether the statement did its work before the file broke off, and would fail for that reason alone. */
    boolean isDone(String sql) throws SQLException {
        if (!again) {
            return false;
        }
        String builds = FileRules.builds(sql);
        if (builds != null) {
            return isThere(builds);
        }
        String drops = FileRules.drops(sql);
        return drops != null && !isThere(drops);
    }

    private boolean isThere(String index) throws SQLException {
        return one("SELECT count(*) FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid WHERE i.indisvalid AND c.relnamespace = "
                        + namespace() + " AND c.relname = '" + index.replace("'", "''") + "'")
                .equals("1");
    }

    private List<String> invalid() throws SQLException {
        List<String> names = new ArrayList<>();
        try (PreparedStatement statement = session.connection()
                        .prepareStatement("SELECT c.relname FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid"
                                + " WHERE NOT i.indisvalid AND c.relkind = 'i' AND c.relnamespace = " + namespace());
                ResultSet row = statement.executeQuery()) {
            while (row.next()) {
                names.add(row.getString(1));
            }
        }
        return names;
    }

    /** An index that is not valid may be one that is being built, by somebody who is no runner. */
    private void awaitBuilders() throws SQLException {
        // By the lock that it holds on the table all the while: progress views hide what other roles do.
        String sql = "SELECT string_agg(DISTINCT 'pid ' || l.pid, ', ') FROM pg_locks l JOIN pg_index i ON i.indrelid = l.relation"
                + " JOIN pg_class c ON c.oid = i.indexrelid WHERE NOT i.indisvalid AND c.relnamespace = " + namespace()
                + " AND l.locktype = 'relation' AND l.mode = 'ShareUpdateExclusiveLock' AND l.granted"
                + " AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())"
                + " AND l.pid <> pg_backend_pid()";
        long end = System.nanoTime() + settings.lockWait().toNanos();
        for (String builders = one(sql); !builders.isEmpty(); builders = one(sql)) {
            if (System.nanoTime() > end) {
                throw new AnabranchException(
                        ErrorCode.MIGRATION_LOCKED,
                        "Somebody builds indexes on tables of " + target + " (schema " + target.schema() + "): " + builders,
                        "Wait until they are built, or end those sessions, and run this again");
            }
            if (Thread.currentThread().isInterrupted()) {
                throw RunnerLock.interrupted();
            }
            LockSupport.parkNanos(100_000_000);
        }
    }

    private String namespace() {
        return "'" + session.quoted(target.schema()) + "'::regnamespace";
    }

    private String history() {
        return session.quoted(target.schema()) + "." + session.quoted(MigrationHistory.TABLE);
    }

    private String one(String sql) throws SQLException {
        try (PreparedStatement statement = session.connection().prepareStatement(sql);
                ResultSet row = statement.executeQuery()) {
            @Nullable String value = row.next() ? row.getString(1) : null;
            return value == null ? "" : value;
        }
    }
}
