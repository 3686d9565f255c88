// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.operations.migration.desired;

import java.io.IOException;
import java.lang.classfile.Annotation;
import java.lang.classfile.AnnotationElement;
import java.lang.classfile.AnnotationValue;
import java.lang.classfile.Attributes;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.constant.ClassDesc;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Set;
import java.util.TreeSet;
import java.util.jar.JarEntry;
import java.util.jar.JarInputStream;

/**
 * The classes that JPA maps, found by reading class files; none is loaded.
 *
 * <p>Where a class of the application is annotated {@code @SpringBootApplication}, its package and those beneath are the ones
 * that Spring Boot maps (or those that {@code @EntityScan} names), in the application and in its libraries. Otherwise all
 * that are in the jar or the folder itself.
 */
final class EntityScan {
    private static final Set<String> MAPPED = Set.of(
            "jakarta.persistence.Entity",
            "jakarta.persistence.MappedSuperclass",
            "jakarta.persistence.Embeddable",
            "jakarta.persistence.Converter");
    private static final Set<String> BOOT = Set.of(
            "org.springframework.boot.autoconfigure.SpringBootApplication",
            "org.springframework.boot.autoconfigure.EnableAutoConfiguration");
    private static final Set<String> ENTITY_SCAN = Set.of(
            "org.springframework.boot.persistence.autoconfigure.EntityScan",
            "org.springframework.boot.autoconfigure.domain.EntityScan");

    private final Set<String> classes = new TreeSet<>();
    private final Set<String> packages = new TreeSet<>();
    private final Set<String> bootPackages = new TreeSet<>();
    private final Set<String> scannedPackages = new TreeSet<>();

    /**
     * Reads class files.
     *
     * @param own the application's classes: folders and jars
     * @param libraries the jars beside them
     */
    static EntityScan of(Iterable<Path> own, Iterable<Path> libraries) throws IOException {
        var scan = new EntityScan();
        for (Path path : own) {
            scan.read(path, "");
        }
        Set<String> roots = scan.scannedPackages.isEmpty() ? scan.bootPackages : scan.scannedPackages;
        if (!roots.isEmpty()) {
            for (Path jar : libraries) {
                scan.read(jar, roots.size() == 1 ? roots.iterator().next().replace('.', '/') : "");
            }
            scan.classes.removeIf(name -> !isBelow(roots, name));
            scan.packages.removeIf(name -> !isBelow(roots, name + ".package-info"));
        }
        return scan;
    }

    private static boolean isBelow(Set<String> roots, String className) {
        return roots.stream().anyMatch(root -> root.isEmpty() || className.startsWith(root + "."));
    }

    /** Entities, mapped superclasses, embeddables and converters, by binary name. */
    Set<String> classes() {
        return classes;
    }

    /** Packages with annotations of Hibernate's. */
    Set<String> packages() {
        return packages;
    }

    private void read(Path path, String prefix) throws IOException {
        if (Files.isDirectory(path)) {
            Files.walkFileTree(path, new SimpleFileVisitor<>() {
                @Override
                public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                    if (file.toString().endsWith(".class")) {
                        read(Files.readAllBytes(file));
                    }
                    return FileVisitResult.CONTINUE;
                }
            });
            return;
        }
        // As a stream: a jar opened as a JarFile stays in a cache that may outlive the temporary file.
        try (var jar = new JarInputStream(Files.newInputStream(path), false)) {
            for (JarEntry entry = jar.getNextJarEntry(); entry != null; entry = jar.getNextJarEntry()) {
                String name = entry.getName();
                // A multi-release jar's versions are the same classes once more.
                if (name.endsWith(".class") && name.startsWith(prefix) && !name.startsWith("META-INF/")) {
                    read(jar.readAllBytes());
                }
            }
        }
    }

    private void read(byte[] classFile) {
        ClassModel model;
        try {
            model = ClassFile.of().parse(classFile);
        } catch (IllegalArgumentException e) {
            // No class file, or one of a newer Java: the child JVM says so where it matters.
            return;
        }
        String name = model.thisClass().asInternalName().replace('/', '.');
        model.findAttribute(Attributes.runtimeVisibleAnnotations())
                .ifPresent(found -> found.annotations().forEach(annotation -> look(name, annotation)));
    }

    private void look(String className, Annotation annotation) {
        String type = name(annotation.classSymbol());
        int dot = className.lastIndexOf('.');
        String inPackage = dot < 0 ? "" : className.substring(0, dot);
        if (MAPPED.contains(type)) {
            classes.add(className);
        } else if (BOOT.contains(type)) {
            bootPackages.add(inPackage);
        } else if (ENTITY_SCAN.contains(type)) {
            int before = scannedPackages.size();
            annotation.elements().forEach(this::scanned);
            if (scannedPackages.size() == before) {
                scannedPackages.add(inPackage);
            }
        } else if (className.endsWith(".package-info") && type.startsWith("org.hibernate.annotations.")) {
            packages.add(inPackage);
        }
    }

    private void scanned(AnnotationElement element) {
        if (element.value() instanceof AnnotationValue.OfArray array) {
            for (AnnotationValue value : array.values()) {
                if (value instanceof AnnotationValue.OfString text) {
                    scannedPackages.add(text.stringValue());
                } else if (value instanceof AnnotationValue.OfClass type) {
                    scannedPackages.add(type.classSymbol().packageName());
                }
            }
        }
    }

    private static String name(ClassDesc type) {
        String inPackage = type.packageName();
        return inPackage.isEmpty() ? type.displayName() : inPackage + "." + type.displayName();
    }
}
