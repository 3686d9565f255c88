// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.cli.process;

import java.security.SecureRandom;
import java.util.Base64;

/** Keys that nobody has to remember. */
public final class RandomSecret {
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final int KEY_BYTES = 32;

    private RandomSecret() {}

    /** A key of 256 bits as the directory reads it: Base64. */
    public static String key() {
        var bytes = new byte[KEY_BYTES];
        RANDOM.nextBytes(bytes);
        return Base64.getEncoder().encodeToString(bytes);
    }
}
