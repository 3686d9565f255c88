// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.cli.demo;

import dev.anabranch.cli.terminal.CliFailure;
import dev.anabranch.cli.terminal.OwnerFile;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The demo's working folder: logs, tokens, keys; readable by its owner alone, and swept away when its demo is dead. */
final class DemoFolder {
    private static final String PREFIX = "anabranch-demo-";

    private final Path path;

    private DemoFolder(Path path) {
        this.path = path;
    }

    /** A new folder, named after this process; those of demos that were killed go. */
    static DemoFolder create() {
        var parent = Path.of(System.getProperty("java.io.tmpdir"));
        try {
            sweep(parent);
            return new DemoFolder(Files.createTempDirectory(parent, PREFIX + ProcessHandle.current().pid() + "-"));
        } catch (IOException e) {
            throw CliFailure.failed("No folder can be made in " + parent + " (" + e + ")", "Set -Djava.io.tmpdir", e);
        }
    }

    Path path() {
        return path;
    }

    Path log(String name) {
        return path.resolve(name + ".log");
    }

    /** Writes a file that nobody else can read. */
    Path secret(String name, String content) {
        var file = path.resolve(name);
        OwnerFile.write(file, content + "\n");
        return file;
    }

    void delete() {
        try {
            delete(path);
        } catch (IOException e) {
            throw CliFailure.failed("The folder " + path + " cannot be removed (" + e + ")", "Remove it", e);
        }
    }

    private static void sweep(Path parent) throws IOException {
        try (var folders = Files.newDirectoryStream(parent, PREFIX + "*")) {
            for (var folder : folders) {
                var pid = Objects.requireNonNull(folder.getFileName()).toString().split("-", -1)[2];
                boolean dead = pid.matches("[0-9]{1,18}") && ProcessHandle.of(Long.parseLong(pid)).isEmpty();
                boolean mine = Files.getOwner(folder).getName().equals(System.getProperty("user.name"));
                if (dead && mine) {
                    delete(folder);
                }
            }
        }
    }

    private static void delete(Path folder) throws IOException {
        if (!Files.exists(folder)) {
            return;
        }
        Files.walkFileTree(folder, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                Files.deleteIfExists(file);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path left, @Nullable IOException e) throws IOException {
                Files.deleteIfExists(left);
                return FileVisitResult.CONTINUE;
            }
        });
    }
}
