// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.topology;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.UUID;

/**
 * PostgreSQL's extended hash functions with seed 0, equal to the server's bit by bit.
 *
 * <p>They are Bob Jenkins's lookup3 with PostgreSQL's initial value ({@code src/common/hashfn.c},
 * {@code hash_bytes_extended} and {@code hash_uint32_extended}), read as little-endian words on every platform that
 * PostgreSQL is commonly run on. PostgreSQL keeps them stable because hash partitioning depends on them.
 */
final class PostgresHash {
    /** {@code 0x9e3779b9 + 3923095}, to which the key's length in bytes is added. */
    private static final int INITIAL = 0x9e3779b9 + 3923095;

    private PostgresHash() {}

    /** {@code hashtextextended(value, 0)} under a deterministic collation. */
    static long ofText(String value) {
        return ofBytes(value.getBytes(StandardCharsets.UTF_8));
    }

    /** {@code hashint8extended(value, 0)}. */
    static long ofBigint(long value) {
        // The halves are folded so that an int2, an int4 and an int8 of one value hash alike.
        int low = (int) value;
        int high = (int) (value >>> 32);
        low ^= value >= 0 ? high : ~high;
        int start = INITIAL + Integer.BYTES;
        return finish(start + low, start, start);
    }

    /** {@code uuid_hash_extended(value, 0)}. */
    static long ofUuid(UUID value) {
        return ofBytes(ByteBuffer.allocate(16)
                .putLong(value.getMostSignificantBits())
                .putLong(value.getLeastSignificantBits())
                .array());
    }

    private static long ofBytes(byte[] key) {
        ByteBuffer words = ByteBuffer.wrap(key).order(ByteOrder.LITTLE_ENDIAN);
        int a = INITIAL + key.length;
        int b = a;
        int c = a;
        int at = 0;
        int left = key.length;
        while (left >= 12) {
            a += words.getInt(at);
            b += words.getInt(at + 4);
            c += words.getInt(at + 8);
            // mix(a, b, c)
            a -= c;
            a ^= Integer.rotateLeft(c, 4);
            c += b;
            b -= a;
            b ^= Integer.rotateLeft(a, 6);
            a += c;
            c -= b;
            c ^= Integer.rotateLeft(b, 8);
            b += a;
            a -= c;
            a ^= Integer.rotateLeft(c, 16);
            c += b;
            b -= a;
            b ^= Integer.rotateLeft(a, 19);
            a += c;
            c -= b;
            c ^= Integer.rotateLeft(b, 4);
            b += a;
            at += 12;
            left -= 12;
        }
        // The last 0 to 11 bytes; the lowest byte of c is kept free, as in the original (there it held the length).
        for (int i = 0; i < left; i++) {
            int octet = key[at + i] & 0xFF;
            if (i < 4) {
                a += octet << (8 * i);
            } else if (i < 8) {
                b += octet << (8 * (i - 4));
            } else {
                c += octet << (8 * (i - 8) + 8);
            }
        }
        return finish(a, b, c);
    }

    private static long finish(int first, int second, int third) {
        int a = first;
        int b = second;
        int c = third;
        c ^= b;
        c -= Integer.rotateLeft(b, 14);
        a ^= c;
        a -= Integer.rotateLeft(c, 11);
        b ^= a;
        b -= Integer.rotateLeft(a, 25);
        c ^= b;
        c -= Integer.rotateLeft(b, 16);
        a ^= c;
        a -= Integer.rotateLeft(c, 4);
        b ^= a;
        b -= Integer.rotateLeft(a, 14);
        c ^= b;
        c -= Integer.rotateLeft(b, 24);
        return ((long) b << 32) | (c & 0xFFFFFFFFL);
    }
}
