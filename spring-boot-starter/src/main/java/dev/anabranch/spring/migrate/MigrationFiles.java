// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.spring.migrate;

import dev.anabranch.operations.migration.files.MigrationFile;
import dev.anabranch.operations.migration.files.MigrationSet;
import dev.anabranch.problem.AnabranchException;
import dev.anabranch.problem.ErrorCode;
import dev.anabranch.topology.Flavor;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.springframework.core.io.Resource;
import org.springframework.core.io.support.ResourcePatternResolver;

/** The application's migrations, in its jar or in a folder, for each flavor. Safe for use by many threads. */
final class MigrationFiles {
    private final ResourcePatternResolver resources;
    private final String location;
    private final Map<Flavor, Optional<MigrationSet>> read = new ConcurrentHashMap<>();

    /**
     * @param location {@code classpath:db/migration}, {@code file:/path}, or a path on the class path
     */
    MigrationFiles(ResourcePatternResolver resources, String location) {
        this.resources = resources;
        this.location = location.replaceFirst("/+$", "");
    }

    /** Where they are, as it is configured. */
    String location() {
        return location;
    }

    /**
     * The migrations for a flavor; empty where there are none for any.
     *
     * @throws AnabranchException {@link ErrorCode#MIGRATION_INVALID} where they cannot be used, or are for other flavors alone
     */
    Optional<MigrationSet> of(Flavor flavor) {
        return read.computeIfAbsent(flavor, this::read);
    }

    private Optional<MigrationSet> read(Flavor flavor) {
        for (String folder : folders(flavor)) {
            List<Resource> files = list(folder + "/*.sql");
            if (!files.isEmpty()) {
                refuseCommonBesideOwn(flavor, folder, files);
                String origin = location + folder;
                return Optional.of(new MigrationSet(
                        origin, files.stream().map(file -> read(origin, file)).toList()));
            }
        }
        List<Resource> others = list("/**/*.sql");
        if (!others.isEmpty()) {
            throw new AnabranchException(
                    ErrorCode.MIGRATION_INVALID,
                    "The migrations at " + location + " are for other flavors than " + flavor.id() + ", for example "
                            + others.getFirst().getDescription(),
                    "Add the folder " + location + "/" + flavor.id() + ", or move files that suit every flavor to " + location);
        }
        return Optional.empty();
    }

    /** Both would have to be one history, and neither its order nor what the other flavors run is plain to see. */
    private void refuseCommonBesideOwn(Flavor flavor, String folder, List<Resource> own) {
        List<Resource> common = folder.isEmpty() ? List.of() : list("/*.sql");
        if (!common.isEmpty()) {
            throw new AnabranchException(
                    ErrorCode.MIGRATION_INVALID,
                    "There are migrations both at " + location + " (" + common.getFirst().getFilename() + ") and at "
                            + location + folder + " (" + own.getFirst().getFilename() + "), and " + flavor.id()
                            + " would run the latter alone",
                    "Put all that " + flavor.id() + " runs into " + location + folder
                            + ", and what the other flavors run into folders of theirs");
        }
    }

    /** MariaDB and MySQL take each other's where they have none of their own. */
    private static List<String> folders(Flavor flavor) {
        return switch (flavor) {
            case POSTGRES -> List.of("/postgres", "");
            case MYSQL -> List.of("/mysql", "/mariadb", "");
            case MARIADB -> List.of("/mariadb", "/mysql", "");
        };
    }

    private List<Resource> list(String pattern) {
        try {
            List<Resource> files = new ArrayList<>();
            for (Resource file : resources.getResources(root() + pattern)) {
                if (!Objects.requireNonNullElse(file.getFilename(), ".").startsWith(".")) {
                    files.add(file);
                }
            }
            return files;
        } catch (IOException e) {
            throw unreadable(location, e);
        }
    }

    /** All places of that name on the class path, so that two jars with migrations are noticed. */
    private String root() {
        return location.startsWith("classpath:")
                ? ResourcePatternResolver.CLASSPATH_ALL_URL_PREFIX + location.substring("classpath:".length())
                : location.contains(":") ? location : ResourcePatternResolver.CLASSPATH_ALL_URL_PREFIX + location;
    }

    private static MigrationFile read(String origin, Resource file) {
        try {
            return MigrationSet.file(
                    origin, Objects.requireNonNull(file.getFilename()), file.getContentAsString(StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw unreadable(file.getDescription(), e);
        }
    }

    private static AnabranchException unreadable(String what, IOException e) {
        return new AnabranchException(
                ErrorCode.MIGRATION_INVALID,
                "The migrations at " + what + " cannot be read (" + e.getClass().getSimpleName() + ")",
                "Correct anabranch.migrate.location, and check that this process may read the files",
                e);
    }
}
