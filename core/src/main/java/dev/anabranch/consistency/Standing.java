// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.consistency;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How a replica stood when something was last learnt of it or of its primary.
 *
 * @param out why it may be given no read; null where nothing is against it
 * @param fingerprint of its primary's lineage
 * @param visibleUntil it shows all that was committed up to this time of its primary's clock, in microseconds since 1970
 * @param freshUntil by what its lag is measured: the same, or what it says itself where it does not know positions
 * @param answeredNanos when it was last asked with success, by this process's monotonic clock
 */
record Standing(
        @Nullable String out, int fingerprint, long visibleUntil, long freshUntil, long answeredNanos) {
    /** By how much the clocks of two primaries, or of a primary and this process, may differ where both count. */
    static final Duration CLOCK_MARGIN = Duration.ofSeconds(5);

    /** Stands for a time before all marks. */
    static final long NEVER = Long.MIN_VALUE / 2;

    static final long MARGIN_MICROS = CLOCK_MARGIN.toNanos() / 1_000;

    static Standing out(String why, long answeredNanos) {
        return new Standing(why, Mark.UNKNOWN_TIMELINE, NEVER, NEVER, answeredNanos);
    }

    /** Whether it shows a write. One that was marked by another clock must be older by what clocks can differ. */
    boolean shows(Mark mark) {
        boolean sameClock = mark.timeline() == fingerprint && fingerprint != Mark.UNKNOWN_TIMELINE;
        // Subtracted, since a mark of a token may be of any time.
        return mark.micros() <= (sameClock ? visibleUntil : visibleUntil - MARGIN_MICROS);
    }
}
