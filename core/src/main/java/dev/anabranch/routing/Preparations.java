// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.routing;

import dev.anabranch.consistency.Mark;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * When each database's primary was prepared by this process: until a replica has the tables that were made then, it cannot
 * answer anybody. Safe for use by many threads.
 */
final class Preparations {
    private static final Duration MARGIN = Duration.ofSeconds(10);
    private static final Duration SETTLING = Duration.ofSeconds(5);

    private final long keepNanos;
    private final Map<String, Preparation> last = new ConcurrentHashMap<>();

    private record Preparation(long nanos, Mark mark, Supplier<Mark> later) {}

    /** @param maxLag no replica that answers is further behind, so that what is older than that need not be asked for */
    Preparations(Duration maxLag) {
        this.keepNanos = maxLag.plus(MARGIN).toNanos();
    }

    /** A primary was prepared at that time. */
    void done(String database, long nanos, Supplier<Mark> now) {
        if (isOld(nanos)) {
            return;
        }
        Preparation known = last.get(database);
        // At the start the primary's clock may not be known yet, and the mark fit no replica.
        boolean unclear = known != null
                && known.mark().timeline() == Mark.UNKNOWN_TIMELINE
                && System.nanoTime() - nanos < SETTLING.toNanos();
        if (known == null || known.nanos() != nanos || unclear) {
            last.put(database, new Preparation(nanos, now.get(), now));
        }
    }

    /** Up to where a replica must have come; null where all have. */
    @Nullable Mark required(String database) {
        Preparation known = last.get(database);
        if (known == null || isOld(known.nanos())) {
            return null;
        }
        if (known.mark().timeline() != Mark.UNKNOWN_TIMELINE) {
            return known.mark();
        }
        // By the primary's own clock as soon as it is known: a little later than need be, and no guess.
        Mark clear = known.later().get();
        if (clear.timeline() != Mark.UNKNOWN_TIMELINE) {
            last.replace(database, known, new Preparation(known.nanos(), clear, known.later()));
        }
        return clear;
    }

    private boolean isOld(long nanos) {
        return System.nanoTime() - nanos > keepNanos;
    }
}
