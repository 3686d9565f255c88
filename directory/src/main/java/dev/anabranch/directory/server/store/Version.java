// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.directory.server.store;

import java.util.UUID;

/**
 * What tells one state of the topology from another.
 *
 * @param revision counts the changes; after a restore of the meta database it counts the same numbers again
 * @param stamp drawn anew with each change, so that equal revisions of different content differ
 */
public record Version(long revision, UUID stamp) {}
