// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.consistency;

/**
 * A primary's clock, read somewhen between two instants of this process.
 *
 * @param lineage of the primary
 * @param micros what the clock said, in microseconds since 1970
 * @param startNanos this process's monotonic clock before the question was sent
 * @param endNanos the same after the answer had come
 * @param startWallMicros this process's clock of the day before the question was sent
 */
record ClockSample(Lineage lineage, long micros, long startNanos, long endNanos, long startWallMicros) {
    /** Covers what two clocks drift apart, and how far a clock that is set right gradually runs from the true one: 0.1 %. */
    private static final long DRIFT_SHARE = 1_000;

    /** Covers rounding, and steps too small to be seen from here. */
    private static final long ALLOWANCE_MICROS = 1_000;

    /**
     * What the clock says at most at an instant after the sample. The clock was read after the question was sent, so that
     * less time has passed since than since then. The monotonic clock may stand still while a machine sleeps: the clock of
     * the day, where it has gone further, counts.
     */
    long atMost(long nanos, long wallMicros) {
        long passed = Math.max((nanos - startNanos) / 1_000, wallMicros - startWallMicros);
        return micros + passed + passed / DRIFT_SHARE + ALLOWANCE_MICROS;
    }

    /** What the clock says at most, by the monotonic clock alone. */
    long about(long nanos) {
        return micros + (nanos - startNanos) / 1_000;
    }

    /** By how many microseconds the clock has been set since an earlier sample, at least; 0 where it has simply run. */
    long steppedSince(ClockSample before) {
        long moved = micros - before.micros;
        long least = (startNanos - before.endNanos) / 1_000;
        long most = (endNanos - before.startNanos) / 1_000;
        long slowest = least - least / DRIFT_SHARE - ALLOWANCE_MICROS;
        long fastest = most + most / DRIFT_SHARE + ALLOWANCE_MICROS;
        if (moved < slowest) {
            return moved - slowest;
        }
        return Math.max(0, moved - fastest);
    }
}
