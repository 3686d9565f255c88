// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.operations.migration.desired;

import dev.anabranch.problem.AnabranchException;
import dev.anabranch.problem.ErrorCode;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.stream.Stream;

/**
 * Where an application's classes are, and the libraries that it runs with.
 *
 * <p>An executable jar of Spring Boot (or a war) has all of them inside. A plain jar and a folder of classes have them beside:
 * a {@code classpath.txt} as {@code mvn dependency:build-classpath -Dmdep.outputFile=target/classpath.txt} writes it, a folder
 * of jars called {@code lib}, {@code libs} or {@code dependency}, or the executable jar made from the same classes.
 *
 * @param own the application's classes and resources
 * @param libraries jars
 */
record EntityClassPath(List<Path> own, List<Path> libraries) {
    private static final String HOW =
            "Give the executable jar of Spring Boot as the group's desired.entities, or put the application's libraries beside"
                    + " its classes: mvn dependency:copy-dependencies (into target/dependency), or"
                    + " mvn dependency:build-classpath -Dmdep.outputFile=target/classpath.txt";
    private static final List<String> INSIDE = List.of("BOOT-INF/", "WEB-INF/");
    private static final List<String> BESIDE = List.of("lib", "libs", "dependency", "dependencies");
    /** From target/classes to target, and from build/classes/java/main to build. */
    private static final int HIGHEST = 3;

    /**
     * Finds them.
     *
     * @param entities a jar or a folder of classes
     * @param temporary a folder for what an executable jar has inside
     * @throws AnabranchException {@link ErrorCode#CONFIGURATION_INVALID} where there are none, or no Hibernate among them
     */
    static EntityClassPath of(Path entities, Path temporary) throws IOException {
        Path from = entities.toAbsolutePath().normalize();
        EntityClassPath found;
        if (Files.isDirectory(from)) {
            List<Path> own = new ArrayList<>(List.of(from));
            // Gradle keeps resources apart: build/classes/java/main, build/resources/main.
            Path resources = from.resolve("../../../resources/main").normalize();
            if (from.endsWith(Path.of("classes", "java", "main")) && Files.isDirectory(resources)) {
                own.add(resources);
            }
            found = new EntityClassPath(own, beside(from, temporary));
        } else if (Files.isRegularFile(from)) {
            Optional<EntityClassPath> unpacked = unpacked(from, temporary);
            found = unpacked.isPresent()
                    ? unpacked.get()
                    : new EntityClassPath(List.of(from), beside(from, temporary));
        } else {
            throw new AnabranchException(
                    ErrorCode.CONFIGURATION_INVALID,
                    "There is no jar and no folder of classes at " + from + ", where the group's desired.entities points",
                    "Build the application first (mvn package), or correct the path");
        }
        if (!found.hasHibernate()) {
            throw new AnabranchException(
                    ErrorCode.CONFIGURATION_INVALID,
                    "Hibernate is not among the libraries of " + from + " (" + found.libraries.size()
                            + " found inside and beside it)",
                    HOW);
        }
        return found;
    }

    /** All of it, in order. */
    List<Path> all() {
        return Stream.concat(own.stream(), libraries.stream()).toList();
    }

    private boolean hasHibernate() throws IOException {
        for (Path path : all()) {
            String wanted = "org/hibernate/boot/MetadataSources.class";
            if (Files.isDirectory(path)) {
                if (Files.exists(path.resolve(wanted))) {
                    return true;
                }
            } else {
                try (var jar = new JarFile(path.toFile())) {
                    if (jar.getEntry(wanted) != null) {
                        return true;
                    }
                }
            }
        }
        return false;
    }

    private static List<Path> beside(Path classes, Path temporary) throws IOException {
        Path folder = classes;
        for (int up = 0; up < HIGHEST; up++) {
            folder = folder.getParent();
            if (folder == null) {
                break;
            }
            Set<Path> jars = new LinkedHashSet<>();
            Path text = folder.resolve("classpath.txt");
            if (Files.isRegularFile(text)) {
                for (String entry : Files.readString(text).strip().split(File.pathSeparator, -1)) {
                    Path path = folder.resolve(entry);
                    if (Files.exists(path)) {
                        jars.add(path);
                    }
                }
            }
            for (String name : BESIDE) {
                jars.addAll(jars(folder.resolve(name)));
            }
            jars.remove(classes);
            if (new EntityClassPath(List.of(), List.copyOf(jars)).hasHibernate()) {
                return List.copyOf(jars);
            }
            for (Path jar : Stream.concat(jars(folder).stream(), jars(folder.resolve("libs")).stream())
                    .toList()) {
                Optional<EntityClassPath> unpacked = jar.equals(classes) ? Optional.empty() : unpacked(jar, temporary);
                if (unpacked.isPresent() && unpacked.get().hasHibernate()) {
                    return unpacked.get().libraries;
                }
            }
        }
        return List.of();
    }

    private static List<Path> jars(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.filter(Files::isRegularFile)
                    .filter(file -> file.toString().endsWith(".jar"))
                    .sorted()
                    .toList();
        }
    }

    /** What an executable jar or a war has inside; nothing for another jar. */
    private static Optional<EntityClassPath> unpacked(Path jar, Path temporary) throws IOException {
        Path folder = temporary.resolve("unpacked");
        List<Path> libraries = new ArrayList<>();
        boolean found = false;
        try (var file = new JarFile(jar.toFile())) {
            for (JarEntry entry : (Iterable<JarEntry>) file.stream()::iterator) {
                String name = entry.getName();
                for (String inside : INSIDE) {
                    boolean ownClass = name.startsWith(inside + "classes/");
                    boolean library = name.startsWith(inside + "lib/") && name.endsWith(".jar");
                    if (entry.isDirectory() || !(ownClass || library)) {
                        continue;
                    }
                    found = true;
                    Path target = folder.resolve(ownClass ? "classes" : "lib")
                            .resolve(name.substring(name.indexOf('/', inside.length()) + 1))
                            .normalize();
                    if (!target.startsWith(folder)) {
                        throw new IOException("An entry of " + jar + " points outside of it");
                    }
                    Files.createDirectories(target.getParent());
                    try (InputStream bytes = file.getInputStream(entry)) {
                        Files.copy(bytes, target, java.nio.file.StandardCopyOption.REPLACE_EXISTING);
                    }
                    if (library) {
                        libraries.add(target);
                    }
                }
            }
        } catch (java.util.zip.ZipException e) {
            throw new AnabranchException(
                    ErrorCode.CONFIGURATION_INVALID,
                    jar + " is not a jar",
                    "Point the group's desired.entities to a jar or to a folder of classes",
                    e);
        }
        if (!found) {
            return Optional.empty();
        }
        Path classes = Files.createDirectories(folder.resolve("classes"));
        return Optional.of(new EntityClassPath(List.of(classes), libraries));
    }
}
