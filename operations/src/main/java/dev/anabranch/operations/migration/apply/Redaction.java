// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.operations.migration.apply;

import java.sql.SQLException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Statements and messages as people may read them. What may carry a credential is cut off before its first literal, as no
 * pattern knows all the ways to write one.
 */
final class Redaction {
    private static final int STATEMENT_LIMIT = 160;
    /** Nothing behind it is read, however long a literal is. */
    private static final int READ_LIMIT = 2_000;

    private static final Pattern SECRET = Pattern.compile(
            "(?:passw|passphrase|identified|secret|connection|conninfo|dblink"
                    + "|\\b(?:create|alter|drop)\\s++(?:or\\s++replace\\s++)?(?:public\\s++)?"
                    + "(?:role|user|group|subscription|server|database\\s++link)\\b)",
            Pattern.CASE_INSENSITIVE);
    /** Where a credential may begin: a literal in any quotes, or what follows the word that announces one. */
    private static final Pattern BEGIN = Pattern.compile(
            "['$]|\\b(?:password|passwd|passphrase|identified)\\b", Pattern.CASE_INSENSITIVE);
    private static final Pattern ANNOUNCED = Pattern.compile(
            "((?:password|identified(?:\\s++\\w++)?\\s++(?:by|using|as))\\s*+[=(]?\\s*+)(?:E?'|\"|\\$).*+",
            Pattern.CASE_INSENSITIVE);
    private static final Pattern NEAR = Pattern.compile("['$]|\\bnear\\b", Pattern.CASE_INSENSITIVE);
    private static final String CUT = "…";

    private Redaction() {}

    /** The statement on one line, cut to a length that a message can carry. */
    static String brief(String statement) {
        String line = line(statement);
        if (SECRET.matcher(line).find()) {
            return shortened(until(BEGIN, line), STATEMENT_LIMIT);
        }
        return shortened(line, STATEMENT_LIMIT);
    }

    /** What the database said of a statement. */
    static String message(SQLException e, String statement) {
        String said = MigrationErrors.said(e);
        if (!SECRET.matcher(line(statement)).find()) {
            return said;
        }
        return until(NEAR, line(MigrationErrors.firstLine(e.getMessage()))) + " (SQLState " + e.getSQLState() + ")";
    }

    /** What the database said, of whatever it was: a literal that a word announces, and all that follows, is cut off. */
    static String plain(String message) {
        return ANNOUNCED.matcher(line(message)).replaceFirst("$1" + CUT);
    }

    private static String until(Pattern pattern, String line) {
        Matcher found = pattern.matcher(line);
        return found.find() ? line.substring(0, found.start()).strip() + " " + CUT : line;
    }

    private static String line(String text) {
        String cut = text.length() <= READ_LIMIT ? text : text.substring(0, READ_LIMIT);
        return cut.strip().replaceAll("\\s++", " ");
    }

    private static String shortened(String line, int most) {
        return line.length() <= most ? line : line.substring(0, most - 1) + CUT;
    }
}
