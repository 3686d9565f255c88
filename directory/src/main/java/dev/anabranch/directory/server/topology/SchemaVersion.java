// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.directory.server.topology;

import java.math.BigInteger;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A version of a schema as its history names it: numbers with dots in between, compared as numbers, so that 10 comes after 9.
 *
 * @param parts the numbers
 */
record SchemaVersion(List<BigInteger> parts) implements Comparable<SchemaVersion> {
    private static final Pattern TEXT = Pattern.compile("\\d{1,40}([._]\\d{1,40}){0,20}");

    /** The version of that text; empty where it is none. */
    static Optional<SchemaVersion> of(String text) {
        return TEXT.matcher(text).matches()
                ? Optional.of(new SchemaVersion(
                        Arrays.stream(text.split("[._]", -1)).map(BigInteger::new).toList()))
                : Optional.empty();
    }

    private BigInteger part(int index) {
        return index < parts.size() ? parts.get(index) : BigInteger.ZERO;
    }

    @Override
    public int compareTo(SchemaVersion other) {
        for (int i = 0; i < Math.max(parts.size(), other.parts.size()); i++) {
            int compared = part(i).compareTo(other.part(i));
            if (compared != 0) {
                return compared;
            }
        }
        return 0;
    }

    /** As JSON has it: {@code 7}. */
    String number() {
        return String.join(".", parts.stream().map(BigInteger::toString).toList());
    }

    /** As messages write it: {@code V7}. */
    @Override
    public String toString() {
        return "V" + number();
    }
}
