// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.consistency;

/** How old a read may be. */
public enum ConsistencyMode {
    /** Not older than what the same session has written. The usual one. */
    SESSION,
    /** Not older than any write that has returned: read from the primary. */
    STRONG,
    /** As old as the most lag that a replica may have. */
    EVENTUAL
}
