// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.operations.migration.desired;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/** What a build leaves of an application: classes in a folder, or an executable jar. */
final class ApplicationFiles {
    private ApplicationFiles() {}

    /** The jars that this test runs with whose names begin so, and what Hibernate needs. */
    static List<Path> libraries(String... more) {
        List<String> wanted = Stream.concat(
                        Stream.of("hibernate-", "jakarta.", "jboss-logging", "byte-buddy", "jaxb-", "txw2", "istack", "angus",
                                "antlr4-runtime"),
                        Arrays.stream(more))
                .toList();
        return Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator, -1))
                .map(Path::of)
                .filter(path -> path.toString().endsWith(".jar"))
                .filter(path -> wanted.stream().anyMatch(path.getFileName().toString()::startsWith))
                .toList();
    }

    /** A folder of classes: those of the package that the class is in. */
    static Path classes(Path folder, Class<?> inPackage) throws IOException {
        String relative = inPackage.getPackageName().replace('.', '/');
        Path target = Files.createDirectories(folder.resolve(relative));
        try (Stream<Path> files = Files.list(compiled().resolve(relative))) {
            for (Path file : files.filter(file -> file.toString().endsWith(".class")).toList()) {
                Files.copy(file, target.resolve(file.getFileName()));
            }
        }
        return folder;
    }

    private static Path compiled() {
        try {
            return Path.of(ApplicationFiles.class
                    .getProtectionDomain()
                    .getCodeSource()
                    .getLocation()
                    .toURI());
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    static void classPathFile(Path folder, List<Path> libraries) throws IOException {
        Files.writeString(
                folder.resolve("classpath.txt"),
                libraries.stream().map(Path::toString).collect(Collectors.joining(File.pathSeparator)));
    }

    /** A jar as Spring Boot's plugin makes it, without the loader. */
    static Path executableJar(Path jar, Path classes, List<Path> libraries) throws IOException {
        try (var zip = new ZipOutputStream(Files.newOutputStream(jar));
                Stream<Path> files = Files.walk(classes)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                zip.putNextEntry(new ZipEntry("BOOT-INF/classes/" + classes.relativize(file)));
                zip.write(Files.readAllBytes(file));
            }
            for (Path library : libraries) {
                byte[] bytes = Files.readAllBytes(library);
                var entry = new ZipEntry("BOOT-INF/lib/" + library.getFileName());
                var crc = new CRC32();
                crc.update(bytes);
                // Stored, as Boot does, because a jar is compressed already.
                entry.setMethod(ZipEntry.STORED);
                entry.setSize(bytes.length);
                entry.setCrc(crc.getValue());
                zip.putNextEntry(entry);
                zip.write(bytes);
            }
        }
        return jar;
    }

    static Path plainJar(Path jar, Path classes) throws IOException {
        try (var zip = new ZipOutputStream(Files.newOutputStream(jar));
                Stream<Path> files = Files.walk(classes)) {
            files.filter(Files::isRegularFile).forEach(file -> {
                try {
                    zip.putNextEntry(new ZipEntry(classes.relativize(file).toString()));
                    zip.write(Files.readAllBytes(file));
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
        }
        return jar;
    }
}
