// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.operations.migration.apply;

import dev.anabranch.operations.migration.files.MigrationFile;
import dev.anabranch.operations.migration.files.MigrationSet;
import dev.anabranch.problem.AnabranchException;
import dev.anabranch.problem.ErrorCode;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.LockSupport;
import org.flywaydb.core.api.FlywayException;

/**
 * Brings one group's schema on one database to the head of its files. Thread-safe: schemas may be migrated at once, and two
 * calls for the same schema, in this process or another, come one after the other.
 */
public final class SchemaMigrator {
    /** A lock that was not to be had in time, and the victim of a deadlock: what passes. */
    private static final Set<String> PASSING = Set.of("55P03", "40P01");

    private static final long FIRST_PAUSE_MILLIS = 200;
    private static final long LONGEST_PAUSE_MILLIS = 10_000;

    private final MigrationSettings settings;

    /** A migrator with these settings. */
    public SchemaMigrator(MigrationSettings settings) {
        this.settings = settings;
    }

    /**
     * Where the schema stands; changes nothing.
     *
     * @throws AnabranchException {@link ErrorCode#DATABASE_UNAVAILABLE} where the database cannot be reached
     */
    public Standing standing(Target target, MigrationSet set) {
        try (StandingProbe probe = StandingProbe.connect(target, settings)) {
            return probe.standing(target, set);
        }
    }

    /** As {@link #migrate(Target, MigrationSet, MigrationListener)}, told to nobody. */
    public MigrationResult migrate(Target target, MigrationSet set) {
        return migrate(target, set, MigrationListener.NONE);
    }

    /**
     * Makes the schema and its roles where they are missing, and applies the files that were not. Where the history says that
     * the schema is current, nothing else is looked at than whether the application's role is let in, where there is an owner.
     *
     * @throws AnabranchException {@link ErrorCode#MIGRATION_FAILED} with database, file, line, statement and SQLState where a
     *     statement failed; {@link ErrorCode#MIGRATION_LOCKED} where another runner held the schema for too long;
     *     {@link ErrorCode#MIGRATION_INVALID} where files and history contradict each other;
     *     {@link ErrorCode#CONFIGURATION_INVALID} where the owner's password is not known, or the owner may not make what is
     *     missing; {@link ErrorCode#DATABASE_UNAVAILABLE} where the database cannot be reached
     */
    public MigrationResult migrate(Target target, MigrationSet set, MigrationListener listener) {
        long begin = System.nanoTime();
        try (MigrationSession session = MigrationSession.toMigrate(target, settings)) {
            Standing standing = Standing.of(set, history(session, target, listener));
            listener.checked(standing);
            long from = standing.version();
            List<MigrationFile> applied = new ArrayList<>();
            if (!standing.isCurrent()) {
                new RunnerLock(session, target).take(settings, listener);
                applied.addAll(migrate(session, target, set, listener));
            } else if (needsRoles(session, target, standing)) {
                new RunnerLock(session, target).take(settings, listener);
                prepare(session, target, true, listener);
            }
            return new MigrationResult(target, from, set.head(), applied, Duration.ofNanos(System.nanoTime() - begin));
        } catch (SQLException e) {
            throw MigrationErrors.of(target, target.migrating(), e);
        }
    }

    private static boolean needsRoles(MigrationSession session, Target target, Standing standing) throws SQLException {
        // Without a version there is no history, and perhaps no schema: there are no files either.
        return session.isPostgres()
                && standing.version() > 0
                && target.database().owner().isPresent()
                && !new SchemaRoles(session, target, MigrationListener.NONE).isReady();
    }

    /** As {@link #baseline(Target, MigrationSet, long, MigrationListener)}, told to nobody. */
    public Standing baseline(Target target, MigrationSet set, long version) {
        return baseline(target, set, version, MigrationListener.NONE);
    }

    /**
     * Says that a schema that other means have made is what the files up to this version would have made of it: it gets a
     * history that begins there, and its roles. None of those files runs, and nothing checks that it is so.
     *
     * @return where it stands then
     * @throws AnabranchException {@link ErrorCode#MIGRATION_INVALID} where the schema has a history already or no objects, or
     *     the files neither have the version nor begin right behind it; otherwise as
     *     {@link #migrate(Target, MigrationSet, MigrationListener)}
     */
    public Standing baseline(Target target, MigrationSet set, long version, MigrationListener listener) {
        long first = set.files().isEmpty() ? 1 : set.files().getFirst().version();
        if (version < Math.max(1, first - 1) || (version > set.head() && !set.files().isEmpty())) {
            throw MigrationErrors.invalid(
                    target,
                    "The version " + version + " is none of the files of " + set.origin(),
                    "Give the version of the last file that these objects have already: " + Math.max(1, first - 1) + " to "
                            + set.head());
        }
        try (MigrationSession session = MigrationSession.toMigrate(target, settings)) {
            new RunnerLock(session, target).take(settings, listener);
            MigrationHistory history = history(session, target, listener);
            if (!history.applied().isEmpty()) {
                throw MigrationErrors.invalid(
                        target,
                        "The schema has a history already, at V" + history.version(),
                        "Migrate it: a baseline is for a schema without one");
            }
            if (!SchemaObjects.exist(session, target.schema())) {
                throw MigrationErrors.invalid(
                        target,
                        "The schema is not there or has nothing in it that could be at V" + version,
                        "Migrate it from its first file on, or correct the schema's name");
            }
            prepare(session, target, history.exists(), listener);
            try {
                FlywayPool.baseline(session, target, version);
            } catch (FlywayException e) {
                throw MigrationErrors.of(target, session.endpoint(), null, false, e);
            }
            if (session.isPostgres()) {
                new SchemaRoles(session, target, listener).protectHistory();
            }
            return Standing.of(set, MigrationHistory.read(session.connection(), target.schema()));
        } catch (SQLException e) {
            throw MigrationErrors.of(target, target.migrating(), e);
        }
    }

