// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.cli.terminal;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;

/**
 * Files that hold secrets: never readable by anybody but their owner, not even for a moment.
 *
 * <p>One is made before the secret is, which would else be lost where the file cannot be; closing it removes it where it
 * was not written. Not thread-safe.
 */
public final class OwnerFile implements AutoCloseable {
    private final Path path;
    private boolean written;

    private OwnerFile(Path path) {
        this.path = path;
    }

    /** Makes a new and empty file; one that exists is neither overwritten nor followed. */
    public static OwnerFile create(Path path) {
        try {
            Files.createFile(path, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
            return new OwnerFile(path);
        } catch (FileAlreadyExistsException e) {
            throw CliFailure.failed("The file " + path + " exists", "Name another, or remove it", e);
        } catch (IOException e) {
            throw CliFailure.failed("The file " + path + " cannot be made (" + e + ")", "Check its folder", e);
        }
    }

    /** Writes a new file; one that exists is neither overwritten nor followed. */
    public static void write(Path file, String content) {
        try (var made = create(file)) {
            made.write(content);
        }
    }

    /** Fills it. */
    public void write(String content) {
        try {
            Files.writeString(path, content, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS);
            written = true;
        } catch (IOException e) {
            throw CliFailure.failed("The file " + path + " cannot be written (" + e + ")", "Is there room?", e);
        }
    }

    @Override
    public void close() {
        try {
            if (!written) {
                Files.deleteIfExists(path);
            }
        } catch (IOException e) {
            throw CliFailure.failed("The empty file " + path + " cannot be removed (" + e + ")", "Remove it", e);
        }
    }

    /** Makes a folder, and those above it, that nobody else can look into. */
    public static Path folder(Path folder) {
        try {
            return Files.createDirectories(
                    folder, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        } catch (IOException e) {
            throw CliFailure.failed("The folder " + folder + " cannot be made (" + e + ")", "Check its parent", e);
        }
    }
}
