// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.operations.migration.apply;

import dev.anabranch.problem.AnabranchException;
import dev.anabranch.problem.ErrorCode;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HexFormat;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.LockSupport;

/**
 * The right to migrate one schema: held by a session, and gone with it.
 *
 * <p>It is asked for again and again by statements that do not block: a statement that waits holds a snapshot for as long, and
 * CREATE INDEX CONCURRENTLY waits for the end of all older snapshots. The two would wait for each other.
 */
final class RunnerLock {
    private static final long FIRST_PAUSE_MILLIS = 50;
    private static final long LONGEST_PAUSE_MILLIS = 500;

    private final MigrationSession session;
    private final Target target;
    private final byte[] hash;

    RunnerLock(MigrationSession session, Target target) {
        this.session = session;
        this.target = target;
        try {
            hash = MessageDigest.getInstance("SHA-256")
                    .digest(("anabranch migrate " + target.schema()).getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java has SHA-256", e);
        }
    }

    /**
     * Waits for it.
     *
     * @throws AnabranchException {@link ErrorCode#MIGRATION_LOCKED} after so long, with the name of the holder
     */
    void take(MigrationSettings settings, MigrationListener listener) throws SQLException {
        long begin = System.nanoTime();
        long pause = FIRST_PAUSE_MILLIS;
        String told = "";
        while (!tryTake()) {
            String holder = holder();
            long waited = System.nanoTime() - begin;
            if (waited >= settings.lockWait().toNanos()) {
                throw new AnabranchException(
                        ErrorCode.MIGRATION_LOCKED,
                        "Somebody else migrates " + target + " (" + session.endpoint().address() + ", schema "
                                + target.schema() + "): " + holder + "; waited " + waited / 1_000_000 + " ms",
                        "Wait until it is done, and run this again, or end that session if nobody owns it");
            }
            if (!holder.equals(told) && !holder.isEmpty()) {
                told = holder;
                listener.waiting(holder);
            }
            pause(pause);
            pause = Math.min(LONGEST_PAUSE_MILLIS, pause * 2);
        }
    }

    private static void pause(long millis) {
        if (Thread.currentThread().isInterrupted()) {
            throw interrupted();
        }
        LockSupport.parkNanos(1_000_000 * ThreadLocalRandom.current().nextLong(millis / 2, millis + 1));
    }

    static AnabranchException interrupted() {
        return new AnabranchException(
                ErrorCode.MIGRATION_FAILED, "The migration was interrupted while it waited", "Run it again: it goes on");
    }

    private boolean tryTake() throws SQLException {
        if (!session.isPostgres()) {
            return one("SELECT GET_LOCK('" + mysqlName() + "', 0)").equals("1");
        }
        return one("SELECT pg_try_advisory_lock(" + key() + ")").equals("t");
    }

    /** Lets go of it, so that the session can be used for something else. */
    void release() throws SQLException {
        one(session.isPostgres()
                ? "SELECT pg_advisory_unlock(" + key() + ")"
                : "SELECT RELEASE_LOCK('" + mysqlName() + "')");
    }

    /** Who holds it, as the server knows them; empty if it has just been let go. */
    private String holder() throws SQLException {
        if (!session.isPostgres()) {
            String connection = one("SELECT IS_USED_LOCK('" + mysqlName() + "')");
            return connection.isEmpty()
                    ? ""
                    : one("SELECT concat('connection ', id, ' of ', user, '@', host) FROM information_schema.processlist"
                            + " WHERE id = " + connection);
        }
        String sql =
                """
                SELECT coalesce(nullif(a.application_name, ''), 'a session without a name') || ', pid ' || l.pid
                       || coalesce(' as ' || a.usename, '') || coalesce(' from ' || a.client_addr, '')
                       || coalesce(' since ' || to_char(a.backend_start, 'HH24:MI:SS TZ'), '')
                FROM pg_locks l LEFT JOIN pg_stat_activity a USING (pid)
                WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1
                  AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
                  AND l.classid = ((?::bigint >> 32) & 4294967295)::oid AND l.objid = (?::bigint & 4294967295)::oid
                """;
        try (PreparedStatement statement = session.connection().prepareStatement(sql)) {
            statement.setLong(1, key());
            statement.setLong(2, key());
            try (ResultSet row = statement.executeQuery()) {
                return row.next() ? row.getString(1) : "";
            }
        }
    }

    private String one(String sql) throws SQLException {
        try (PreparedStatement statement = session.connection().prepareStatement(sql);
                ResultSet row = statement.executeQuery()) {
            String value = row.next() ? row.getString(1) : null;
            return value == null ? "" : value;
        }
    }

    /** Advisory locks are the database's own, so that the schema's name is enough. */
    private long key() {
        return ByteBuffer.wrap(hash).getLong();
    }

    /** Named locks are the whole server's, where a schema's name is a database's and as unique. */
    private String mysqlName() {
        return "anabranch-" + HexFormat.of().formatHex(hash, 0, 12);
    }
}
