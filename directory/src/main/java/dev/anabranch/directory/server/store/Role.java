// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.directory.server.store;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** What the holder of a token may do. */
public enum Role {
    /** Reads the topology, without credentials. */
    VIEWER,
    /** An application: reads where tenants live, with the application's credentials. */
    APP,
    /** Who migrates: all that an application may, and the credentials of the owners. The only role that gets those. */
    MIGRATOR,
    /** Reads as a viewer does, and changes databases, groups and placements. */
    OPERATOR,
    /** All that an operator may, and tokens, the audit and forced changes; but no credentials. */
    ADMIN;

    /** The name in JSON, in lower case. */
    public String id() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** The role of that {@link #id()}, if there is one. */
    public static Optional<Role> of(String id) {
        return Arrays.stream(values()).filter(role -> role.id().equals(id)).findFirst();
    }
}
