// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.operations.migration.lint;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Something in a file that is unsafe.
 *
 * @param rule which rule it breaks
 * @param severity how bad it is
 * @param file the file's name
 * @param line the statement's line, the file's first being 1
 * @param statement the statement on one line, cut; empty where the finding is about the whole file
 * @param reason what is wrong here, and why that is unsafe
 * @param rewrite SQL to write instead; a line {@value #NEXT_FILE} begins what belongs into a later file; null where there is
 *     no SQL for it
 */
public record Finding(
        LintRule rule,
        Severity severity,
        String file,
        int line,
        String statement,
        String reason,
        @Nullable String rewrite) {
    /** The comment between the parts of a rewrite that need files of their own. */
    public static final String NEXT_FILE = "-- in the next file:";

    /** What to write instead. */
    public Optional<String> safeRewrite() {
        return Optional.ofNullable(rewrite);
    }

    /** {@code V5__add_plan.sql:3: error index-not-concurrent: reason}. */
    @Override
    public String toString() {
        return file + ":" + line + ": " + (severity == Severity.ERROR ? "error " : "warning ") + rule.id() + ": " + reason;
    }
}
