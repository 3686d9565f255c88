// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.directory.server.store;

import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Who asks for a change, and on what conditions.
 *
 * @param who the name of the caller's token
 * @param whoId the id of that token, because names may repeat; null where the node itself changes something
 * @param why the caller's reason, if one was given
 * @param expected the revision that the caller has seen, if it insists on it
 * @param dryRun whether only to tell what would change
 * @param force whether to change placements although rows stay behind
 * @param admin whether the caller is an admin
 */
public record ChangeRequest(
        String who,
        @Nullable UUID whoId,
        @Nullable String why,
        @Nullable Long expected,
        boolean dryRun,
        boolean force,
        boolean admin) {
    /** A change that the node itself makes. */
    public static ChangeRequest ofNode(String why) {
        return new ChangeRequest("directory", null, why, null, false, false, true);
    }
}
