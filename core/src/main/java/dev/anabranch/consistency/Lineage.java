// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.consistency;

/**
 * Whose positions can be compared: those of one cluster on one timeline.
 *
 * @param cluster what all servers that were copied from one another have in common; 0 where the server does not tell
 * @param timeline changes when another server becomes the primary
 */
record Lineage(long cluster, int timeline) {
    /** What stands for it in a mark; two that differ have the same one by a chance of one in four thousand million. */
    int fingerprint() {
        long mixed = (cluster * 0x9E3779B97F4A7C15L + timeline) * 0xBF58476D1CE4E5B9L;
        int folded = (int) (mixed ^ mixed >>> 32);
        return folded == Mark.UNKNOWN_TIMELINE ? 1 : folded;
    }

    /** Whether positions told with this lineage are positions of a primary's. */
    boolean isComparableWith(Lineage primary) {
        return isOfClusterOf(primary) && timeline == primary.timeline;
    }

    /** Whether both are of one cluster, as far as they tell. */
    boolean isOfClusterOf(Lineage primary) {
        return cluster == 0 || primary.cluster == 0 || cluster == primary.cluster;
    }
}
