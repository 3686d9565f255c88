// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.operations.migration.sql;

import java.util.Locale;

/**
 * One statement of a text.
 *
 * @param text the statement without the comments before it and without its closing semicolon
 * @param line where it begins, the text's first line being 1
 * @param comments the comments before it and after the statement before it, as written
 * @param start its first character's place in the whole text
 */
public record SqlStatement(String text, int line, String comments, int start) {
    /** The first words in upper case with single spaces, comments left out: enough to tell the kind of statement. */
    public String head(int words) {
        String[] parts = SqlScript.withoutComments(text).strip().split("\\s+", words + 1);
        return String.join(" ", parts.length > words ? java.util.Arrays.copyOf(parts, words) : parts)
                .toUpperCase(Locale.ROOT);
    }

    /** The statement on one line, cut after so many characters: for messages. */
    public String brief(int most) {
        String line = text.strip().replaceAll("\\s+", " ");
        return line.length() <= most ? line : line.substring(0, most - 1) + "…";
    }
}
