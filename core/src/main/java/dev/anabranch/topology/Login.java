// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.topology;

import dev.anabranch.problem.AnabranchException;
import dev.anabranch.problem.ErrorCode;
import org.jspecify.annotations.Nullable;

/**
 * As whom to log in.
 *
 * @param user the role's name
 * @param password its password
 * @param url where, as {@code jdbc:postgresql://host:port/database}, if that is another way to the database than the
 *     application's: past a pooler, for example; null where it is the same
 */
public record Login(String user, Secret password, @Nullable String url) {
    /**
     * @throws AnabranchException {@link ErrorCode#CONFIGURATION_INVALID} for a login without a name, or an address that cannot
     *     be used
     */
    public Login {
        if (user.isBlank()) {
            throw new AnabranchException(
                    ErrorCode.CONFIGURATION_INVALID, "A login has no user", "Give user and password");
        }
        if (url != null) {
            Endpoint.ofUrl(url, user, password);
        }
    }

    /** A login where the application logs in too. */
    public Login(String user, Secret password) {
        this(user, password, null);
    }

    /** The place with this login. */
    Endpoint at(Endpoint usual) {
        return url == null ? usual.as(user, password) : Endpoint.ofUrl(url, user, password);
    }
}
