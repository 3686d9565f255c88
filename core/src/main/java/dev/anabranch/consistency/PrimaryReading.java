// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.consistency;

/**
 * What a primary says of itself.
 *
 * @param lineage whose positions these are
 * @param clockMicros its clock, read after the question was sent and before the position was
 * @param position no commit that had returned then is after it; {@link #NONE} where it has none to compare
 */
record PrimaryReading(Lineage lineage, long clockMicros, long position) {
    /** Stands for no position. */
    static final long NONE = -1;
}
