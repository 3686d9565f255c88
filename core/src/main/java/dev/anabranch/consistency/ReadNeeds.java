// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.consistency;

import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What one read asks of the server that answers it.
 *
 * @param audience who is asking; null where nobody is bound
 * @param mode how old the answer may be
 * @param required up to where a replica must have come with {@link ConsistencyMode#SESSION}; null where nothing was written
 * @param except servers that have just failed this read
 * @param only the replica that a router has named; null where any will do
 */
public record ReadNeeds(
        @Nullable String audience,
        ConsistencyMode mode,
        @Nullable Mark required,
        Set<String> except,
        @Nullable String only) {
    /** Copies the set. */
    public ReadNeeds {
        except = Set.copyOf(except);
    }
}
