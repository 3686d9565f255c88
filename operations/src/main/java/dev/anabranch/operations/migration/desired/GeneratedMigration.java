// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.operations.migration.desired;

import dev.anabranch.operations.migration.catalog.Phase;
import dev.anabranch.operations.migration.catalog.Step;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;

/**
 * What generating came to.
 *
 * @param files what was written, by version; empty where nothing was
 * @param pending the destructive steps that will not run: written as comments, or not at all where nothing else was to do
 * @param questions what a person should look at before applying, such as a rename it may be
 * @param warnings what trying the files out in a scratch schema found
 */
public record GeneratedMigration(
        List<GeneratedFile> files, List<Step> pending, List<String> questions, List<String> warnings) {
    /** Copies the lists. */
    public GeneratedMigration {
        files = List.copyOf(files);
        pending = List.copyOf(pending);
        questions = List.copyOf(questions);
        warnings = List.copyOf(warnings);
    }

    /**
     * One file.
     *
     * @param path where it lies
     * @param version its number
     * @param phase what part of the way it goes
     * @param statements how many statements run
     * @param commentedOut how many destructive ones are in it as comments
     * @param sql its text
     */
    public record GeneratedFile(Path path, long version, Phase phase, int statements, int commentedOut, String sql) {}

    /** How many statements run, in all files. */
    public int statements() {
        return files.stream().mapToInt(GeneratedFile::statements).sum();
    }

    /** Whether the database already is what it shall be, so that there is nothing to write and nothing to decide. */
    public boolean isUpToDate() {
        return files.isEmpty() && pending.isEmpty();
    }

    /** What happened, in one or two sentences for a person. */
    public String summary() {
        String waiting = pending.isEmpty()
                ? ""
                : pending.size() + (pending.size() == 1 ? " destructive step" : " destructive steps") + " ("
                        + pending.stream().map(step -> step.object()).distinct().limit(5).collect(Collectors.joining(", "))
                        + (pending.stream().map(Step::object).distinct().count() > 5 ? ", …" : "") + ")";
        if (files.isEmpty()) {
            return pending.isEmpty()
                    ? "No difference: nothing to write."
                    : "Nothing is written: all that is left is " + waiting
                            + ". To write them, use --allow-destructive.";
        }
        return "Wrote "
                + files.stream().map(file -> file.path().getFileName().toString()).collect(Collectors.joining(", "))
                + " with " + statements() + (statements() == 1 ? " statement." : " statements.")
                + (pending.isEmpty() ? "" : " Left as comments: " + waiting + "; with --allow-destructive they run.");
    }
}
