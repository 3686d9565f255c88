// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.devcluster;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

/**
 * A folder for the life of this JVM, which nobody else can look into. Whoever makes it deletes it; what a JVM that was
 * killed left is swept away when the next one of that prefix is made.
 *
 * @param path where it is
 */
public record OwnedFolder(Path path) {

    /** Makes one with a name of its own, and sweeps those of the same prefix and user whose JVM is dead. */
    public static OwnedFolder create(Path parent, String prefix) throws IOException {
        sweep(parent, prefix);
        var folder = Files.createTempDirectory(
                parent, prefix, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        Owner.write(folder);
        return new OwnedFolder(folder);
    }

    /** Removes it with all that is in it; again, it does nothing. */
    public void delete() throws IOException {
        Trees.delete(path);
    }

    private static void sweep(Path parent, String prefix) throws IOException {
        try (var folders = Files.newDirectoryStream(parent, prefix + "*")) {
            for (var folder : folders) {
                try {
                    if (Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)
                            && Launcher.isMine(folder)
                            && Owner.isGone(folder)) {
                        Trees.delete(folder);
                    }
                } catch (IOException somebodyElseSweeps) {
                    // or it cannot be removed, which is no reason to make none
                }
            }
        }
    }
}
