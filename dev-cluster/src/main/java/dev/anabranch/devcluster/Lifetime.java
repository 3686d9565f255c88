// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.devcluster;

/** How long a server lives. */
enum Lifetime {
    /** As long as this JVM at most: a watchdog cleans up after it. */
    OWNED,
    /** Until somebody takes it down. */
    DETACHED
}
