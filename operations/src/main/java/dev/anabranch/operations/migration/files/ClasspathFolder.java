// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.operations.migration.files;

import java.io.IOException;
import java.io.InputStream;
import java.net.JarURLConnection;
import java.net.URISyntaxException;
import java.net.URL;
import java.net.URLConnection;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.stream.Stream;

/** The files of SQL in one folder of a class path, by their names. */
final class ClasspathFolder {
    private ClasspathFolder() {}

    /** Those right in the folder; folders beneath it are left out. */
    static Map<String, String> read(URL folder) throws IOException {
        if (folder.getProtocol().equals("file")) {
            return ofFolder(folder);
        }
        URLConnection connection = folder.openConnection();
        if (!(connection instanceof JarURLConnection jar)) {
            throw new IOException("of the kind " + folder.getProtocol() + ":, which cannot be listed");
        }
        // Spring Boot's nested jars are read so, too: its connections are of this class.
        jar.setUseCaches(false);
        try (JarFile file = jar.getJarFile()) {
            return ofJar(file, jar.getEntryName());
        }
    }

    private static Map<String, String> ofFolder(URL folder) throws IOException {
        Map<String, String> found = new TreeMap<>();
        try (Stream<Path> entries = Files.list(Path.of(folder.toURI()))) {
            for (Path entry : entries.filter(Files::isRegularFile).toList()) {
                String name = entry.getFileName().toString();
                if (isSql(name)) {
                    found.put(name, Files.readString(entry));
                }
            }
        } catch (URISyntaxException e) {
            throw new IOException("no folder: " + folder, e);
        }
        return found;
    }

    private static Map<String, String> ofJar(JarFile jar, String folder) throws IOException {
        String prefix = folder.endsWith("/") ? folder : folder + "/";
        Map<String, String> found = new TreeMap<>();
        for (JarEntry entry : Collections.list(jar.entries())) {
            if (!entry.isDirectory() && entry.getName().startsWith(prefix)) {
                String name = entry.getName().substring(prefix.length());
                if (!name.contains("/") && isSql(name)) {
                    try (InputStream content = jar.getInputStream(entry)) {
                        found.put(name, new String(content.readAllBytes(), StandardCharsets.UTF_8));
                    }
                }
            }
        }
        return found;
    }

    private static boolean isSql(String name) {
        return name.endsWith(".sql") && !name.startsWith(".");
    }
}
