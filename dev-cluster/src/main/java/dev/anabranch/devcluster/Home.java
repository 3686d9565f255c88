// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.devcluster;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;

/**
 * The folder of one user for everything of this module: unpacked {@code binaries}, and a folder for each of the running
 * {@code servers}. Others may pass through it, as a server that has left root must, but not list it.
 */
record Home(Path folder) {

    private static final System.Logger LOG = System.getLogger(Home.class.getName());

    static final FileAttribute<?> OWNER_ONLY =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));

    /** Beneath {@code java.io.tmpdir}. */
    static Home ofUser() {
        var name = System.getProperty("user.name");
        var user = name.matches("[A-Za-z0-9_-]+") ? name : String.valueOf(Launcher.uid());
        try {
            return of(Path.of(System.getProperty("java.io.tmpdir")).resolve("anabranch-dev-" + user));
        } catch (IOException e) {
            throw new DevClusterException("The folder for unpacked servers cannot be made beneath java.io.tmpdir="
                    + System.getProperty("java.io.tmpdir") + ": " + e + ". Is it writable?", e);
        }
    }

    /** A folder that is there or is made; refused if it is a link or belongs to somebody else. */
    static Home of(Path folder) throws IOException {
        Files.createDirectories(folder);
        // before anything is done to it: in a folder like /tmp, anybody may have put something in its place
        if (!Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)) {
            throw new DevClusterException("The folder " + folder + " is a link: refusing to run programs from where it"
                    + " leads. Have it removed, or set -Djava.io.tmpdir.");
        }
        if (!Launcher.isMine(folder)) {
            throw new DevClusterException("The folder " + folder + " belongs to "
                    + Files.getOwner(folder, LinkOption.NOFOLLOW_LINKS)
                    + ": refusing to run programs from it. Have it removed, or set -Djava.io.tmpdir.");
        }
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx--x--x"));
        return new Home(folder.toRealPath());
    }

    static DevClusterException unusable(Home home, IOException cause) {
        return new DevClusterException("The folder " + home.folder() + " cannot be used: " + cause
                + ". Is it writable, and is there room?", cause);
    }

    Path binaries() throws IOException {
        return Files.createDirectories(folder.resolve("binaries"));
    }

    Path servers() throws IOException {
        return Files.createDirectories(folder.resolve("servers"));
    }

    /** Ends and removes servers whose JVM is dead and whose watchdog did not live to do it, as after a power cut. */
    void sweep() throws IOException {
        List<ServerFolder> abandoned = new ArrayList<>();
        try (var all = Files.newDirectoryStream(servers())) {
            for (var path : all) {
                var server = new ServerFolder(path);
                try {
                    if (server.isAbandoned()) {
                        abandoned.add(server);
                    }
                } catch (IOException e) {
                    LOG.log(System.Logger.Level.WARNING, "Cannot tell whether " + path + " is still in use", e);
                }
            }
        }
        for (var server : abandoned) {
            try {
                Watchdog.cleanNow(server);
            } catch (IOException | DevClusterException e) {
                // another JVM may be sweeping, too; and what cannot be removed is no reason to start nothing
                LOG.log(System.Logger.Level.WARNING, "Left behind by a JVM that died: " + server.path(), e);
            }
        }
    }
}
