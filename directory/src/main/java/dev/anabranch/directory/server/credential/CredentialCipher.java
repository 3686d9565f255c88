// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.directory.server.credential;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Base64;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * AES-256-GCM (NIST SP 800-38D) with a random nonce of 96 bits and the database's name and address as associated data,
 * so that a sealed password opens neither in another database's row nor after the row leads elsewhere. Thread-safe.
 */
final class CredentialCipher {
    static final String PREFIX = "sealed:v1:";

    private static final int KEY_BYTES = 32;
    private static final int NONCE_BYTES = 12;
    private static final int TAG_BITS = 128;

    private final SecretKeySpec key;
    private final SecureRandom random = new SecureRandom();

    /**
     * @param base64 the key: base64 of 32 bytes
     * @throws IllegalArgumentException where it is not; the message does not quote it
     */
    CredentialCipher(String base64) {
        byte[] bytes;
        try {
            bytes = Base64.getDecoder().decode(base64.strip());
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("The credential key is no base64; make one with 'openssl rand -base64 32'");
        }
        if (bytes.length != KEY_BYTES) {
            throw new IllegalArgumentException("The credential key has " + bytes.length + " bytes and needs " + KEY_BYTES
                    + "; make one with 'openssl rand -base64 32'");
        }
        this.key = new SecretKeySpec(bytes, "AES");
    }

    String seal(String place, String password) {
        byte[] nonce = new byte[NONCE_BYTES];
        random.nextBytes(nonce);
        try {
            byte[] sealed = cipher(Cipher.ENCRYPT_MODE, nonce, place)
                    .doFinal(password.getBytes(StandardCharsets.UTF_8));
            byte[] whole = ByteBuffer.allocate(nonce.length + sealed.length)
                    .put(nonce)
                    .put(sealed)
                    .array();
            return PREFIX + Base64.getEncoder().encodeToString(whole);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("This Java cannot do AES-GCM", e);
        }
    }

    /**
     * @throws GeneralSecurityException where it was sealed with another key or for another place, or was changed
     */
    String open(String place, String stored) throws GeneralSecurityException {
        byte[] whole = Base64.getDecoder().decode(stored.substring(PREFIX.length()));
        if (whole.length < NONCE_BYTES) {
            throw new GeneralSecurityException("too short");
        }
        byte[] nonce = java.util.Arrays.copyOf(whole, NONCE_BYTES);
        byte[] clear = cipher(Cipher.DECRYPT_MODE, nonce, place)
                .doFinal(whole, NONCE_BYTES, whole.length - NONCE_BYTES);
        return new String(clear, StandardCharsets.UTF_8);
    }

    private Cipher cipher(int mode, byte[] nonce, String place) throws GeneralSecurityException {
        Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
        cipher.init(mode, key, new GCMParameterSpec(TAG_BITS, nonce));
        cipher.updateAAD(place.getBytes(StandardCharsets.UTF_8));
        return cipher;
    }
}
