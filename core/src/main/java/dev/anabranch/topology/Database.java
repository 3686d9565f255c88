// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.topology;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One primary that holds rows of groups.
 *
 * @param name the name that topology, messages and meters use
 * @param primary where reads and writes go
 * @param regionName where its data lies, for example {@code eu}; null where nobody has said
 */
public record Database(String name, Endpoint primary, @Nullable String regionName) {
    /** Checks the name. */
    public Database {
        Names.check("database", name);
        if (regionName != null) {
            Names.check("region", regionName);
        }
    }

    /** Where its data lies. */
    public Optional<String> region() {
        return Optional.ofNullable(regionName);
    }

    /** The kind of server. */
    public Flavor flavor() {
        return primary.flavor();
    }
}
