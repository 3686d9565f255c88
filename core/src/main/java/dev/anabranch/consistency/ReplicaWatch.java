// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.consistency;

import dev.anabranch.topology.Endpoint;
import dev.anabranch.topology.Replica;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One replica, and how it compares with its primary. Its fields change under the lock of its {@link DatabaseWatch}. */
final class ReplicaWatch implements Sampler.Listener, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ReplicaWatch.class);

    private final DatabaseWatch database;
    private final String name;
    private final Sampler sampler;
    private final long silentNanos;
    private volatile Standing standing;
    private @Nullable ReplicaReading reading;
    private long readingNanos;
    private long failedNanos;
    private boolean failed;
    private boolean answering;

    ReplicaWatch(DatabaseWatch database, Replica replica) {
        this.database = database;
        this.name = replica.name();
        // One that is asked every 100 ms, and has 500 ms to answer, is out 700 ms after its last answer began at the latest.
        this.silentNanos = database.settings()
                .sampleEvery()
                .plus(Sampler.ANSWER_WITHIN)
                .plus(Duration.ofMillis(100))
                .toNanos();
        this.standing = Standing.out("it has not answered yet", System.nanoTime());
        this.sampler = database.sampler(replica, this);
    }

    boolean isAt(Endpoint endpoint) {
        return sampler.endpoint().address().equals(endpoint.address());
    }

    Sampler sampler() {
        return sampler;
    }

    @Override
    public Sampler.Round open(Connection connection) throws SQLException {
        Probe.Question<ReplicaReading> question = database.probe().replica(connection);
        return () -> {
            long began = System.nanoTime();
            ReplicaReading answer = question.ask();
            database.land(() -> take(answer, began));
        };
    }

    private void take(ReplicaReading answer, long beganNanos) {
        if (failed && beganNanos - failedNanos <= 0) {
            return;
        }
        failed = false;
        answering = true;
        reading = answer;
        readingNanos = beganNanos;
        compare();
    }

    /** Compares its last answer with what is known of its primary. */
    void compare() {
        ReplicaReading answer = reading;
        if (answer != null) {
            become(switch (answer) {
                case ReplicaReading.Idle idle -> Standing.out(idle.reason(), readingNanos);
                case ReplicaReading.Replayed replayed -> compare(replayed);
                case ReplicaReading.Following following -> inWindow(following.behindMicros());
            });
        }
    }

    private Standing compare(ReplicaReading.Replayed replayed) {
        ClockSample primary = database.record().last();
        if (primary == null) {
            return Standing.out("its primary has not answered yet", readingNanos);
        }
        if (!database.record().hasPositions()) {
            return Standing.out("it tells a position, and its primary none that could be compared", readingNanos);
        }
        if (!replayed.lineage().isOfClusterOf(primary.lineage())) {
            return Standing.out("it is a copy of another cluster than its primary", readingNanos);
        }
        if (!replayed.lineage().isComparableWith(primary.lineage())) {
            return Standing.out(
                    "it follows timeline " + replayed.lineage().timeline() + ", and its primary is on "
                            + primary.lineage().timeline() + " (a role with pg_read_all_stats sees the change sooner)",
                    readingNanos);
        }
        OptionalLong until = database.record().clockAt(replayed.position());
        if (until.isEmpty()) {
            return Standing.out("it is behind all that is remembered of its primary", readingNanos);
        }
        return new Standing(
                null, primary.lineage().fingerprint(), until.getAsLong(), until.getAsLong(), readingNanos);
    }

    /** What is older than the window is taken to be there, unless the replica itself says that it is further behind. */
    private Standing inWindow(long behindMicros) {
        ClockSample primary = database.record().last();
        if (primary == null) {
            return Standing.out("its primary has not answered yet", readingNanos);
        }
        long clock = primary.about(readingNanos);
        long window = database.settings().window().toNanos() / 1_000;
        return new Standing(
                null,
                primary.lineage().fingerprint(),
                clock - Math.max(window, behindMicros),
                clock - behindMicros,
                readingNanos);
    }

    @Override
    public void lost(String why) {
        database.land(() -> {
            reading = null;
            become(Standing.out("it does not answer: " + why, standing.answeredNanos()));
        });
        if (answering) {
            answering = false;
            database.left(name);
        }
    }

    /** A connection to it has failed: it is out until it answers a question that is asked from now on. */
    void failed(String why) {
        database.land(() -> {
            failed = true;
            failedNanos = System.nanoTime();
            reading = null;
            become(Standing.out("a connection to it failed: " + why, standing.answeredNanos()));
        });
        sampler.hurry();
    }

    private void become(Standing now) {
        Standing before = standing;
        standing = now;
        if ((before.out() == null) != (now.out() == null)) {
            if (now.out() == null) {
                LOG.info("The replica {} of {} may answer reads", name, database.name());
            } else {
                LOG.warn("The replica {} of {} answers no reads: {}", name, database.name(), now.out());
            }
        }
    }

    Standing standing() {
        return standing;
    }

    /** How far what it shows is behind its primary now, at most; null where that is not known. */
    @Nullable Duration lag() {
        Standing now = standing;
        ClockSample primary = database.record().last();
        return primary == null || now.freshUntil() == Standing.NEVER
                ? null
                : Duration.ofNanos(Math.max(0, primary.about(System.nanoTime()) - now.freshUntil()) * 1_000);
    }

    /** Why it may be given no read; null where it may. */
    @Nullable String whyOut() {
        Standing now = standing;
        if (now.out() != null) {
            return now.out();
        }
        long silent = System.nanoTime() - now.answeredNanos();
        if (silent > silentNanos) {
            return "it has not answered for " + silent / 1_000_000 + " ms";
        }
        Duration lag = lag();
        Duration most = database.settings().maxLag();
        if (lag != null && lag.compareTo(most) > 0) {
            return "it is " + lag.toMillis() + " ms behind, and may be " + most.toMillis();
        }
        return null;
    }

    /** Whether it shows a write. */
    boolean shows(Mark mark) {
        return standing.shows(mark);
    }

    @Override
    public void close() {
        sampler.close();
    }
}
