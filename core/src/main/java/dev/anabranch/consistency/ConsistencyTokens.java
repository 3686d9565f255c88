// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.consistency;

import dev.anabranch.problem.AnabranchException;
import dev.anabranch.problem.ErrorCode;
import dev.anabranch.topology.Secret;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Writes what a session has written as a short signed text, and reads it back on any instance that has the key.
 *
 * <p>A token is signed (HMAC-SHA256) and not encrypted: who has it can see which databases were written to, and when. It says
 * nothing of who may do what, and does not end: a mark that all replicas have passed asks for nothing. A mark of the future,
 * which only a clock that was wrong can have made, is kept: the primary serves until that time has come. A session that has
 * written to more databases than a token holds is given one mark for all the oldest ones together, which asks for more than
 * these did, never for less. Safe for use by many threads.
 */
public final class ConsistencyTokens {
    /** The most characters of a token: browsers drop a cookie that has more than 4,096 together with its name. */
    public static final int MAX_LENGTH = 3_800;

    private static final int MOST_MARKS = 64;
    private static final byte VERSION = 1;
    private static final String ALGORITHM = "HmacSHA256";
    private static final int SIGNATURE_BYTES = 32;
    private static final int MOST_BYTES = MAX_LENGTH / 4 * 3 - SIGNATURE_BYTES;
    private static final byte[] PURPOSE = "anabranch consistency token".getBytes(StandardCharsets.US_ASCII);

    private final List<SecretKeySpec> keys;

    /** Signs with the first of the keys; with one made at random where there is none. */
    public ConsistencyTokens(List<Secret> keys) {
        this.keys = keys.isEmpty()
                ? List.of(new SecretKeySpec(random(), ALGORITHM))
                : keys.stream()
                        .map(key -> new SecretKeySpec(key.reveal().getBytes(StandardCharsets.UTF_8), ALGORITHM))
                        .toList();
    }

    private static byte[] random() {
        byte[] key = new byte[SIGNATURE_BYTES];
        new SecureRandom().nextBytes(key);
        return key;
    }

    /** The session as a text for a cookie, a header or a message: letters, digits, {@code -} and {@code _} alone. */
    public String write(ConsistencySession session) {
        ByteBuffer token = ByteBuffer.allocate(MOST_BYTES + SIGNATURE_BYTES);
        token.put(VERSION);
        marks(session).forEach((database, mark) -> {
            byte[] name = database.getBytes(StandardCharsets.UTF_8);
            token.put((byte) name.length).put(name).putInt(mark.timeline()).putLong(mark.micros());
        });
        byte[] signed = Arrays.copyOf(token.array(), token.position());
        token.put(signature(keys.getFirst(), signed));
        return encoded(Arrays.copyOf(token.array(), token.position()));
    }

    /** As many as a token holds, the latest first; the others are one that counts for every database. */
    private static Map<String, Mark> marks(ConsistencySession session) {
        List<Map.Entry<String, Mark>> latest = new ArrayList<>(session.marks().entrySet());
        latest.sort(Comparator.comparingLong((Map.Entry<String, Mark> entry) -> entry.getValue().micros())
                .reversed());
        int left = MOST_BYTES - 1 - bytes(ConsistencySession.ELSEWHERE);
        Map<String, Mark> held = new HashMap<>();
        for (Map.Entry<String, Mark> entry : latest) {
            left -= bytes(entry.getKey());
            boolean fits = left >= 0 && held.size() < MOST_MARKS - 1;
            if (fits || entry.getKey().equals(ConsistencySession.ELSEWHERE)) {
                held.merge(entry.getKey(), entry.getValue(), Mark::and);
            } else {
                Mark anyClock = new Mark(Mark.UNKNOWN_TIMELINE, entry.getValue().micros());
                held.merge(ConsistencySession.ELSEWHERE, anyClock, Mark::and);
            }
        }
        return held;
    }

    private static int bytes(String database) {
        return 1 + database.getBytes(StandardCharsets.UTF_8).length + Integer.BYTES + Long.BYTES;
    }

    /**
     * The session that was written.
     *
     * @throws AnabranchException {@link ErrorCode#CONSISTENCY_TOKEN_INVALID} where the text is no token, was changed, or was
     *     signed with another key
     */
    public ConsistencySession read(String token) {
        if (token.length() > MAX_LENGTH) {
            throw invalid("has " + token.length() + " characters, and none has more than " + MAX_LENGTH);
        }
        byte[] bytes = decoded(token);
        if (bytes.length <= SIGNATURE_BYTES) {
            throw invalid("is too short for one");
        }
        byte[] signed = Arrays.copyOf(bytes, bytes.length - SIGNATURE_BYTES);
        byte[] signature = Arrays.copyOfRange(bytes, signed.length, bytes.length);
        boolean known = false;
        for (SecretKeySpec key : keys) {
            known |= MessageDigest.isEqual(signature(key, signed), signature);
        }
        if (!known) {
            throw invalid("was changed, or was signed with a key that is not known here");
        }
        if (signed[0] != VERSION) {
            throw invalid("is of version " + signed[0] + ", and this program reads " + VERSION);
        }
        return new ConsistencySession(marks(ByteBuffer.wrap(signed, 1, signed.length - 1)));
    }

    /** These bytes bear the signature of a key of ours, and so are as they were written. */
    private static Map<String, Mark> marks(ByteBuffer signed) {
        Map<String, Mark> marks = new HashMap<>();
        while (signed.hasRemaining()) {
            byte[] name = new byte[Byte.toUnsignedInt(signed.get())];
            signed.get(name);
            marks.put(new String(name, StandardCharsets.UTF_8), new Mark(signed.getInt(), signed.getLong()));
        }
        return marks;
    }

    private static String encoded(byte[] bytes) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    private static byte[] decoded(String token) {
        byte[] bytes;
        try {
            bytes = Base64.getUrlDecoder().decode(token);
        } catch (IllegalArgumentException e) {
            throw invalid("has characters or a length that none has");
        }
        // The last character has bits that mean nothing: one token has one text.
        if (!encoded(bytes).equals(token)) {
            throw invalid("is not written as one is");
        }
        return bytes;
    }

    private static byte[] signature(SecretKeySpec key, byte[] signed) {
        try {
            Mac mac = Mac.getInstance(ALGORITHM);
            mac.init(key);
            mac.update(PURPOSE);
            return mac.doFinal(signed);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("Every Java runtime has " + ALGORITHM, e);
        }
    }

    private static AnabranchException invalid(String what) {
        return new AnabranchException(
                ErrorCode.CONSISTENCY_TOKEN_INVALID,
                "The consistency token " + what,
                "Send it as it was given, to instances that share SHARDING_CONSISTENCY_KEYS, or leave it out and take the"
                        + " next answer's");
    }
}
