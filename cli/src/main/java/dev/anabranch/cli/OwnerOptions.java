// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.cli;

import dev.anabranch.cli.terminal.CliFailure;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Who owns the schemas of a database and migrates them. */
final class OwnerOptions {
    static final String PASSWORD = "--owner-password";

    @Option(names = "--owner-user", paramLabel = "USER", description = "Who migrates, where that is not the user.")
    @Nullable String user;

    @Option(names = PASSWORD, paramLabel = "REFERENCE", description = "The owner's: env:ANABRANCH_OWNER_… or a file for owners.")
    @Nullable String password;

    @Option(names = PASSWORD + "-file", paramLabel = "FILE", description = "A file with the owner's password.")
    @Nullable Path passwordFile;

    @Option(names = "--no-owner", description = "The user migrates itself.")
    boolean none;

    /** Refuses what cannot be meant, before anything is sent; and the password, where one is given. */
    Optional<String> checkedPassword() {
        if (none && (user != null || password != null || passwordFile != null)) {
            throw CliFailure.usage("--no-owner excludes the owner's other options", "Give one or the other");
        }
        return PasswordOptions.of(PASSWORD, password, passwordFile);
    }
}
