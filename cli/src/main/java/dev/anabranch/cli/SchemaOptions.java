// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.cli;

import dev.anabranch.cli.terminal.CliFailure;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import tools.jackson.databind.JsonNode;

/** The schema that a group owns, and where its definition lies. */
final class SchemaOptions {
    @Option(names = "--schema", paramLabel = "NAME", description = "The schema that the group owns; given once.")
    @Nullable String name;

    @Option(names = "--migrations", paramLabel = "FOLDER", description = "Its folder of V<number>__name.sql.")
    @Nullable String migrations;

    @Option(
            names = "--entities",
            paramLabel = "JAR|FOLDER",
            description = "JPA entities, from which the next migration is generated.")
    @Nullable String entities;

    @Option(names = "--schema-file", paramLabel = "FILE", description = "SQL that makes the schema, instead of entities.")
    @Nullable String schemaFile;

    @Option(names = "--extra-file", paramLabel = "FILE", description = "More SQL, run after the entities' or the file's.")
    @Nullable String extraFile;

    /** Whether any of them is given. */
    boolean given() {
        return name != null || migrations != null || entities != null || schemaFile != null || extraFile != null;
    }

    /**
     * What the directory has with what is given on top.
     *
     * @param known the group's schema as the directory tells it, or a missing node
     */
    Map<String, Object> merged(JsonNode known) {
        if (entities != null && schemaFile != null) {
            throw CliFailure.usage("--entities and --schema-file exclude each other", "Give one of them");
        }
        Map<String, Object> schema = new LinkedHashMap<>();
        known.properties().forEach(member -> schema.put(member.getKey(), member.getValue()));
        if (entities != null || schemaFile != null) {
            // one takes the other's place
            schema.remove("entities");
            schema.remove("file");
        }
        put(schema, "name", name);
        put(schema, "migrations", migrations);
        put(schema, "entities", entities);
        put(schema, "file", schemaFile);
        put(schema, "extra", extraFile);
        if (!schema.containsKey("name")) {
            throw CliFailure.usage("The group owns no schema", "Give --schema NAME too");
        }
        return schema;
    }

    private static void put(Map<String, Object> schema, String member, @Nullable String value) {
        if (value != null) {
            schema.put(member, value);
        }
    }
}
