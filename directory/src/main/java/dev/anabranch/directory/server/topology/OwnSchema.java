// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.directory.server.topology;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.anabranch.directory.server.problem.ProblemCode;
import dev.anabranch.directory.server.problem.ProblemException;
import dev.anabranch.topology.GroupSchema;
import io.swagger.v3.oas.annotations.media.Schema;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The schema that a group owns in each of its databases, and where its definition lies: paths as who migrates finds
 * them, which the directory stores and does not open.
 *
 * @param name the schema's name
 * @param migrations the folder of {@code V<number>__name.sql}
 * @param entities a jar or a folder of classes with JPA entities, from which the next migration is generated
 * @param file a file of SQL instead of entities
 * @param extra more SQL, run after the entities' or the file's
 */
@Schema(name = "GroupSchema")
@JsonInclude(JsonInclude.Include.NON_NULL)
public record OwnSchema(
        @Nullable @Schema(example = "people") String name,
        @Nullable @Schema(example = "db/people") String migrations,
        @Nullable @Schema(example = "people.jar") String entities,
        @Nullable @Schema(example = "schema.sql", description = "Instead of entities") String file,
        @Nullable @Schema(example = "extra.sql", description = "Run after the entities' SQL or the file") String extra) {
    private static final Pattern PATH = Pattern.compile("(?!\\s)[^\\p{Cntrl}\\p{Cf}\\u2028\\u2029]{1,1024}(?<!\\s)");

    /** As it is told. */
    static @Nullable OwnSchema of(@Nullable GroupSchema schema) {
        if (schema == null) {
            return null;
        }
        GroupSchema.Desired desired = schema.desiredState();
        return new OwnSchema(
                schema.name(),
                schema.migrationsFolder(),
                desired == null ? null : desired.entities(),
                desired == null ? null : desired.schemaFile(),
                desired == null ? null : desired.extraFile());
    }

    /** The schema after a change: what is given, or else what is stored; its name stays. */
    static @Nullable GroupSchema checked(String group, @Nullable OwnSchema given, @Nullable GroupSchema stored) {
        if (given == null) {
            return stored;
        }
        String name = given.name();
        if (name == null) {
            throw new ProblemException(
                    ProblemCode.CONFIGURATION_INVALID,
                    "The schema of the group '" + group + "' is given without a name",
                    List.of("Send {\"schema\":{\"name\":\"billing\",\"migrations\":\"db/billing\"}}"));
        }
        if (stored != null && !stored.name().equals(name)) {
            throw new ProblemException(
                    ProblemCode.SCHEMA_FIXED,
                    "The group '" + group + "' owns the schema '" + stored.name() + "', and its tables would not follow to '"
                            + printable(name) + "'");
        }
        for (String path : Arrays.asList(given.migrations(), given.entities(), given.file(), given.extra())) {
            if (path != null && !PATH.matcher(path).matches()) {
                throw new ProblemException(
                        ProblemCode.CONFIGURATION_INVALID,
                        "A path of the schema '" + printable(name) + "' is blank, begins or ends with white space, has a"
                                + " character that is not printed, or more than 1,024");
            }
        }
        if (given.entities() == null && given.file() == null) {
            if (given.extra() != null) {
                throw new ProblemException(
                        ProblemCode.CONFIGURATION_INVALID,
                        "The schema '" + printable(name) + "' has extra SQL, and nothing that it adds to",
                        List.of("Give entities or file too"));
            }
            return new GroupSchema(name, given.migrations(), null);
        }
        GroupSchema.Desired desired = new GroupSchema.Desired(given.entities(), given.file(), given.extra());
        return new GroupSchema(name, given.migrations(), desired);
    }

    private static String printable(String name) {
        return name.length() > 64 || !PATH.matcher(name).matches() ? "…" : name;
    }
}
