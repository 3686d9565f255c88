// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.cli;

import dev.anabranch.cli.client.Change;
import dev.anabranch.cli.terminal.CliFailure;
import dev.anabranch.cli.terminal.Table;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.MissingNode;

/** {@code group}: tables that live together. */
@Command(
        name = "group",
        description = "The groups: tables that live together.",
        synopsisSubcommandLabel = "COMMAND",
        footer = {
            "",
            "Examples:",
            "  anabranch group add people --hash shard-1,shard-2",
            "  anabranch group add billing --global main --schema billing --migrations db/billing --entities billing.jar",
            "  anabranch group add catalog --route public=published",
            "  anabranch group add billing --schema-file schema.sql --extra-file extra.sql",
            "  anabranch group show billing"
        })
final class GroupCommand {
    private final Session session;

    GroupCommand(Session session) {
        this.session = session;
    }

    @Command(
            name = "add",
            aliases = "set",
            description = "Adds a group, or changes those of its properties that are given.",
            footer = {
                "",
                "Files and folders are kept as they are written, for who migrates: the directory opens none of them."
            })
    int add(
            @Parameters(paramLabel = "NAME", description = "The group's name.") String name,
            @Option(
                            names = "--hash",
                            paramLabel = "DB",
                            split = ",",
                            description = "The databases that share its tenants by their hash.")
                    @Nullable List<String> hash,
            @Option(
                            names = "--tenants",
                            paramLabel = "any|listed",
                            description = "Which tenants are served: any valid id, or those listed (a new group's default: any).")
                    @Nullable String tenants,
            @Option(names = "--global", paramLabel = "DB", description = "Needs no tenant: all of it is on one database.")
                    @Nullable String global,
            @Option(
                            names = "--route",
                            paramLabel = "AUDIENCE=DB",
                            description = "Of a global group: the database that answers this audience instead. Repeatable.")
                    @Nullable Map<String, String> routes,
            @Option(names = "--no-route", paramLabel = "AUDIENCE", split = ",", description = "Takes its route away.")
                    @Nullable List<String> noRoutes,
            @Mixin SchemaOptions schema,
            @Option(names = "--force", description = "Also where rows stay behind (admin).") boolean force) {
        boolean routed = routes != null || noRoutes != null;
        boolean unsaid = hash == null && tenants == null && global == null && !schema.given() && !routed;
        if (unsaid || ((global != null || routed) && (hash != null || tenants != null))) {
            throw CliFailure.usage("A group is either sharded or global", "Give --hash DB,DB or --global DB");
        }
        var audiences = routes == null ? Map.<String, String>of() : routes;
        var unrouted = noRoutes == null ? List.<String>of() : noRoutes;
        return session.change(() -> routed(merged(name, hash, tenants, global, schema), name, audiences, unrouted)
                        .forced(force))
                .status();
    }

    /** The routes that the directory has, with those given on top and without those taken away. */
    private Change routed(Change change, String name, Map<String, String> given, List<String> taken) {
        if (given.isEmpty() && taken.isEmpty()) {
            return change;
        }
        Map<String, Object> routes = new LinkedHashMap<>();
        var known = session.directory().find("/v1/groups", name).json().orElse(MissingNode.getInstance());
        known.path("audiences").properties().forEach(route -> routes.put(route.getKey(), route.getValue()));
        routes.putAll(given);
        taken.forEach(routes::remove);
        Map<String, @Nullable Object> body = new LinkedHashMap<>();
        if (change.body() != null) {
            body.putAll(change.body());
        }
        if (!"global".equals(body.get("kind"))) {
            throw CliFailure.usage(
                    "The group '" + name + "' is not global, and only a global one has routes by audience",
                    "Give --global DB, or keep replicas for the audience: anabranch database replica add --audience");
        }
        body.put("audiences", routes);
        return new Change(change.method(), change.path(), body, change.force(), change.check(), change.headers());
    }

    /** What the directory has with what is given on top: it replaces, so what is not given is given as it is. */
    private Change merged(
            String name,
            @Nullable List<String> hash,
            @Nullable String tenants,
            @Nullable String global,
            SchemaOptions schema) {
        var found = session.directory().find("/v1/groups", name);
        var known = found.json().orElse(MissingNode.getInstance());
        Map<String, Object> body = new LinkedHashMap<>();
        boolean wasGlobal = known.path("kind").asString("").equals("global");
        if (global != null || (wasGlobal && hash == null && tenants == null)) {
            body.put("kind", "global");
            body.put("database", global != null ? global : known.path("database"));
        } else {
            body.put("kind", "sharded");
            if (!known.isMissingNode() && !wasGlobal) {
                body.put("hash", known.path("hash"));
                body.put("tenants", known.path("tenants"));
            }
            if (hash != null) {
                body.put("hash", hash);
            }
            if (tenants != null) {
                body.put("tenants", tenants);
            }
            if (!body.containsKey("hash")) {
                throw CliFailure.usage(
                        "There is no " + (tenants == null ? "" : "sharded ") + "group '" + name + "'",
                        "Give --hash DB,DB to add it" + (tenants == null ? ", or --global DB" : ""));
            }
        }
        if (schema.given()) {
            body.put("schema", schema.merged(known.path("schema")));
        }
        return Change.put(Change.path("groups", name), body).from(found.revision());
    }

    @Command(name = "show", description = "Shows a group with the schema that it owns.")
    int show(@Parameters(paramLabel = "NAME", description = "The group's name.") String name) {
        var group = session.directory().get(Change.path("groups", name));
        var table = new Table("property", "value");
        table.row("name", Answers.text(group, "name"));
        table.row("kind", Answers.text(group, "kind"));
        table.row("databases", databases(group));
        table.row("tenants", Answers.text(group, "tenants"));
        table.row("listed", Answers.text(group, "listed"));
        var schema = group.path("schema");
        table.row("schema", Answers.text(schema, "name"));
        table.row("migrations", Answers.text(schema, "migrations"));
        table.row("entities", Answers.text(schema, "entities"));
        table.row("schema file", Answers.text(schema, "file"));
        table.row("extra file", Answers.text(schema, "extra"));
        session.print(group, table);
        return 0;
    }

    private static String databases(JsonNode group) {
        var hash = group.path("hash").valueStream().map(database -> database.asString()).toList();
        if (!hash.isEmpty()) {
            return String.join(",", hash);
        }
        var all = new StringBuilder(Answers.text(group, "database"));
        group.path("audiences").properties().forEach(route ->
                all.append(", ").append(route.getKey()).append(": ").append(route.getValue().asString()));
        return all.toString();
    }

    @Command(name = "list", description = "Lists all groups.")
    int list() {
        var answer = session.directory().get("/v1/groups");
        var table = new Table("name", "kind", "databases", "tenants", "listed", "schema", "migrations");
        for (var row : Answers.items(answer)) {
            table.row(
                    Answers.text(row, "name"),
                    Answers.text(row, "kind"),
                    databases(row),
                    Answers.text(row, "tenants"),
                    Answers.text(row, "listed"),
                    Answers.text(row.path("schema"), "name"),
                    Answers.text(row.path("schema"), "migrations"));
        }
        session.print(answer, table);
        return 0;
    }

    @Command(name = "remove", description = "Removes a group that lists no tenants any more.")
    int remove(
            @Parameters(paramLabel = "NAME", description = "The group's name.") String name,
            @Option(names = "--force", description = "Also where rows stay behind (admin).") boolean force) {
        return session.change(() -> session.removal("groups", name).forced(force)).status();
    }
}
