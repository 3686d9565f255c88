// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.operations.migration.desired;

import dev.anabranch.problem.AnabranchException;
import dev.anabranch.problem.ErrorCode;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The SQL that Hibernate writes for an application's entities: exported by the application's own Hibernate, in a JVM of its
 * own that connects to no database.
 */
final class EntitySql {
    private static final Set<String> KEPT_VARIABLES = Set.of("PATH", "HOME", "LANG", "LC_ALL", "TZ", "TMPDIR");
    private static final String EXPORTER = EntityExport.class.getName().replace('.', '/') + ".class";

    private final Path entities;
    private final int serverVersion;
    private final Duration limit;

    /**
     * @param entities a jar or a folder of classes
     * @param serverVersion PostgreSQL's major version, for which the SQL is written
     * @param limit how long the export may take
     */
    EntitySql(Path entities, int serverVersion, Duration limit) {
        this.entities = entities;
        this.serverVersion = serverVersion;
        this.limit = limit;
    }

    /**
     * Exports.
     *
     * @throws AnabranchException {@link ErrorCode#CONFIGURATION_INVALID} where there are no entities, no Hibernate, or
     *     Hibernate fails
     */
    SqlSource export() {
        try {
            Path temporary = Files.createTempDirectory("anabranch-entities-");
            try {
                return export(temporary);
            } finally {
                delete(temporary);
            }
        } catch (IOException e) {
            throw invalid("The entities of " + entities + " cannot be exported (" + e + ")", "Look at the cause", e);
        }
    }

    private SqlSource export(Path temporary) throws IOException {
        EntityClassPath classPath = EntityClassPath.of(entities, temporary);
        EntityScan scan = EntityScan.of(classPath.own(), classPath.libraries());
        if (scan.classes().isEmpty()) {
            throw invalid(
                    "There is no class annotated @Entity in " + entities.toAbsolutePath(),
                    "Build the application first (mvn package), or correct the group's desired.entities",
                    null);
        }
        Path script = temporary.resolve("entities.sql");
        Path request = temporary.resolve("request.properties");
        try (Writer writer = Files.newBufferedWriter(request)) {
            properties(classPath, scan, script).store(writer, null);
        }
        Path exporter = temporary.resolve("exporter");
        Path classFile = exporter.resolve(EXPORTER);
        Files.createDirectories(classFile.getParent());
        try (InputStream bytes = EntitySql.class.getClassLoader().getResourceAsStream(EXPORTER)) {
            if (bytes == null) {
                throw new IOException(EXPORTER + " is not on the class path");
            }
            Files.copy(bytes, classFile);
        }
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        // Started once and short: compiling hot code is not worth it. Not on the heap of a large application either.
        command.addAll(List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xmx512m", "-Dfile.encoding=UTF-8"));
        command.add("-cp");
        command.add(Stream.concat(Stream.of(exporter), classPath.all().stream())
                .map(Path::toString)
                .reduce((left, right) -> left + File.pathSeparator + right)
                .orElseThrow());
        command.add(EntityExport.class.getName());
        command.add(request.toString());
        run(command, temporary);
        return new SqlSource("the SQL of the entities of " + entities, Files.readString(script));
    }

    private Properties properties(EntityClassPath classPath, EntityScan scan, Path script) {
        Properties request = new Properties();
        request.setProperty(EntityExport.TARGET, script.toString());
        scan.classes().forEach(name -> request.setProperty(EntityExport.TYPE + name, ""));
        scan.packages().forEach(name -> request.setProperty(EntityExport.PACKAGE + name, ""));
        request.setProperty(EntityExport.SETTING + "hibernate.dialect", "org.hibernate.dialect.PostgreSQLDialect");
        SpringSettings.of(classPath.own()).forEach((key, value) -> request.setProperty(EntityExport.SETTING + key, value));
        request.setProperty(EntityExport.SETTING + "jakarta.persistence.database-product-name", "PostgreSQL");
        request.setProperty(
                EntityExport.SETTING + "jakarta.persistence.database-major-version", Integer.toString(serverVersion));
        return request;
    }

    private void run(List<String> command, Path temporary) throws IOException {
        Path output = temporary.resolve("output.txt");
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(temporary.toFile())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile());
        // The application's classes run there; they need none of the passwords that whoever migrates has in variables.
        builder.environment().keySet().retainAll(KEPT_VARIABLES);
        Process process = builder.start();
        boolean ended;
        try {
            process.getOutputStream().close();
            ended = process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw invalid("The export of the entities of " + entities + " was interrupted", "Try again", e);
        } finally {
            process.destroyForcibly();
        }
        if (!ended) {
            throw invalid(
                    "Hibernate's export of the entities of " + entities + " was not done in " + limit.toSeconds() + " s"
                            + last(output),
                    "Look at what it waits for; it needs no connection to anything",
                    null);
        }
        if (process.exitValue() != 0) {
            throw invalid(
                    "Hibernate cannot export the entities of " + entities + " (exit code " + process.exitValue() + ")"
                            + last(output),
                    "Correct the mapping; the application would not start with it either",
                    null);
        }
    }

    /** What explains a failure: the causes of the exception, else the last lines. */
    private static String last(Path output) throws IOException {
        List<String> lines = new String(Files.readAllBytes(output), StandardCharsets.UTF_8)
                .lines()
                .filter(line -> !line.isBlank())
                .toList();
        List<String> causes = lines.stream()
                .filter(line -> line.startsWith("Exception in thread") || line.startsWith("Caused by:"))
                .toList();
        List<String> told = causes.isEmpty() ? lines.subList(Math.max(0, lines.size() - 5), lines.size()) : causes;
        return told.isEmpty() ? "" : ": " + String.join("; ", told.stream().map(String::strip).toList());
    }

    private static void delete(Path folder) {
        try (Stream<Path> found = Files.walk(folder)) {
            for (Path path : found.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(path);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static AnabranchException invalid(String problem, String hint, @Nullable Throwable cause) {
        return new AnabranchException(ErrorCode.CONFIGURATION_INVALID, problem, hint, cause);
    }
}
