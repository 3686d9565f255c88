// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.consistency;

/** What a replica says of itself. */
sealed interface ReplicaReading {
    /** It has replayed all of a lineage up to a position. */
    record Replayed(Lineage lineage, long position) implements ReplicaReading {}

    /** It replicates, and is this much behind as it says itself; how far that is, it cannot tell. */
    record Following(long behindMicros) implements ReplicaReading {}

    /** It does not follow its primary now. */
    record Idle(String reason) implements ReplicaReading {}
}
