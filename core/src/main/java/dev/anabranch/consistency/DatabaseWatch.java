// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.consistency;

import dev.anabranch.topology.Database;
import dev.anabranch.topology.Endpoint;
import dev.anabranch.topology.Replica;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A database that has replicas: what its primary's samples say of its clock and positions, and how each replica compares.
 *
 * <p>Samples land under one lock, and leave behind what readers look at without it. Safe for use by many threads.
 */
final class DatabaseWatch implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(DatabaseWatch.class);

    private final String name;
    private final Endpoint primaryEndpoint;
    private final ReplicaSettings settings;
    private final Probe probe;
    private final SamplerStart samplers;
    private final Consumer<String> onOut;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition landed = lock.newCondition();
    private final PrimaryRecord record;
    private final Sampler primary;
    private volatile Map<String, ReplicaWatch> replicas = Map.of();

    DatabaseWatch(Database database, ReplicaSettings settings, SamplerStart samplers, Consumer<String> onOut) {
        this.name = database.name();
        this.primaryEndpoint = database.primary();
        this.settings = settings;
        this.probe = Probe.of(database.flavor());
        this.samplers = samplers;
        this.onOut = onOut;
        this.record = new PrimaryRecord(name, settings.maxLag().plus(Standing.CLOCK_MARGIN));
        this.primary = samplers.of(name, primaryEndpoint, new PrimaryListener());
        primary.start();
        update(database);
    }

    /** Makes a sampler that has not been started. */
    @FunctionalInterface
    interface SamplerStart {
        Sampler of(String server, Endpoint endpoint, Sampler.Listener listener);
    }

    /** Whether samples of the primary go on being samples of it. */
    boolean isOf(Database now) {
        return now.primary().equals(primaryEndpoint);
    }

    /** Takes over which replicas there are. One whose address or login has changed starts anew. */
    void update(Database now) {
        Map<String, ReplicaWatch> before = replicas;
        Map<String, ReplicaWatch> next = new LinkedHashMap<>();
        for (Replica replica : now.replicas()) {
            ReplicaWatch known = before.get(replica.name());
            next.put(
                    replica.name(),
                    known != null && known.sampler().endpoint().equals(replica.endpoint())
                            ? known
                            : new ReplicaWatch(this, replica));
        }
        replicas = next;
        before.values().stream().filter(old -> !next.containsValue(old)).forEach(ReplicaWatch::close);
        next.values().stream().filter(fresh -> !before.containsValue(fresh)).forEach(fresh -> fresh.sampler().start());
    }

    String name() {
        return name;
    }

    ReplicaSettings settings() {
        return settings;
    }

    Probe probe() {
        return probe;
    }

    Sampler sampler(Replica replica, Sampler.Listener listener) {
        return samplers.of(replica.name(), replica.endpoint(), listener);
    }

    @Nullable ReplicaWatch replica(String replica) {
        return replicas.get(replica);
    }

    /** What its primary's samples say; to be asked for positions only where a sample has just landed. */
    PrimaryRecord record() {
        return record;
    }

    /** An upper bound of the primary's clock now; what is read next asks whether a replica has come so far. */
    Mark markNow() {
        hurry();
        return record.mark(System.nanoTime(), ReplicaMonitor.wallMicros());
    }

    /** Asks all servers as soon as may be: somebody has written, or was refused a replica that was not new enough. */
    void hurry() {
        primary.hurry();
        replicas.values().forEach(replica -> replica.sampler().hurry());
    }

    /** Runs something that a sample has brought, and tells those who wait. */
    void land(Runnable change) {
        lock.lock();
        try {
            change.run();
            landed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Waits until the condition holds as of some sample; false where it does not within the limit. */
    boolean await(BooleanSupplier condition, Duration limit) throws InterruptedException {
        long left = limit.toNanos();
        lock.lock();
        try {
            while (!condition.getAsBoolean()) {
                if (left <= 0) {
                    return false;
                }
                hurry();
                left = landed.awaitNanos(left);
            }
            return true;
        } finally {
            lock.unlock();
        }
    }

    void left(String server) {
        onOut.accept(server);
    }

    private final class PrimaryListener implements Sampler.Listener {
        private boolean answering = true;

        @Override
        public Sampler.Round open(Connection connection) throws SQLException {
            Probe.Question<PrimaryReading> question = probe.primary(connection);
            return () -> {
                long startWall = ReplicaMonitor.wallMicros();
                long start = System.nanoTime();
                PrimaryReading reading = question.ask();
                ClockSample sample = new ClockSample(
                        reading.lineage(), reading.clockMicros(), start, System.nanoTime(), startWall);
                land(() -> take(sample, reading.position()));
                answering = true;
            };
        }

        @Override
        public void lost(String why) {
            if (answering) {
                LOG.warn("The primary of {} at {} tells no position: {}", name, primaryEndpoint.address(), why);
            }
            answering = false;
        }
    }

    private void take(ClockSample sample, long position) {
        record.take(sample, position);
        replicas.values().forEach(ReplicaWatch::compare);
    }

    @Override
    public void close() {
        primary.close();
        replicas.values().forEach(ReplicaWatch::close);
        // Nobody who waits for a sample shall wait for one that does not come.
        land(() -> {});
    }
}
