// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.topology;

import dev.anabranch.problem.AnabranchException;
import dev.anabranch.problem.ErrorCode;

/**
 * As whom to log in.
 *
 * @param user the role's name
 * @param password its password
 */
public record Login(String user, Secret password) {
    /** Refuses a login without a name. */
    public Login {
        if (user.isBlank()) {
            throw new AnabranchException(
                    ErrorCode.CONFIGURATION_INVALID, "A login has no user", "Give user and password");
        }
    }
}
