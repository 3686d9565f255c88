// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.consistency;

import dev.anabranch.topology.Endpoint;
import dev.anabranch.topology.Flavor;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;

/**
 * Asks one server the same question again and again, on one connection and one virtual thread, until it is closed.
 *
 * <p>A question that is not answered within {@link #ANSWER_WITHIN} ends the connection; another is opened after a pause of
 * at most 500 ms.
 */
final class Sampler implements AutoCloseable {
    /** A server that takes longer is out. */
    static final Duration ANSWER_WITHIN = Duration.ofMillis(500);

    /** However much of a hurry there is. */
    static final Duration SOONEST = Duration.ofMillis(20);

    private static final Duration FIRST_PAUSE = Duration.ofMillis(50);
    private static final Duration LONGEST_PAUSE = Duration.ofMillis(500);

    private final String server;
    private final Endpoint endpoint;
    private final ReplicaMonitor.Connector connector;
    private final long everyNanos;
    private final Listener listener;
    private final Thread thread;
    private volatile boolean hurried;
    private volatile boolean closed;

    Sampler(String server, Endpoint endpoint, ReplicaMonitor.Connector connector, Duration every, Listener listener) {
        this.server = server;
        this.endpoint = endpoint;
        this.connector = connector;
        this.everyNanos = every.toNanos();
        this.listener = listener;
        this.thread = Thread.ofVirtual().name("anabranch-sampler-" + server).unstarted(this::run);
    }

    /** What comes of the questions; called on the sampler's thread alone. */
    interface Listener {
        /** What to ask over a new connection: each run asks once and tells of the answer. */
        Round open(Connection connection) throws SQLException;

        /** The server did not answer, or not in time. */
        void lost(String why);
    }

    /** One question and what is done with its answer. */
    @FunctionalInterface
    interface Round {
        void run() throws SQLException;
    }

    void start() {
        thread.start();
    }

    Endpoint endpoint() {
        return endpoint;
    }

    /** Asks as soon as may be: somebody waits for it. */
    void hurry() {
        if (!hurried) {
            hurried = true;
            LockSupport.unpark(thread);
        }
    }

    private void run() {
        Duration pause = FIRST_PAUSE;
        while (!closed) {
            boolean answered = false;
            try (Connection connection = connector.connect(server, limited(endpoint))) {
                connection.setNetworkTimeout(Runnable::run, (int) ANSWER_WITHIN.toMillis());
                Round round = listener.open(connection);
                while (!closed) {
                    long began = System.nanoTime();
                    hurried = false;
                    round.run();
                    answered = true;
                    rest(began, true);
                }
            } catch (SQLException | RuntimeException e) {
                if (closed) {
                    return;
                }
                listener.lost(describe(e));
            }
            pause = answered ? FIRST_PAUSE : pause.multipliedBy(2);
            pause = pause.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : pause;
            rest(System.nanoTime() - everyNanos + pause.toNanos(), false);
        }
    }

    private void rest(long beganNanos, boolean mayHurry) {
        while (!closed) {
            long pause = mayHurry && hurried ? Math.min(SOONEST.toNanos(), everyNanos) : everyNanos;
            long left = beganNanos + pause - System.nanoTime();
            if (left <= 0) {
                return;
            }
            LockSupport.parkNanos(this, left);
            if (Thread.interrupted()) {
                return;
            }
        }
    }

    /** The driver's own limits hold until a connection is there whose limit can be set. */
    private static Endpoint limited(Endpoint endpoint) {
        Map<String, String> properties = new HashMap<>(endpoint.properties());
        boolean seconds = endpoint.flavor() == Flavor.POSTGRES;
        properties.put("connectTimeout", seconds ? "1" : "1000");
        properties.put("socketTimeout", seconds ? "1" : "1000");
        return new Endpoint(
                endpoint.flavor(),
                endpoint.host(),
                endpoint.port(),
                endpoint.database(),
                endpoint.user(),
                endpoint.password(),
                properties);
    }

    private static String describe(Exception failure) {
        String message = failure.getMessage() == null ? failure.getClass().getSimpleName() : failure.getMessage();
        return message.lines().findFirst().orElse("");
    }

    @Override
    public void close() {
        closed = true;
        thread.interrupt();
    }
}
