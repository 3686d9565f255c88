// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.operations.migration.lint;

import dev.anabranch.operations.migration.files.MigrationFile;
import dev.anabranch.operations.migration.sql.SqlScript;
import dev.anabranch.operations.migration.sql.SqlToken;
import java.util.Map;
import java.util.TreeMap;

/** Rules about files as a whole, which hold on every kind of database. */
final class FileRules {
    /** What Flyway's history has room for. */
    private static final int DESCRIPTION = 200;

    private FileRules() {}

    /** Compares the files with what is applied. */
    static void look(LintContext context, Findings out) {
        Map<Long, MigrationFile> files = new TreeMap<>();
        context.set().files().forEach(file -> files.put(file.version(), file));
        new TreeMap<>(context.applied()).forEach((version, checksum) -> {
            MigrationFile file = files.get(version);
            if (file == null) {
                out.add(LintRule.MISSING_FILE, "V" + version + "__….sql", 1, "The version " + version + " is applied and has no file");
            } else if (file.checksum() != checksum) {
                out.add(
                        LintRule.EDITED_FILE,
                        file,
                        "The file's checksum is " + file.checksum() + " and was " + checksum + " when it was applied");
            }
        });
        for (MigrationFile file : files.values()) {
            if (!context.applied().containsKey(file.version()) && file.version() < context.appliedHead()) {
                out.add(
                        LintRule.OUT_OF_ORDER,
                        file,
                        "The version " + file.version() + " is not applied, and " + context.appliedHead() + " is");
            }
            if (context.reports(file.version()) && file.description().length() > DESCRIPTION) {
                out.add(LintRule.FILE_NAME, file, "The description has " + file.description().length() + " characters");
            }
        }
    }

    /** Whether the text can be cut into statements; says where it cannot. */
    static boolean isReadable(MigrationFile file, Findings out) {
        for (SqlToken token : SqlToken.of(file.sql())) {
            if (token.kind() == SqlToken.Kind.UNTERMINATED) {
                String what = token.text().startsWith("/*") ? "comment"
                        : token.text().startsWith("$") ? "dollar quote"
                        : token.text().contains("\"") && !token.text().contains("'") ? "quoted name" : "string";
                out.add(
                        LintRule.UNREADABLE,
                        file.fileName(),
                        SqlScript.lineOf(file.sql(), token.start()),
                        "The " + what + " that begins here never ends");
                return false;
            }
        }
        return true;
    }
}
