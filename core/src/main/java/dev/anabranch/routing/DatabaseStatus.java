// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.routing;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * How this process stands with a database.
 *
 * @param database the database's name
 * @param open whether it has been used yet
 * @param active connections that are lent
 * @param idle connections that wait in the pool
 * @param waiting threads that wait for a connection
 * @param most the most connections that the pool may hold
 * @param downSince since when no connection could be made; null while it is not known to be down
 * @param lastError why not, without a credential; null while it is not known to be down
 */
public record DatabaseStatus(
        String database,
        boolean open,
        int active,
        int idle,
        int waiting,
        int most,
        @Nullable Instant downSince,
        @Nullable String lastError) {

    /** These figures, marked as down where there was a failure and the pool does not know it yet. */
    DatabaseStatus orDown(@Nullable String failure) {
        return failure == null || downSince != null
                ? this
                : new DatabaseStatus(
                        database, open, active, idle, waiting, most, Instant.now(), failure);
    }

    /** Whether nothing speaks against the database. */
    public boolean isUp() {
        return downSince == null;
    }
}
