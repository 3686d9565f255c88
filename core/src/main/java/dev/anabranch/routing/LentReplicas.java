// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.routing;

import java.sql.SQLException;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The connections to replicas that are lent now. A replica that stands still answers nothing and closes nothing: those who
 * wait there for what another server can say are let go, so that they ask another.
 */
final class LentReplicas implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(LentReplicas.class);
    private static final Duration PATIENCE = Duration.ofSeconds(1);
    /** For so long at least after a replica has fallen silent: who chose it just before may be lent its connection after. */
    private static final Duration AFTERMATH = Duration.ofSeconds(10);
    private static final Duration PAUSE = Duration.ofMillis(50);

    private final Map<String, Server> servers = new ConcurrentHashMap<>();
    private final Predicate<String> answers;
    private volatile boolean closed;

    /** @param answers whether the replica of a name answers at the moment */
    LentReplicas(Predicate<String> answers) {
        this.answers = answers;
    }

    /** One replica's loans. */
    private static final class Server {
        private final Set<Loan> loans = ConcurrentHashMap.newKeySet();
        private volatile long lentNanos = System.nanoTime();
        private volatile long outNanos;
        private boolean looking;

        /** Whether one who looks must be started. */
        synchronized boolean out() {
            outNanos = System.nanoTime();
            boolean first = !looking;
            looking = true;
            return first;
        }

        /** Whether to look on: for a while in any case, and then until it serves again or nobody is left. */
        synchronized boolean looksOn() {
            boolean servesAgain = lentNanos - outNanos > PATIENCE.toNanos();
            looking = System.nanoTime() - outNanos < AFTERMATH.toNanos() || !(servesAgain || loans.isEmpty());
            return looking;
        }
    }

    private Server server(String name) {
        Server server = servers.get(name);
        return server != null ? server : servers.computeIfAbsent(name, _ -> new Server());
    }

    void add(Loan loan) {
        Server server = server(loan.server());
        server.lentNanos = System.nanoTime();
        server.loans.add(loan);
    }

    void remove(Loan loan) {
        server(loan.server()).loans.remove(loan);
    }

    /** The replica does not answer: from now on lets those go who wait for it too long. */
    void out(String name) {
        Server server = server(name);
        if (server.out()) {
            Thread.ofVirtual().name("anabranch-out-" + name).start(() -> look(name, server));
        }
    }

    private void look(String name, Server server) {
        while (!closed && server.looksOn()) {
            // One that answers again is only slow with what was asked of it, and the others would be too.
            if (!answers.test(name)) {
                server.loans.forEach(LentReplicas::letGo);
            }
            LockSupport.parkNanos(PAUSE.toNanos());
        }
    }

    private static void letGo(Loan loan) {
        if (loan.waitedNanos() > PATIENCE.toNanos()) {
            LOG.debug("Letting go of a read on {} that has had no answer", loan.server());
            try {
                loan.physical().abort(Runnable::run);
            } catch (SQLException e) {
                LOG.debug("A connection to {} could not be let go: {}", loan.server(), e.getMessage());
            }
        }
    }

    @Override
    public void close() {
        closed = true;
    }
}
