// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.routing;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.HikariPoolMXBean;
import dev.anabranch.problem.AnabranchException;
import dev.anabranch.problem.ErrorCode;
import dev.anabranch.topology.Database;
import dev.anabranch.topology.Endpoint;
import dev.anabranch.topology.Group;
import dev.anabranch.topology.Replica;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The connections of this process to one database: one HikariCP pool, whatever the number of tenants.
 *
 * <p>When the address or the credentials change, the pool stays and its connections are renewed as they come back, so that
 * no caller is dropped. While the database is down, one caller at a time tries it and the others are refused at once.
 */
final class Pool implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Pool.class);
    private static final Duration PROBE_EVERY = Duration.ofMillis(500);
    private static final Duration DRAIN = Duration.ofSeconds(30);

    private final boolean replica;
    private final PhysicalSource source;
    private final HikariDataSource hikari;
    private final DatabasePreparation preparation;
    private final ReentrantLock preparing = new ReentrantLock();
    private final AtomicBoolean probing = new AtomicBoolean();
    private volatile Database database;
    private volatile long revision;
    private volatile PreparedGroups mayConnect = PreparedGroups.NONE;
    private volatile PreparedGroups prepared = PreparedGroups.NONE;
    private volatile long preparedNanos;

    /**
     * Opens nothing yet.
     *
     * @param database the database; a replica as {@link #of(Replica)} gives it
     * @param replica whether it is a replica's: prepared through its primary, and given up sooner, because another can answer
     */
    Pool(
            Database database,
            boolean replica,
            long revision,
            int most,
            PoolSettings settings,
            ConnectionBudget budget,
            DatabasePreparation preparation,
            ScheduledExecutorService housekeeping,
            @Nullable Object meterRegistry) {
        this.database = database;
        this.replica = replica;
        this.revision = revision;
        this.preparation = preparation;
        PhysicalSource.requireDriver(database.primary());
        this.source = new PhysicalSource(database.primary(), budget, settings.borrowTimeout());
        HikariConfig config = new HikariConfig();
        config.setPoolName(database.name());
        config.setDataSource(source);
        config.setMaximumPoolSize(most);
        config.setMinimumIdle(0);
        config.setConnectionTimeout(settings.borrowTimeout().toMillis());
        config.setValidationTimeout(Math.min(settings.borrowTimeout().toMillis(), 1_000));
        // Opening waits for nothing: the first loan does, and says which tenant it was for.
        config.setInitializationFailTimeout(-1);
        config.setScheduledExecutor(housekeeping);
        if (meterRegistry != null) {
            config.setMetricRegistry(meterRegistry);
        }
        this.hikari = new HikariDataSource(config);
    }

    /** A replica as a database of its own, by which a pool goes. */
    static Database of(Replica replica) {
        return new Database(replica.name(), replica.endpoint(), null);
    }

    /**
     * A connection to the database.
     *
     * @param access what it is for
     * @param group whose tables it leads to; null where it is for none in particular
     * @param schema whose names need no prefix; null for the default one
     * @param users the groups that the database must be prepared for, asked for where it has not been for this one
     * @param purpose what messages say it was for, tenant and all
     */
    Connection lend(
            Access access,
            @Nullable String group,
            @Nullable String schema,
            Supplier<List<Group>> users,
            Supplier<String> purpose)
            throws SQLException {
        PhysicalSource.Failure failure = source.failure();
        if (failure != null && figures().getTotalConnections() == 0) {
            probe(users, purpose, failure);
        }
        if (!replica && !prepared.has(group, schema)) {
            prepare(users.get(), purpose);
        }
        Connection connection = borrow(purpose);
        try {
            PhysicalConnection physical = connection.unwrap(PhysicalConnection.class);
            if (access == Access.WRITE) {
                physical.refuseWrites(false, database.flavor());
            }
            if (replica && !physical.isIn(schema)) {
                useSchemaInTime(physical, schema);
            } else {
                physical.useSchema(schema, database);
            }
            return connection;
        } catch (SQLException | RuntimeException e) {
            hikari.evictConnection(connection);
            throw e;
        }
    }

    /** A replica that stands still must not hold its caller up: another can answer. */
    private void useSchemaInTime(PhysicalConnection physical, @Nullable String schema) throws SQLException {
        physical.setNetworkTimeout(Runnable::run, (int) hikari.getConnectionTimeout());
        physical.useSchema(schema, database);
        physical.setNetworkTimeout(Runnable::run, 0);
    }

    /** Tries a database that was down, unless that was done just now or is being done: then the caller is refused. */
    private void probe(Supplier<List<Group>> users, Supplier<String> purpose, PhysicalSource.Failure failure)
            throws SQLException {
        long began = System.nanoTime();
        if (began - failure.lastNanos() < PROBE_EVERY.toNanos() || !probing.compareAndSet(false, true)) {
            throw unavailable(purpose, began, failure.cause());
        }
        if (replica) {
            // The pool makes the connection, and waits for it no longer than it is told.
            probing.set(false);
            return;
        }
        try {
            List<Group> groups = users.get();
            if (!mayConnect.hasAll(groups)) {
                preparing(purpose, () -> beforeConnecting(groups, purpose));
            }
            try {
                source.getConnection().close();
            } catch (SQLException e) {
                throw unavailable(purpose, began, e);
            }
        } finally {
            probing.set(false);
        }
    }

    private Connection borrow(Supplier<String> purpose) throws SQLException {
        long began = System.nanoTime();
        try {
            Connection connection = hikari.getConnection();
            while (connection.unwrap(PhysicalConnection.class).generation() != source.generation()) {
                hikari.evictConnection(connection);
                connection = hikari.getConnection();
            }
            return connection;
        } catch (SQLException e) {
            PhysicalSource.Failure failure = source.failure();
            boolean down = figures().getTotalConnections() == 0;
            throw unavailable(purpose, began, failure != null && down ? failure.cause() : e);
        }
    }

    /** On a connection of its own, so that nothing of it reaches the application's first statement. */
    private void prepare(List<Group> groups, Supplier<String> purpose) throws SQLException {
        if (prepared.hasAll(groups)) {
            return;
        }
        preparing(purpose, () -> {
            if (prepared.hasAll(groups)) {
                return;
            }
            List<Group> missing = prepared.missing(groups);
            beforeConnecting(missing, purpose);
            Database which = database;
            try (Connection connection = borrow(purpose)) {
                connection.unwrap(PhysicalConnection.class).refuseWrites(false, which.flavor());
                preparation.prepare(which, missing, connection);
            }
            synchronized (this) {
                if (isStillAt(which)) {
                    prepared = prepared.with(missing);
                }
            }
            preparedNanos = System.nanoTime() | 1;
        });
    }

    /**
     * Prepares the database for a group that will read from its replicas.
     *
     * @return when that was done, or was done last for another group, by {@link System#nanoTime()}; 0 for never, where there
     *     is nothing to do
     */
    long prepareFor(
            @Nullable String group, @Nullable String schema, Supplier<List<Group>> users, Supplier<String> purpose)
            throws SQLException {
        if (preparation != DatabasePreparation.NONE && !prepared.has(group, schema)) {
            PhysicalSource.Failure failure = source.failure();
            if (failure != null && figures().getTotalConnections() == 0) {
                probe(users, purpose, failure);
            }
            prepare(users.get(), purpose);
        }
        return preparation == DatabasePreparation.NONE ? 0 : preparedNanos;
    }

    /** A database that cannot be reached here counts as down, so that callers after this one are refused at once. */
    private void beforeConnecting(List<Group> groups, Supplier<String> purpose) throws SQLException {
        if (mayConnect.hasAll(groups)) {
            return;
        }
        List<Group> missing = mayConnect.missing(groups);
        long began = System.nanoTime();
        Database which = database;
        try {
            preparation.beforeConnecting(which, missing);
        } catch (AnabranchException e) {
            if (e.code() != ErrorCode.DATABASE_UNAVAILABLE) {
                throw e;
            }
            SQLException failure = new SQLTransientConnectionException(e.problem(), e.code().sqlState(), e);
            source.failed(failure);
            throw unavailable(purpose, began, failure);
        }
        synchronized (this) {
            if (isStillAt(which)) {
                mayConnect = mayConnect.with(missing);
            }
        }
    }

    private boolean isStillAt(Database which) {
        return which.primary().address().equals(database.primary().address());
    }

    /** One caller at a time; the others wait for as long as they would for a connection. */
    private void preparing(Supplier<String> purpose, Step step) throws SQLException {
        long began = System.nanoTime();
        try {
            if (!preparing.tryLock(hikari.getConnectionTimeout(), TimeUnit.MILLISECONDS)) {
                throw unavailable(purpose, began, new SQLException("another caller is still preparing the database"));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw unavailable(purpose, began, new SQLException("interrupted", e));
        }
        try {
            step.run();
        } catch (AnabranchException e) {
            throw JdbcErrors.of(e);
        } finally {
            preparing.unlock();
        }
    }

    @FunctionalInterface
    private interface Step {
        void run() throws SQLException;
    }

    private SQLException unavailable(Supplier<String> purpose, long beganNanos, SQLException cause) {
        HikariPoolMXBean figures = figures();
        return JdbcErrors.of(new AnabranchException(
                ErrorCode.DATABASE_UNAVAILABLE,
                "No connection " + purpose.get() + " within "
                        + Duration.ofNanos(System.nanoTime() - beganNanos).toMillis() + " ms (total="
                        + figures.getTotalConnections() + ", active=" + figures.getActiveConnections() + ", idle="
                        + figures.getIdleConnections() + ", waiting=" + figures.getThreadsAwaitingConnection()
                        + ", most=" + hikari.getMaximumPoolSize() + "): " + describe(cause),
                "Try again shortly; if it stays so, check the database at " + source.endpoint().address()
                        + " and what the topology says of it",
                cause));
    }

    private static String describe(SQLException failure) {
        // HikariCP tells that it timed out; why no connection could be made stands beneath.
        SQLException cause = failure.getCause() instanceof SQLException beneath ? beneath : failure;
        String message = cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage();
        return message.lines().findFirst().orElse("") + (cause.getSQLState() == null ? "" : " [" + cause.getSQLState() + "]");
    }

    /** Whether it leads to that place. */
    boolean isAt(Endpoint endpoint) {
        return source.endpoint().address().equals(endpoint.address());
    }

    /** Closes a connection that is lent, because something that was set on it could not be taken back. */
    void discard(Connection connection) {
        hikari.evictConnection(connection);
    }

    /** Takes over what a topology says that decided a route and has not been told here yet. */
    synchronized void updateIfNewer(Database now, long nowRevision) {
        if (nowRevision > revision) {
            update(now, nowRevision);
        }
    }

    /** Takes over what the directory says of the database now, whatever was said before. */
    synchronized void update(Database now, long nowRevision) {
        if (!now.primary().equals(database.primary())) {
            LOG.info("Database {} is at {} from revision {} on", now.name(), now.primary().address(), nowRevision);
            source.moveTo(now.primary());
            if (!isStillAt(now)) {
                prepared = PreparedGroups.NONE;
                mayConnect = PreparedGroups.NONE;
            }
            figures().softEvictConnections();
        }
        database = now;
        revision = nowRevision;
    }

    boolean isReplica() {
        return replica;
    }

    long revision() {
        return revision;
    }

    /** Sets the most connections; those too many go as they come back. */
    void resize(int most) {
        if (most == hikari.getMaximumPoolSize()) {
            return;
        }
        hikari.setMaximumPoolSize(most);
        if (figures().getTotalConnections() > most) {
            figures().softEvictConnections();
        }
    }

    /** Lets idle connections go. */
    void releaseIdle() {
        if (figures().getIdleConnections() > 0) {
            figures().softEvictConnections();
        }
    }

    /** Whether nothing connects to it and the last attempt failed; a pool that is merely busy is not down. */
    boolean isDown() {
        return source.failure() != null && figures().getTotalConnections() == 0;
    }

    DatabaseStatus status() {
        HikariPoolMXBean figures = figures();
        // A database that serves is not down because one more connection could not be made.
        PhysicalSource.Failure failure = figures.getTotalConnections() == 0 ? source.failure() : null;
        return new DatabaseStatus(
                database.name(),
                true,
                figures.getActiveConnections(),
                figures.getIdleConnections(),
                figures.getThreadsAwaitingConnection(),
                hikari.getMaximumPoolSize(),
                failure == null ? null : failure.since(),
                failure == null ? null : describe(failure.cause()));
    }

    /** Closes the pool after what is lent has come back, at the latest after 30 s. */
    void retire() {
        Thread.ofVirtual().name("anabranch-retire-" + database.name()).start(() -> {
            long began = System.nanoTime();
            HikariPoolMXBean figures = figures();
            try {
                while (figures.getActiveConnections() + figures.getThreadsAwaitingConnection() > 0
                        && System.nanoTime() - began < DRAIN.toNanos()) {
                    figures.softEvictConnections();
                    Thread.sleep(20);
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            close();
        });
    }

    private HikariPoolMXBean figures() {
        return hikari.getHikariPoolMXBean();
    }

    @Override
    public void close() {
        hikari.close();
        source.close();
    }
}
