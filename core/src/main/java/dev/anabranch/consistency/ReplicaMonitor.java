// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.consistency;

import dev.anabranch.topology.Database;
import dev.anabranch.topology.Endpoint;
import dev.anabranch.topology.Topology;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Knows how far each replica is: asks each server of a database that has replicas, about ten times a second, and up to
 * fifty times while somebody writes or waits. A database without replicas costs nothing: no thread, no connection.
 *
 * <p><b>Why it is sound.</b> A sample of the primary is a time <i>S</i> of its clock and, read after that, a position
 * <i>P</i> such that no commit that has returned is after it. A write that returns is marked with <i>M</i>, an upper bound of
 * that clock at that instant. Where <i>S</i> &ge; <i>M</i>, the clock was read after the write had returned, so that the write
 * is at or before <i>P</i>, and a replica that has replayed up to <i>P</i> shows it. That holds for any write on any node, since
 * <i>S</i> and <i>M</i> are times of one clock; nothing has to be asked when something is written. Replayed positions only
 * grow, so that an old answer of a replica only makes it look older than it is.
 *
 * <p><b>The bound.</b> The clock was read at some instant after the question was sent, hence <i>M</i> is the sample's clock and
 * all the time since the question was <i>sent</i>, with 0.1 % for drift and 1 ms. What <i>M</i> is too high by (about the
 * time of one question) only makes a replica count as fresh that much later.
 *
 * <p><b>When the primary's clock is set.</b> The next sample shows it, and all that was noted before is forgotten. Until then,
 * 100 ms with the usual settings, a node that has not seen it yet and one that has may not agree: where the clock was set
 * forward, a mark of the former can be taken for covered by the latter, and where it was set back, the other way round. So
 * servers' clocks should be slewed, as NTP's daemons do, and not stepped. A clock that runs slow or fast does no harm.
 *
 * <p><b>Other limits.</b> An address must lead to one server: behind one that spreads connections over several, nobody knows
 * which has answered. A replica that crashes, comes back with less than it had replayed and answers, all between two
 * questions, is believed for that long. Safe for use by many threads.
 */
public final class ReplicaMonitor implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ReplicaMonitor.class);

    private final ReplicaSettings settings;
    private final Connector connector;
    private final List<Consumer<String>> outListeners = new CopyOnWriteArrayList<>();
    private volatile Map<String, DatabaseWatch> watches = Map.of();
    private boolean closed;

    /** Begins to ask the servers of the topology, over connections that the connector makes. */
    public ReplicaMonitor(ReplicaSettings settings, Connector connector, Topology topology) {
        this.settings = settings;
        this.connector = connector;
        update(topology);
    }

    /**
     * Makes the connections that servers are asked on: one for each, at a time.
     *
     * <p>The monitor closes them. It sets their limits of time, and puts limits for connecting among the endpoint's properties.
     */
    @FunctionalInterface
    public interface Connector {
        /**
         * A new connection that nobody else uses.
         *
         * @param server the database's name for the primary, else the replica's
         */
        Connection connect(String server, Endpoint endpoint) throws SQLException;
    }

    /** Takes over which servers there are. One whose address or login has changed starts anew. */
    public synchronized void update(Topology now) {
        if (closed) {
            return;
        }
        Map<String, DatabaseWatch> before = watches;
        Map<String, DatabaseWatch> next = new HashMap<>();
        for (Database database : now.databases().values()) {
            if (database.replicas().isEmpty()) {
                continue;
            }
            DatabaseWatch known = before.get(database.name());
            if (known != null && known.isOf(database)) {
                known.update(database);
                next.put(database.name(), known);
            } else {
                next.put(database.name(), new DatabaseWatch(database, settings, this::sampler, this::left));
            }
        }
        watches = next;
        before.values().stream().filter(old -> !next.containsValue(old)).forEach(DatabaseWatch::close);
    }

    private Sampler sampler(String server, Endpoint endpoint, Sampler.Listener listener) {
        return new Sampler(server, endpoint, connector, settings.sampleEvery(), listener);
    }

    /**
     * An upper bound of what the primary's clock says at this instant. Never asks the server: it is the last sample's clock
     * and the time since.
     *
     * <p>To be called after a write's commit has returned, or has failed without saying whether it took place.
     */
    public Mark markNow(String database) {
        DatabaseWatch watch = watches.get(database);
        return watch == null ? new Mark(Mark.UNKNOWN_TIMELINE, wallMicros()) : watch.markNow();
    }

    @Nullable DatabaseWatch watch(String database) {
        return watches.get(database);
    }

    boolean isInRotation(String server) {
        for (DatabaseWatch watch : watches.values()) {
            ReplicaWatch replica = watch.replica(server);
            if (replica != null) {
                return replica.whyOut() == null;
            }
        }
        return false;
    }

    void failed(String server, String why) {
        for (DatabaseWatch watch : watches.values()) {
            ReplicaWatch replica = watch.replica(server);
            if (replica != null) {
                replica.failed(why);
            }
        }
    }

    void onOut(Consumer<String> listener) {
        outListeners.add(listener);
    }

    private void left(String server) {
        for (Consumer<String> listener : outListeners) {
            try {
                listener.accept(server);
            } catch (RuntimeException e) {
                LOG.error("A listener failed when it was told that {} does not answer", server, e);
            }
        }
    }

    static long wallMicros() {
        return ChronoUnit.MICROS.between(Instant.EPOCH, Instant.now());
    }

    /** Ends all questions and connections. */
    @Override
    public synchronized void close() {
        closed = true;
        watches.values().forEach(DatabaseWatch::close);
        watches = Map.of();
    }
}
