// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.operations.migration.desired;

import dev.anabranch.operations.migration.catalog.Phase;
import dev.anabranch.operations.migration.catalog.Step;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The text of one generated file, statement by statement. */
final class MigrationText {
    /** Long enough for a statement in the way to end, short enough for those who queue behind ours. */
    private static final String SHORT = "'5s'";
    /** These wait for other transactions to end and meanwhile let everybody read and write. */
    private static final Pattern PATIENT = Pattern.compile(
            "\\A(?:CREATE\\s+(?:UNIQUE\\s+)?INDEX\\s+CONCURRENTLY|DROP\\s+INDEX\\s+CONCURRENTLY|REINDEX\\b.*\\bCONCURRENTLY"
                    + "|ALTER\\s+TABLE\\b.*\\bVALIDATE\\s+CONSTRAINT)\\b.*",
            Pattern.CASE_INSENSITIVE | Pattern.DOTALL);

    private final Phase phase;
    private final boolean allowDestructive;
    private final List<String> parts = new ArrayList<>();
    private int statements;
    private int commentedOut;
    private @Nullable String timeout;

    /**
     * @param header what the file begins with, without comment marks
     * @param locksTables whether the schema has tables that others may use while this runs
     */
    MigrationText(Phase phase, List<String> header, boolean locksTables, boolean allowDestructive) {
        this.phase = phase;
        this.allowDestructive = allowDestructive;
        parts.add(comment(String.join("\n", header)));
        if (locksTables && phase != Phase.ONLINE) {
            parts.add("SET LOCAL lock_timeout = " + SHORT + ";");
        }
    }

    /** Adds a step, as a comment where it destroys something and that is not allowed. */
    void add(Step step) {
        boolean runs = allowDestructive || !step.isDestructive();
        String above = step.asks().map(question -> comment("QUESTION: " + question) + "\n").orElse("")
                + (step.isDestructive() ? comment("DESTRUCTIVE: " + step.lost()) + "\n" : "");
        String sql = step.sql().strip() + ";";
        // A statement that is a comment breaks no rule.
        String allows = step.allowance()
                .map(unsafe -> comment("lint: allow " + unsafe.rule() + " because " + unsafe.reason()) + "\n")
                .orElse("");
        if (runs) {
            if (phase == Phase.ONLINE) {
                setTimeout(PATIENT.matcher(step.sql().strip()).matches() ? "0" : SHORT);
            }
            statements++;
            parts.add(above + allows + sql);
        } else {
            commentedOut++;
            parts.add(above + comment(sql));
        }
    }

    private void setTimeout(String value) {
        if (!value.equals(timeout)) {
            timeout = value;
            parts.add("SET lock_timeout = " + value + ";");
        }
    }

    /** How many statements of steps run. */
    int statements() {
        return statements;
    }

    /** How many steps are comments. */
    int commentedOut() {
        return commentedOut;
    }

    @Override
    public String toString() {
        return String.join("\n\n", parts) + "\n";
    }

    private static String comment(String text) {
        return text.lines().map(line -> line.isEmpty() ? "--" : "-- " + line).collect(Collectors.joining("\n"));
    }
}
