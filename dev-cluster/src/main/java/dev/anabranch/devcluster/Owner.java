// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.devcluster;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/** The file {@code owner} in a folder: pid and start of the JVM that the folder must not outlive. */
final class Owner {

    private static final Duration TIME_TO_MAKE_OR_REMOVE = Duration.ofMinutes(10);
    private static final Duration TIME_TO_WRITE = Duration.ofMinutes(1);

    private Owner() {
    }

    /** Says that a folder is this JVM's. */
    static void write(Path folder) throws IOException {
        var owner = ProcessIdentity.self();
        Files.writeString(file(folder), owner.pid() + "\n" + owner.start() + "\n");
    }

    /** Whether a folder's JVM is dead, or nobody can be at making or removing the folder any more. */
    static boolean isGone(Path folder) throws IOException {
        try {
            if (!Files.exists(file(folder))) {
                // being made, or being removed, or neither was finished
                return isOlder(folder, TIME_TO_MAKE_OR_REMOVE);
            }
            var owner = read(folder);
            // a machine that lost its power may have left the file empty
            return owner.isPresent() ? !owner.get().isAlive() : isOlder(folder, TIME_TO_WRITE);
        } catch (NoSuchFileException removedMeanwhile) {
            return false;
        }
    }

    private static Optional<ProcessIdentity> read(Path folder) throws IOException {
        // as bytes, since what is no text is no owner either
        var lines = new String(Files.readAllBytes(file(folder)), StandardCharsets.ISO_8859_1).lines().toList();
        if (lines.size() < 2 || !lines.get(0).matches("[0-9]{1,18}") || lines.get(1).isBlank()) {
            return Optional.empty();
        }
        return Optional.of(new ProcessIdentity(Long.parseLong(lines.get(0)), lines.get(1)));
    }

    private static boolean isOlder(Path folder, Duration age) throws IOException {
        return Files.getLastModifiedTime(folder).toInstant().isBefore(Instant.now().minus(age));
    }

    private static Path file(Path folder) {
        return folder.resolve("owner");
    }
}