    private static MigrationHistory history(MigrationSession session, Target target, MigrationListener listener)
            throws SQLException {
        try {
            return MigrationHistory.read(session.connection(), target.schema());
        } catch (SQLException e) {
            if (MigrationErrors.isDenied(e)) {
                // What is wrong with the schema says more than that its history cannot be read.
                prepare(session, target, false, listener);
            }
            throw e;
        }
    }

    /** With the lock in hand, until all is applied or something fails that does not pass. */
    private List<MigrationFile> migrate(
            MigrationSession session, Target target, MigrationSet set, MigrationListener listener) throws SQLException {
        List<MigrationFile> applied = new ArrayList<>();
        boolean prepared = false;
        boolean newHistory = false;
        for (int attempt = 1; ; attempt++) {
            // Again, because another runner may have done it while this one waited.
            MigrationHistory history = repaired(session, target, set);
            Standing standing = Standing.of(set, history);
            refuse(target, set, standing);
            if (standing.isCurrent()) {
                return applied;
            }
            // Until a file is applied: what is revoked within one that fails comes back with it.
            newHistory |= !history.exists();
            var run = new FlywayRun(session, target, set, settings, listener, standing.pending(), newHistory);
            if (!prepared) {
                prepare(session, target, history.exists(), listener);
                prepared = true;
            }
            try {
                run.migrate();
                applied.addAll(run.applied());
                return applied;
            } catch (FlywayException e) {
                applied.addAll(run.applied());
                SQLException said = MigrationErrors.sqlException(e);
                if (said == null || !PASSING.contains(String.valueOf(said.getSQLState())) || attempt >= settings.attempts()) {
                    throw run.failure(e);
                }
                listener.retrying(attempt, MigrationErrors.said(said));
                session.renew();
                pause(attempt);
            }
        }
    }

    private static void prepare(MigrationSession session, Target target, boolean history, MigrationListener listener)
            throws SQLException {
        if (session.isPostgres()) {
            new SchemaRoles(session, target, listener).prepare(history);
        } else {
            MysqlSchema.prepare(session, target, listener);
        }
    }

    /** The history, without the row of a file that broke off and that may run again. */
    private MigrationHistory repaired(MigrationSession session, Target target, MigrationSet set) throws SQLException {
        MigrationHistory history = MigrationHistory.read(session.connection(), target.schema());
        var failed = history.failed();
        if (failed.isEmpty()) {
            return history;
        }
        long version = failed.get().version();
        if (set.files().stream().noneMatch(file -> file.version() == version)) {
            // A newer program's, which that one can run again.
            return history;
        }
        if (!session.isPostgres()) {
            throw new AnabranchException(
                    ErrorCode.MIGRATION_FAILED,
                    failed.get().script() + " broke off on " + target.database().name() + " at " + failed.get().installedOn()
                            + ", for " + target + "; this server has no transactions for DDL, so statements before the one that"
                            + " failed may have stayed",
                    "Undo them by hand, then run: " + MigrationErrors.forget(target, failed.get().script()) + " and migrate again");
        }
        new OnlineRepair(session, target, settings).forget(failed.get());
        return MigrationHistory.read(session.connection(), target.schema());
    }

    /** Applies nothing to a schema that was not made from these files. */
    private static void refuse(Target target, MigrationSet set, Standing standing) {
        long first = set.files().isEmpty() ? 1 : set.files().getFirst().version();
        if (standing.version() < first - 1 && !standing.pending().isEmpty()) {
            throw MigrationErrors.invalid(
                    target,
                    "The set " + set.origin() + " begins with V" + first + ", and the schema is at V" + standing.version(),
                    "Restore the files before it; or, where the schema is what they made, say so: anabranch migrate apply"
                            + " --service " + target.group() + " --baseline " + (first - 1));
        }
        String which = String.join(", ", standing.concerned());
        switch (standing.kind()) {
            case CURRENT, BEHIND, MISSING, FAILED -> {}
            case CHANGED -> throw MigrationErrors.invalid(
                    target,
                    "Files were changed after they were applied: " + which,
                    "Restore them as they were applied, and write the change as a new file");
            case AHEAD -> throw MigrationErrors.invalid(
                    target,
                    "The history has versions that the files lack: " + which,
                    "Restore those files, or migrate with the program that has them");
            case OUT_OF_ORDER -> throw MigrationErrors.invalid(
                    target,
                    "A later version is applied than that of " + which + ", which is not",
                    "Give the file the next free number");
        }
    }

    private static void pause(int attempt) {
        long most = Math.min(LONGEST_PAUSE_MILLIS, FIRST_PAUSE_MILLIS << Math.min(attempt - 1, 20));
        if (Thread.currentThread().isInterrupted()) {
            throw RunnerLock.interrupted();
        }
        // Jitter, so that two that met do not meet again.
        LockSupport.parkNanos(1_000_000 * ThreadLocalRandom.current().nextLong(most / 2, most + 1));
    }
}
