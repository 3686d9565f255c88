// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.routing;

/** What a connection is for. */
public enum Access {
    /** Reads alone: on a read-only connection, in a read-only scope, or for an audience that only reads. */
    READ,
    /** Anything else. */
    WRITE
}
