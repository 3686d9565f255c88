// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.examples.auth;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.Base64;
import org.springframework.stereotype.Component;

/** Makes what sessions and programs show, 256 bits each. Safe for use by many threads. */
@Component
class Tokens {
    private static final int BYTES = 32;

    private final SecureRandom random = new SecureRandom();

    /** A new one, which is shown once. */
    String next() {
        byte[] bytes = new byte[BYTES];
        random.nextBytes(bytes);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    /** What is kept of it. A fast hash will do for what nobody can guess. */
    byte[] hash(String token) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(token.getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("This JVM has no SHA-256", e);
        }
    }
}
