// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.devcluster;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;

/**
 * The folder of one server: its {@code data}, its {@code log}, the {@code watchdog.sh} that cleans up, the
 * {@code server} file that tells it how, and the {@code owner}: pid and start of the JVM that it must not outlive.
 */
record ServerFolder(Path path) {

    private static final int LINES_OF_LOG = 20;

    /**
     * Makes the folder complete or not at all, so that a sweep never meets one without its owner.
     *
     * @param binaries the folder that all of the server's programs are in
     * @param endSignal the signal, by its POSIX name, that ends the server fastest without a trace outside of the folder
     */
    static ServerFolder create(Path path, Lifetime lifetime, Launcher launcher, Path binaries, String endSignal)
            throws IOException {
        var unfinished = Files.createTempDirectory(
                Objects.requireNonNull(path.getParent()), ".new-",
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        try {
            if (lifetime == Lifetime.OWNED) {
                Owner.write(unfinished);
            }
            Files.writeString(unfinished.resolve("server"), binaries + "\n" + endSignal + "\n");
            writeScript(unfinished.resolve("watchdog.sh"));
            launcher.letThrough(unfinished);
            // fails if there is one already, as every server's folder has something in it
            Files.move(unfinished, path, StandardCopyOption.ATOMIC_MOVE);
            return new ServerFolder(path);
        } catch (IOException e) {
            Trees.delete(unfinished);
            throw e;
        }
    }

    /** A folder name nobody has: the server's name for people, and chance. */
    static String uniqueName(String server) {
        var chance = new byte[4];
        new SecureRandom().nextBytes(chance);
        return server + "-" + HexFormat.of().formatHex(chance);
    }

    /** Refuses names that are no good as a folder's name, before they reach a shell or a path. */
    static String requireName(String name) {
        if (!name.matches("[A-Za-z0-9][A-Za-z0-9_-]{0,62}")) {
            throw new IllegalArgumentException("A server's name is 1 to 63 letters, digits, \"-\" and \"_\", and begins"
                    + " with a letter or digit, but this is \"" + name + "\"");
        }
        return name;
    }

    Path data() {
        return path.resolve("data");
    }

    Path log() {
        return path.resolve("log");
    }

    /** Whether its JVM is dead, or nobody can be at making or removing it any more. */
    boolean isAbandoned() throws IOException {
        return Owner.isGone(path);
    }

    long logSize() throws IOException {
        return Files.exists(log()) ? Files.size(log()) : 0;
    }

    /** What the server said after its log had the given size. */
    String logSince(long size) throws IOException {
        if (!Files.exists(log())) {
            return "";
        }
        try (var in = Files.newInputStream(log())) {
            in.skipNBytes(size);
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    /** The last lines of the log, for a message. */
    String logTail() {
        try {
            List<String> lines = logSince(0).lines().toList();
            return "\n  " + String.join("\n  ", lines.subList(Math.max(0, lines.size() - LINES_OF_LOG), lines.size()));
        } catch (IOException e) {
            return "\n  (no log: " + e + ")";
        }
    }

    /** Whether it is one of ours and complete, so that its {@code watchdog.sh} can clean it up. */
    boolean isComplete() {
        return Files.exists(path.resolve("server"));
    }

    /** Puts today's script in the place of the one an older version of this library may have left. */
    void renewScript() throws IOException {
        var renewed = path.resolve(".watchdog-" + ProcessHandle.current().pid());
        writeScript(renewed);
        Files.move(renewed, path.resolve("watchdog.sh"), StandardCopyOption.ATOMIC_MOVE);
    }

    private static void writeScript(Path file) throws IOException {
        try (var script = Objects.requireNonNull(
                ServerFolder.class.getResourceAsStream("watchdog.sh"), "watchdog.sh is not on the class path")) {
            Files.copy(script, file, StandardCopyOption.REPLACE_EXISTING);
        }
    }
}
