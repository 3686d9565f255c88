// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.consistency;

import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * How one replica stands.
 *
 * @param database the database that it belongs to
 * @param replica its name
 * @param inRotation whether it may be given reads now
 * @param lagOrNull how far what it shows is behind its primary, at most; null where that is not known
 * @param reason why it is out of rotation, for a person; null where it is in
 * @param outstanding how many connections to it are lent now
 * @param weight its share beside its siblings'
 * @param audiences whom it is kept for; empty for all others
 */
public record ReplicaStatus(
        String database,
        String replica,
        boolean inRotation,
        @Nullable Duration lagOrNull,
        @Nullable String reason,
        int outstanding,
        int weight,
        Set<String> audiences) {

    /** How far what it shows is behind its primary, at most. */
    public Optional<Duration> lag() {
        return Optional.ofNullable(lagOrNull);
    }
}
