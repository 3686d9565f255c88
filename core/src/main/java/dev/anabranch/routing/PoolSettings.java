// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.routing;

import dev.anabranch.problem.AnabranchException;
import dev.anabranch.problem.ErrorCode;
import java.time.Duration;

/**
 * How many connections this process may hold, and for how long it waits for one.
 *
 * @param budget the most connections to all databases together; this process never holds one more
 * @param perDatabase the most connections to one database
 * @param borrowTimeout how long a statement waits for a connection, at least 250 ms
 */
public record PoolSettings(int budget, int perDatabase, Duration borrowTimeout) {
    private static final Duration SHORTEST_TIMEOUT = Duration.ofMillis(250);
    private static final Duration REPLICA_TIMEOUT = Duration.ofSeconds(1);

    /** 100 connections in all, 10 to each database, 3 s. */
    public static final PoolSettings DEFAULT = new PoolSettings(100, 10, Duration.ofSeconds(3));

    /** Checks the bounds. */
    public PoolSettings {
        if (budget < 1 || perDatabase < 1 || borrowTimeout.compareTo(SHORTEST_TIMEOUT) < 0) {
            throw new AnabranchException(
                    ErrorCode.CONFIGURATION_INVALID,
                    "The connection settings budget=" + budget + ", perDatabase=" + perDatabase + ", timeout="
                            + borrowTimeout.toMillis() + " ms cannot be used",
                    "Allow at least 1 connection, and at least 250 ms");
        }
    }

    /** As long as it is waited for a replica's, because another server can answer. */
    PoolSettings ofReplica() {
        return borrowTimeout.compareTo(REPLICA_TIMEOUT) <= 0 ? this : new PoolSettings(budget, perDatabase, REPLICA_TIMEOUT);
    }

    /** How many connections each of so many servers gets, so that all together keep within what the budget leaves to pools. */
    int share(int pooled, int servers) {
        return Math.max(1, Math.min(perDatabase, pooled / Math.max(1, servers)));
    }
}
