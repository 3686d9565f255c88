// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.topology;

/**
 * What the topology says of those who ask under one name: {@code public}, {@code draft}, {@code internal} or any other.
 *
 * @param name the name that is bound while a request of theirs runs
 * @param readOnly whether they only read: every connection of theirs goes where reads go, and refuses a write
 */
public record Audience(String name, boolean readOnly) {
    /** Checks the name. */
    public Audience {
        Names.check("audience", name);
    }
}
