// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.topology;

import dev.anabranch.problem.AnabranchException;
import dev.anabranch.problem.ErrorCode;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The schema that a group owns in each of its databases, and where its definition lies. With MariaDB and MySQL, where a
 * schema is a database, it is a database of that name on the same server.
 *
 * @param name the schema's name: lower-case letters, digits and {@code _}, at most 63
 * @param migrationsFolder the folder of {@code V<number>__name.sql}; null where nobody has said
 * @param desiredState what the next migration is generated from; null where nothing is generated
 */
public record GroupSchema(String name, @Nullable String migrationsFolder, @Nullable Desired desiredState) {
    private static final Pattern NAME = Pattern.compile("[a-z_][a-z0-9_]{0,62}");
    /** PostgreSQL's, MariaDB's and MySQL's own. */
    private static final Set<String> SERVERS = Set.of("information_schema", "mysql", "performance_schema", "sys");

    /**
     * @throws AnabranchException {@link ErrorCode#CONFIGURATION_INVALID} for a name that would need quotes, or that belongs
     *     to the server
     */
    public GroupSchema {
        if (!NAME.matcher(name).matches() || name.startsWith("pg_") || SERVERS.contains(name)) {
            throw new AnabranchException(
                    ErrorCode.CONFIGURATION_INVALID,
                    "'" + name + "' cannot be a group's schema",
                    "Use at most 63 lower-case letters, digits and _, not beginning with a digit or pg_, and none of " + SERVERS.stream().sorted().toList());
        }
    }

    /** The folder of migrations. */
    public Optional<String> migrations() {
        return Optional.ofNullable(migrationsFolder);
    }

    /** What the next migration is generated from. */
    public Optional<Desired> desired() {
        return Optional.ofNullable(desiredState);
    }

    /**
     * What the schema shall look like.
     *
     * @param entities a jar, or a folder of classes, with JPA entities; null where a file of SQL says it
     * @param schemaFile a file of SQL that makes the whole schema; null where entities say it
     * @param extraFile more SQL, run after the entities' or the file's; may be null
     */
    public record Desired(@Nullable String entities, @Nullable String schemaFile, @Nullable String extraFile) {
        /**
         * @throws AnabranchException {@link ErrorCode#CONFIGURATION_INVALID} unless exactly one of entities and file is given
         */
        public Desired {
            if ((entities == null) == (schemaFile == null)) {
                throw new AnabranchException(
                        ErrorCode.CONFIGURATION_INVALID,
                        "A desired state comes either from entities or from a file of SQL",
                        "Give desired.entities or desired.schema, and one of them alone");
            }
        }
    }
}
