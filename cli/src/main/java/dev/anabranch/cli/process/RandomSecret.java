// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.cli.process;

import java.security.SecureRandom;
import java.util.Base64;

/** Secrets that nobody has to remember. */
public final class RandomSecret {
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final int PASSWORD_BYTES = 18;
    private static final int KEY_BYTES = 32;

    private RandomSecret() {}

    /** A password of 144 bits, without characters that a shell, a URL or SQL takes for its own. */
    public static String password() {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes(PASSWORD_BYTES));
    }

    /** A key of 256 bits as the directory reads it: Base64. */
    public static String key() {
        return Base64.getEncoder().encodeToString(bytes(KEY_BYTES));
    }

    private static byte[] bytes(int length) {
        var bytes = new byte[length];
        RANDOM.nextBytes(bytes);
        return bytes;
    }
}
