// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.cli.demo;

import dev.anabranch.cli.terminal.CliFailure;
import dev.anabranch.cli.terminal.OwnerFile;
import dev.anabranch.devcluster.OwnedFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The demo's working folder: logs, tokens, keys; readable by its owner alone, and swept away when its demo is dead. */
final class DemoFolder {
    private static final String PREFIX = "anabranch-demo-";
    private static final String LOG = ".log";

    private final OwnedFolder folder;

    private DemoFolder(OwnedFolder folder) {
        this.folder = folder;
    }

    /** A new folder; those of demos that were killed go. */
    static DemoFolder create() {
        var parent = Path.of(System.getProperty("java.io.tmpdir"));
        try {
            return new DemoFolder(OwnedFolder.create(parent, PREFIX));
        } catch (IOException e) {
            throw CliFailure.failed("No folder can be made in " + parent + " (" + e + ")", "Set -Djava.io.tmpdir", e);
        }
    }

    Path path() {
        return folder.path();
    }

    Path log(String name) {
        return path().resolve(name + LOG);
    }

    /** Writes a file that nobody else can read. */
    Path secret(String name, String content) {
        var file = path().resolve(name);
        OwnerFile.write(file, content + "\n");
        return file;
    }

    void delete() {
        try {
            folder.delete();
        } catch (IOException e) {
            throw CliFailure.failed("The folder " + path() + " cannot be removed (" + e + ")", "Remove it", e);
        }
    }

    /** Leaves the logs, and the folder to be swept with them by the next demo; tokens, keys and passwords go. */
    void deleteAllButLogs() {
        try (var files = Files.newDirectoryStream(path(), file -> !file.toString().endsWith(LOG))) {
            for (var file : files) {
                if (!file.endsWith("owner")) {
                    Files.deleteIfExists(file);
                }
            }
        } catch (IOException e) {
            throw CliFailure.failed("The secrets in " + path() + " cannot be removed (" + e + ")", "Remove them", e);
        }
    }
}
