// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.operations.migration.files;

import dev.anabranch.problem.AnabranchException;
import dev.anabranch.problem.ErrorCode;
import java.io.IOException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A group's migrations, read at one moment: what happens to the files afterwards changes nothing here. Immutable.
 *
 * @param origin where they come from, for messages
 * @param files by version, without a gap
 */
public record MigrationSet(String origin, List<MigrationFile> files) {
    private static final Pattern NAME = Pattern.compile("V(\\d{1,18})__(\\w+)\\.sql");

    /**
     * Sorts the files by version.
     *
     * @throws AnabranchException {@link ErrorCode#MIGRATION_INVALID} for a gap or a duplicate
     */
    public MigrationSet {
        files = files.stream()
                .sorted(Comparator.comparingLong(MigrationFile::version))
                .toList();
        Map<Long, MigrationFile> seen = new HashMap<>();
        long expected = files.isEmpty() ? 0 : files.getFirst().version();
        for (MigrationFile file : files) {
            MigrationFile twin = seen.put(file.version(), file);
            if (twin != null) {
                throw invalid(
                        "Two files have the version " + file.version() + ": " + twin.fileName() + " and " + file.fileName()
                                + " in " + origin,
                        "Give the one that was applied nowhere the next free number");
            }
            if (file.version() != expected) {
                throw invalid(
                        "The version " + expected + " is missing before " + file.fileName() + " in " + origin,
                        "Restore the file, or number the later ones without a gap");
            }
            expected++;
        }
    }

    /**
     * The migrations of a folder. Other files there are ignored, unless they look like a migration that is misspelt.
     *
     * @throws AnabranchException {@link ErrorCode#MIGRATION_INVALID} where the folder or a file cannot be read, or a name is
     *     not of the form {@code V<number>__name.sql}
     */
    public static MigrationSet ofFolder(Path folder) {
        List<MigrationFile> files = new ArrayList<>();
        try (Stream<Path> entries = Files.list(folder)) {
            for (Path entry : entries.filter(Files::isRegularFile).toList()) {
                String name = entry.getFileName().toString();
                if (name.endsWith(".sql") && !name.startsWith(".")) {
                    files.add(file(folder.toString(), name, Files.readString(entry)));
                }
            }
        } catch (IOException e) {
            throw new AnabranchException(
                    ErrorCode.MIGRATION_INVALID,
                    "The folder of migrations " + folder.toAbsolutePath() + " cannot be read ("
                            + e.getClass().getSimpleName() + ")",
                    "Make it, or correct the group's migrations",
                    e);
        }
        return new MigrationSet(folder.toString(), files);
    }

    /**
     * The migrations at a place of the class path: folders, jars, and jars within Spring Boot's executable ones. Where several
     * of them have the place, their files are one set, and the same file twice is one file.
     *
     * @param loader whose class path
     * @param location for example {@code db/billing}; a {@code classpath:} before it is passed over
     * @throws AnabranchException {@link ErrorCode#MIGRATION_INVALID} where there is no such place, it cannot be read, or a name
     *     is not of the form {@code V<number>__name.sql}
     */
    public static MigrationSet ofClasspath(ClassLoader loader, String location) {
        String place = location.replaceFirst("^classpath\\*?:", "").replaceAll("^/+|/+$", "");
        String origin = "classpath:" + place;
        Map<String, MigrationFile> files = new TreeMap<>();
        try {
            List<URL> urls = Collections.list(loader.getResources(place));
            if (urls.isEmpty()) {
                throw invalid(
                        "There are no migrations at " + origin,
                        "Put them there, or correct the group's migrations; a jar must list its folders as entries");
            }
            for (URL url : urls) {
                for (Map.Entry<String, String> found : ClasspathFolder.read(url).entrySet()) {
                    MigrationFile file = file(origin, found.getKey(), found.getValue());
                    MigrationFile twin = files.put(file.fileName(), file);
                    if (twin != null && !twin.sql().equals(file.sql())) {
                        throw invalid(
                                "The class path has two different files " + origin + "/" + file.fileName(),
                                "Remove one of them, or give it a place of its own");
                    }
                }
            }
        } catch (IOException e) {
            throw new AnabranchException(
                    ErrorCode.MIGRATION_INVALID,
                    "The migrations at " + origin + " cannot be read (" + e.getMessage() + ")",
                    "Correct the group's migrations",
                    e);
        }
        return new MigrationSet(origin, List.copyOf(files.values()));
    }

    /**
     * A file of that name.
     *
     * @param origin where it comes from, for messages
     * @throws AnabranchException {@link ErrorCode#MIGRATION_INVALID} where the name is not of the form
     */
    public static MigrationFile file(String origin, String name, String sql) {
        Matcher parts = NAME.matcher(name);
        if (!parts.matches() || Long.parseLong(parts.group(1)) == 0) {
            throw invalid(
                    "The file " + name + " in " + origin + " is not named like a migration",
                    "Name it V<number>__<words_with_underscores>.sql, from V1 on, or keep it elsewhere");
        }
        return new MigrationFile(Long.parseLong(parts.group(1)), parts.group(2).replace('_', ' '), name, sql);
    }

    /** The highest version; 0 without any file. */
    public long head() {
        return files.isEmpty() ? 0 : files.getLast().version();
    }

    /** The files up to and with this version. */
    public MigrationSet upTo(long version) {
        return new MigrationSet(
                origin, files.stream().filter(file -> file.version() <= version).toList());
    }

    private static AnabranchException invalid(String problem, String hint) {
        return new AnabranchException(ErrorCode.MIGRATION_INVALID, problem, hint);
    }
}
