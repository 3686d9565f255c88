// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.tenant;

import dev.anabranch.problem.AnabranchException;
import dev.anabranch.problem.ErrorCode;

/**
 * Whose data it is: a validated text of 1 to {@value #MAX_LENGTH} characters.
 *
 * <p>An id is data and nothing else: it is only ever compared, hashed or sent as a parameter, so that one which looks
 * like SQL or like a path is as good as any. Refused is what cannot be stored, sent and compared alike everywhere: control
 * and line-breaking characters, lone surrogates, unassigned code points, white space at either end, and the two names
 * {@code .} and {@code ..}, which no URL can carry.
 *
 * @param value the id in the canonical form of its {@code KeyType}
 */
public record TenantId(String value) {
    /** The greatest length of an id, in UTF-16 characters. */
    public static final int MAX_LENGTH = 128;

    /**
     * @throws AnabranchException {@link ErrorCode#TENANT_INVALID} where the text is no tenant id
     */
    public TenantId {
        if (value.isEmpty()) {
            throw invalid("is empty", value);
        }
        if (value.length() > MAX_LENGTH) {
            throw invalid("has " + value.length() + " characters", value);
        }
        for (int i = 0; i < value.length(); ) {
            int codePoint = value.codePointAt(i);
            if (!isAllowed(codePoint)) {
                throw invalid("has the character U+%04X at position %d".formatted(codePoint, i), value);
            }
            i += Character.charCount(codePoint);
        }
        if (value.equals(".") || value.equals("..")) {
            // As a segment of a path it would mean the folder itself, or the one above, whatever it is escaped as.
            throw invalid("is a relative path", value);
        }
        if (isBlank(value.charAt(0)) || isBlank(value.charAt(value.length() - 1))) {
            throw invalid("begins or ends with white space", value);
        }
    }

    private static boolean isAllowed(int codePoint) {
        // Letters, digits and most punctuation, without a table look-up.
        if (codePoint >= 0x20 && codePoint < 0x7F) {
            return true;
        }
        return switch (Character.getType(codePoint)) {
            case Character.CONTROL,
                    Character.SURROGATE,
                    Character.UNASSIGNED,
                    Character.PRIVATE_USE,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR -> false;
            default -> true;
        };
    }

    private static boolean isBlank(char character) {
        return Character.isWhitespace(character) || Character.isSpaceChar(character);
    }

    private static AnabranchException invalid(String what, String value) {
        return new AnabranchException(
                ErrorCode.TENANT_INVALID,
                "The tenant id " + excerpt(value) + " " + what,
                "Send 1 to " + MAX_LENGTH + " printable characters without white space at the ends");
    }

    private static String excerpt(String value) {
        StringBuilder shown = new StringBuilder("'");
        value.codePoints()
                .limit(24)
                .forEach(c -> shown.append(isAllowed(c) ? Character.toString(c) : "\\u%04x".formatted(c)));
        return shown.append(value.codePointCount(0, value.length()) > 24 ? "…'" : "'").toString();
    }

    @Override
    public String toString() {
        return value;
    }
}
