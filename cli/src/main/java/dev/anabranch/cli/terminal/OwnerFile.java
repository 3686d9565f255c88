// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.cli.terminal;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

/** Files that hold secrets: never readable by anybody but their owner, not even for a moment. */
public final class OwnerFile {
    private OwnerFile() {}

    /** Writes a new file; one that exists is neither overwritten nor followed. */
    public static void write(Path file, String content) {
        try {
            Files.createFile(file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
            Files.writeString(file, content);
        } catch (FileAlreadyExistsException e) {
            throw CliFailure.failed("The file " + file + " exists", "Name another, or remove it", e);
        } catch (IOException e) {
            throw CliFailure.failed("The file " + file + " cannot be written (" + e + ")", "Check its folder", e);
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
