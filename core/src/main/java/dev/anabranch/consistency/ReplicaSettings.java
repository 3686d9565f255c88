// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.consistency;

import dev.anabranch.problem.AnabranchException;
import dev.anabranch.problem.ErrorCode;
import dev.anabranch.topology.Secret;
import java.time.Duration;
import java.util.List;

/**
 * How reads are spread over replicas, and how old they may be.
 *
 * @param mode how old a read may be where nothing says otherwise
 * @param maxLag a replica that is further behind its primary is left out, 100 ms to 1 h
 * @param sampleEvery how often each server is asked how far it is, 10 ms to 1 s
 * @param window for so long after a write its session reads from the primary where servers cannot tell how far they are
 * @param tokenKeys the keys that consistency tokens are signed with: the first signs, all verify; empty for one that is made
 *     at random, whose tokens no other process understands
 */
public record ReplicaSettings(
        ConsistencyMode mode, Duration maxLag, Duration sampleEvery, Duration window, List<Secret> tokenKeys) {
    private static final int SHORTEST_KEY = 32;

    /** Session, 30 s, 100 ms, 5 s, a key made at random. */
    public static final ReplicaSettings DEFAULT = new ReplicaSettings(
            ConsistencyMode.SESSION, Duration.ofSeconds(30), Duration.ofMillis(100), Duration.ofSeconds(5), List.of());

    /** Checks the bounds, and that no key is short enough to be guessed. */
    public ReplicaSettings {
        within("largest lag", maxLag, Duration.ofMillis(100), Duration.ofHours(1));
        within("time between samples", sampleEvery, Duration.ofMillis(10), Duration.ofSeconds(1));
        within("window after a write", window, Duration.ofMillis(1), Duration.ofHours(1));
        tokenKeys = List.copyOf(tokenKeys);
        for (Secret key : tokenKeys) {
            if (key.reveal().length() < SHORTEST_KEY) {
                throw new AnabranchException(
                        ErrorCode.CONFIGURATION_INVALID,
                        "A key for consistency tokens has " + key.reveal().length() + " characters",
                        "Give each at least " + SHORTEST_KEY + ", made at random, and the same to all instances");
            }
        }
    }

    private static void within(String what, Duration given, Duration least, Duration most) {
        if (given.compareTo(least) < 0 || given.compareTo(most) > 0) {
            throw new AnabranchException(
                    ErrorCode.CONFIGURATION_INVALID,
                    "The " + what + " of " + given.toMillis() + " ms is not between " + least.toMillis() + " ms and "
                            + most.toMillis() + " ms",
                    "Give it in milliseconds within these bounds");
        }
    }

    /** These settings with another mode. */
    public ReplicaSettings withMode(ConsistencyMode other) {
        return new ReplicaSettings(other, maxLag, sampleEvery, window, tokenKeys);
    }

    /** These settings with keys for tokens. */
    public ReplicaSettings withTokenKeys(List<Secret> others) {
        return new ReplicaSettings(mode, maxLag, sampleEvery, window, others);
    }
}
