// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.consistency;

import dev.anabranch.topology.Endpoint;

/**
 * Which of a database's servers answers, and why.
 *
 * @param server its name: the database's for the primary, else the replica's
 * @param endpoint where it listens
 * @param why the rule that chose it
 * @param detail the rule as a person reads it, for example {@code 2 of 3 replicas in rotation, least outstanding work}
 */
public record ServerChoice(String server, Endpoint endpoint, Why why, String detail) {
    /** The rules. */
    public enum Why {
        /** It is, or may become, a write. */
        WRITE,
        /** A replica that is in rotation and new enough. */
        REPLICA,
        /** Reads must see every write that has returned. */
        STRONG,
        /** The database has no replica for this audience. */
        NO_REPLICA,
        /** All of its replicas are down, too far behind or not replaying. */
        NONE_IN_ROTATION,
        /** None of those in rotation has what the session has written. */
        NONE_NEW_ENOUGH
    }

    /** Whether the primary answers. */
    public boolean isPrimary() {
        return why != Why.REPLICA;
    }
}
