// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.cli;

import dev.anabranch.cli.terminal.CliFailure;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * How a password gets into the command line without being seen there: by reference, from a file, or typed unseen.
 *
 * <p>A literal one is refused, since every user of the machine can list processes with their arguments.
 */
final class PasswordOptions {
    private PasswordOptions() {}

    /**
     * The password, or the reference to it that the directory will resolve.
     *
     * @param option what the reference's option is called; the file's has {@code -file} behind it
     * @param reference {@code env:NAME} or {@code file:/path}, or null
     * @param file whose first line is the password, or null
     */
    static Optional<String> of(String option, @Nullable String reference, @Nullable Path file) {
        if (reference != null && file != null) {
            throw CliFailure.usage(option + " and " + option + "-file exclude each other", "Give one of them");
        }
        if (file != null) {
            return Optional.of(Session.readLine(file, "password"));
        }
        if (reference == null) {
            return Optional.empty();
        }
        if (!reference.matches("env:[A-Za-z_][A-Za-z0-9_]*|file:/.+")) {
            // the text itself is not repeated: it is likely to be the password
            throw CliFailure.usage(
                    option + " takes no literal password, because everybody on this machine can see it in the list of"
                            + " processes, and it stays in the shell's history",
                    "Use " + option + "-file FILE, " + option + " env:NAME or " + option
                            + " file:/path (read by the directory), or leave it out to be asked");
        }
        return Optional.of(reference);
    }
}
