// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.consistency;

import java.util.Arrays;
import java.util.OptionalLong;

/**
 * Which position a primary had reached at which time of its clock. Not safe for use by many threads.
 *
 * <p>Times and positions both grow from entry to entry. To lack an entry only makes a replica look older than it is, so that
 * old ones may be dropped, and every second one where there are too many.
 */
final class PositionHistory {
    private static final int MOST = 4_096;

    private final long keepMicros;
    private final long[] clocks = new long[MOST];
    private final long[] positions = new long[MOST];
    private int size;

    PositionHistory(long keepMicros) {
        this.keepMicros = keepMicros;
    }

    /** Notes that all that was committed at a time of the primary's clock is at or before a position. */
    void add(long clockMicros, long position) {
        // After a crash the primary's positions go back by what was not durable.
        while (size > 0 && (positions[size - 1] > position || clocks[size - 1] > clockMicros)) {
            size--;
        }
        if (size > 0 && positions[size - 1] == position) {
            clocks[size - 1] = clockMicros;
            return;
        }
        if (size == MOST) {
            makeRoom(clockMicros - keepMicros);
        }
        clocks[size] = clockMicros;
        positions[size] = position;
        size++;
    }

    /** The latest time of whose commits one that has replayed up to the position shows all; empty where it is too far back. */
    OptionalLong clockAt(long position) {
        int found = Arrays.binarySearch(positions, 0, size, position);
        int floor = found >= 0 ? found : -found - 2;
        return floor < 0 ? OptionalLong.empty() : OptionalLong.of(clocks[floor]);
    }

    void clear() {
        size = 0;
    }

    int size() {
        return size;
    }

    private void makeRoom(long oldestMicros) {
        int kept = 0;
        int expired = Arrays.binarySearch(clocks, 0, size, oldestMicros);
        int first = expired >= 0 ? expired : -expired - 1;
        boolean thin = first < MOST / 4;
        for (int i = first; i < size; i++) {
            if (!thin || i % 2 == 0 || i > size * 3 / 4) {
                clocks[kept] = clocks[i];
                positions[kept] = positions[i];
                kept++;
            }
        }
        size = kept;
    }
}
