// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.examples.auth;

import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.List;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;
import org.springframework.stereotype.Component;

/** Keeps passwords as PBKDF2 hashes, each with a salt of its own. Safe for use by many threads. */
@Component
class Passwords {
    /** OWASP's figure for PBKDF2 with HMAC-SHA256. */
    private static final int ROUNDS = 600_000;
    private static final int HASH_BITS = 256;
    private static final int SALT_BYTES = 16;

    private final SecureRandom random = new SecureRandom();
    private final String ofNobody = hash("nobody");

    /** Rounds, salt and hash, as the table keeps them. */
    String hash(String password) {
        byte[] salt = new byte[SALT_BYTES];
        random.nextBytes(salt);
        Base64.Encoder base64 = Base64.getEncoder();
        return ROUNDS + ":" + base64.encodeToString(salt) + ":" + base64.encodeToString(derive(password, salt, ROUNDS));
    }

    /** Whether the password is the one that was hashed. */
    boolean matches(String password, String kept) {
        List<String> parts = List.of(kept.split(":", -1));
        Base64.Decoder base64 = Base64.getDecoder();
        byte[] derived = derive(password, base64.decode(parts.get(1)), Integer.parseInt(parts.get(0)));
        return MessageDigest.isEqual(derived, base64.decode(parts.get(2)));
    }

    /** A hash to compare with where there is no account: by a clock, nobody learns which addresses have one. */
    String ofNobody() {
        return ofNobody;
    }

    private static byte[] derive(String password, byte[] salt, int rounds) {
        try {
            return SecretKeyFactory.getInstance("PBKDF2WithHmacSHA256")
                    .generateSecret(new PBEKeySpec(password.toCharArray(), salt, rounds, HASH_BITS))
                    .getEncoded();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("This JVM has no PBKDF2WithHmacSHA256", e);
        }
    }
}
