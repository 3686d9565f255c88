// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.routing;

import dev.anabranch.problem.AnabranchException;
import dev.anabranch.topology.Database;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Prepares many databases, so many at once on each server and so many in all: hundreds of them may share one server, and a
 * dozen processes may start together.
 *
 * <p>A server that takes no more connections is asked again for a while: it is busy, and neither down nor ready.
 */
final class PreparationRound {
    static final int PER_SERVER = 4;
    private static final int OVERALL = 32;
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final Duration PAUSE = Duration.ofMillis(250);

    private final Semaphore overall = new Semaphore(OVERALL);
    private final Step step;

    /** What is done with each database. */
    @FunctionalInterface
    interface Step {
        /** Prepares one; a connection to it may stay open where {@code keep} says so: few databases share its server. */
        void prepare(Database database, boolean keep) throws SQLException;
    }

    PreparationRound(Step step) {
        this.step = step;
    }

    /** Prepares them all, and gives what each of those said that could not be. */
    Map<String, SQLException> of(Collection<Database> databases) {
        Map<String, List<Database>> servers = new HashMap<>();
        for (Database database : databases) {
            String server = database.primary().host() + ":" + database.primary().port();
            servers.computeIfAbsent(server, _ -> new ArrayList<>()).add(database);
        }
        Map<String, SQLException> refused = new ConcurrentHashMap<>();
        try (ExecutorService each = Executors.newVirtualThreadPerTaskExecutor()) {
            for (List<Database> together : servers.values()) {
                Server server = new Server(together.size() <= PER_SERVER);
                for (Database database : together) {
                    each.execute(() -> server.prepare(database, refused));
                }
            }
        }
        return refused;
    }

    /** The databases of one server. */
    private final class Server {
        private final Semaphore permits = new Semaphore(PER_SERVER);
        private final boolean keep;
        private volatile long tookOneNanos = System.nanoTime();

        Server(boolean keep) {
            this.keep = keep;
        }

        void prepare(Database database, Map<String, SQLException> refused) {
            permits.acquireUninterruptibly();
            try {
                SQLException failure = attempt(database);
                while (failure != null
                        && JdbcErrors.isTooManyConnections(failure)
                        && System.nanoTime() - tookOneNanos < PATIENCE.toNanos()) {
                    LockSupport.parkNanos(PAUSE.toNanos());
                    failure = attempt(database);
                }
                if (failure != null) {
                    refused.put(database.name(), failure);
                }
                if (failure == null || !JdbcErrors.isTooManyConnections(failure)) {
                    tookOneNanos = System.nanoTime();
                }
            } finally {
                permits.release();
            }
        }

        private @Nullable SQLException attempt(Database database) {
            overall.acquireUninterruptibly();
            try {
                step.prepare(database, keep);
                return null;
            } catch (SQLException e) {
                return e;
            } catch (AnabranchException e) {
                return JdbcErrors.of(e);
            } finally {
                overall.release();
            }
        }
    }
}
