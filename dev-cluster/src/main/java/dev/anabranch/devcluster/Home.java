// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.devcluster;

import java.io.IOException;
import java.nio.file.Files;
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

    /** Beneath {@code java.io.tmpdir}; refused if it belongs to somebody else. */
    static Home ofUser() {
        var name = System.getProperty("user.name");
        var user = name.matches("[A-Za-z0-9_-]+") ? name : String.valueOf(Launcher.uid());
        try {
            var home = of(Path.of(System.getProperty("java.io.tmpdir")).resolve("anabranch-dev-" + user));
            if (((Number) Files.getAttribute(home.folder(), "unix:uid")).longValue() != Launcher.uid()) {
                throw new DevClusterException("The folder " + home.folder() + " belongs to "
                        + Files.getOwner(home.folder())
                        + ": refusing to run programs from it. Have it removed, or set -Djava.io.tmpdir.");
            }
            return home;
        } catch (IOException e) {
            throw new DevClusterException("The folder for unpacked servers cannot be made beneath java.io.tmpdir="
                    + System.getProperty("java.io.tmpdir") + ": " + e + ". Is it writable?", e);
        }
    }

    static Home of(Path folder) throws IOException {
        Files.createDirectories(folder);
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
            all.forEach(path -> {
                var server = new ServerFolder(path);
                if (server.isAbandoned()) {
                    abandoned.add(server);
                }
            });
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
