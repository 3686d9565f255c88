// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.consistency;

import java.time.Duration;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a primary's samples say: its clock, and which position it had reached when.
 *
 * <p>One thread at a time may change it; the last sample may be read by all.
 */
final class PrimaryRecord {
    private static final Logger LOG = LoggerFactory.getLogger(PrimaryRecord.class);

    /** A mark is not made from a sample that is older: the primary may be another server by now. */
    private static final long MARK_FROM_SAMPLES_OF_NANOS = Duration.ofSeconds(2).toNanos();

    private final String database;
    private final PositionHistory history;
    private volatile @Nullable ClockSample last;
    private boolean hasPositions;

    PrimaryRecord(String database, Duration keep) {
        this.database = database;
        this.history = new PositionHistory(keep.toNanos() / 1_000);
    }

    void take(ClockSample sample, long position) {
        ClockSample before = last;
        long stepped = 0;
        if (before != null && !before.lineage().equals(sample.lineage())) {
            LOG.info("The primary of {} is on timeline {} now", database, sample.lineage().timeline());
            history.clear();
        } else if (before != null) {
            stepped = sample.steppedSince(before);
        }
        last = sample;
        hasPositions = position != PrimaryReading.NONE;
        if (stepped != 0) {
            // By the new clock, what was noted by the old one could pass for later than a write that it lacks. So could
            // this sample where the clock was set forward: a write after it may just have been marked by the old clock.
            LOG.warn("The clock of the primary of {} was set by {} ms or more", database, stepped / 1_000);
            history.clear();
        } else if (hasPositions) {
            history.add(sample.micros(), position);
        }
    }

    /** The last sample; null where there has been none. */
    @Nullable ClockSample last() {
        return last;
    }

    /** Whether the last sample had a position that replicas' can be compared with. */
    boolean hasPositions() {
        return hasPositions;
    }

    /** Up to which time of the primary's clock one that has replayed up to a position shows everything. */
    OptionalLong clockAt(long position) {
        return history.clockAt(position);
    }

    /**
     * An upper bound of the primary's clock.
     *
     * @param nanos this process's monotonic clock now
     * @param wallMicros its clock of the day now
     */
    Mark mark(long nanos, long wallMicros) {
        ClockSample sample = last;
        if (sample == null) {
            return new Mark(Mark.UNKNOWN_TIMELINE, wallMicros);
        }
        long most = sample.atMost(nanos, wallMicros);
        // Which primary it is now nobody knows; that its clock is far behind the last one's is not likely.
        return nanos - sample.startNanos() > MARK_FROM_SAMPLES_OF_NANOS
                ? new Mark(Mark.UNKNOWN_TIMELINE, Math.max(wallMicros, most))
                : new Mark(sample.lineage().fingerprint(), most);
    }
}
