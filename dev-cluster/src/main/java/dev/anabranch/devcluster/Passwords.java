// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.devcluster;

import java.security.SecureRandom;
import java.util.Base64;

/** Random passwords, of 144 bits, without characters that a shell, a URL or SQL would take for its own. */
public final class Passwords {

    private static final SecureRandom RANDOM = new SecureRandom();

    private Passwords() {
    }

    /** Another one each time. */
    public static String random() {
        var bytes = new byte[18];
        RANDOM.nextBytes(bytes);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }
}
