// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.cli;

import dev.anabranch.Settings;
import dev.anabranch.cli.terminal.CliFailure;
import dev.anabranch.cli.terminal.ExitCode;
import dev.anabranch.cli.terminal.Table;
import dev.anabranch.operations.migration.apply.Target;
import dev.anabranch.operations.migration.files.MigrationSet;
import dev.anabranch.operations.migration.run.MigrationPlaces;
import dev.anabranch.topology.Group;
import dev.anabranch.topology.GroupSchema;
import dev.anabranch.topology.Topology;
import dev.anabranch.topology.TopologyReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Which group's migrations, and on which of its databases: what all {@code migrate} commands ask for. */
final class MigrateScope {
    private static final Path USUAL_FILE = Path.of("anabranch.yaml");

    @Option(
            names = {"-s", "--service", "--group"},
            paramLabel = "NAME",
            description = "The service: the group that owns the schema. Needed where several have migrations.")
    @Nullable String service;

    @Option(
            names = "--config",
            paramLabel = "FILE",
            description = {
                "The topology.",
                "Else SHARDING_CONFIG, else ./anabranch.yaml where it is there, else the directory (with a token of the role"
                    + " migrator)."
            })
    @Nullable Path config;

    @Option(
            names = "--database",
            paramLabel = "DB",
            split = ",",
            description = "These databases alone; also one that the group does not use yet.")
    List<String> only = new ArrayList<>();

    @Option(
            names = "--folder",
            paramLabel = "DIR",
            description = "The folder of V<number>__name.sql, if not the one that the group names.")
    @Nullable Path folder;

    @Mixin RouterOptions routers = new RouterOptions();

    private @Nullable Topology topology;
    private final Set<String> told = new LinkedHashSet<>();

    /** The topology; read once. */
    Topology topology(Session session) {
        if (topology == null) {
            topology = read(session);
        }
        return topology;
    }

    private Topology read(Session session) {
        var terminal = session.terminal();
        if (session.options().endpoint == null) {
            var file = config != null ? config : terminal.variable("SHARDING_CONFIG").map(Path::of).orElse(null);
            // What lies in a folder by chance does not go before what somebody has set.
            boolean told = List.of("SHARDING_MODE", "SHARDING_API_ENDPOINT", "ANABRANCH_ENDPOINT").stream()
                    .anyMatch(variable -> terminal.variable(variable).isPresent());
            if (file == null && !told && Files.exists(USUAL_FILE)) {
                file = USUAL_FILE;
            }
            if (file != null) {
                terminal.say("Topology: " + file);
                // Who migrates logs in as the owner; an application's password is needed only to make its role.
                return new TopologyReader(name -> terminal.variable(name).orElse(null)).readFor(List.of(), file);
            }
        } else if (config != null) {
            throw CliFailure.usage("The topology comes from a file or from a directory", "Give --config or --endpoint");
        }
        // By a snapshot on disk a shard that was added since would be left out without a word.
        var environment = new HashMap<>(ApplicationEnvironment.of(session, "migrate"));
        environment.put("SHARDING_SNAPSHOT_FILE", "off");
        boolean standalone = "standalone".equalsIgnoreCase(environment.get("SHARDING_MODE"));
        if (standalone && service == null) {
            throw CliFailure.usage("One database is configured by variables", "Say what to call its service: --service NAME");
        }
        var settings = Settings.fromEnvironment(environment::get, service == null ? List.of() : List.of(service));
        // All groups: a database that the service does not use yet is not among those of its own group.
        try (var directory = settings.source().open(List.of())) {
            var found = directory.topology();
            if (!standalone) {
                terminal.say("Topology: " + environment.get("SHARDING_API_ENDPOINT") + ", revision " + found.revision());
            }
            if (found.databases().values().stream()
                    .allMatch(database -> database.primary().password().isEmpty())) {
                throw new CliFailure(
                        ExitCode.NOT_ALLOWED,
                        "The directory at " + session.endpoint() + " tells this token no password of any database",
                        "Use a token of the role migrator: anabranch token create migrations --role migrator");
            }
            return found;
        }
    }

    /** The group that was named, or the only one with migrations. */
    Group group(Session session) {
        var known = topology(session);
        if (service != null) {
            if (!known.groups().containsKey(service)) {
                throw CliFailure.usage(
                        "There is no service '" + service + "'", "Use one of " + known.groups().keySet());
            }
            return known.group(service);
        }
        var owners = known.groups().values().stream()
                .filter(group -> group.schema().flatMap(GroupSchema::migrations).isPresent())
                .toList();
        if (owners.size() != 1) {
            throw CliFailure.usage(
                    owners.isEmpty()
                            ? "No group names a folder of migrations"
                            : "Several services have migrations: "
                                    + owners.stream().map(Group::name).toList(),
                    owners.isEmpty() ? "Give a group its schema and migrations" : "Say which: --service NAME");
        }
        return owners.getFirst();
    }

    /** The folder of the group's files. */
    Path folder(Session session) {
        if (folder != null) {
            return folder;
        }
        var group = group(session);
        return group.schema()
                .flatMap(GroupSchema::migrations)
                .map(Path::of)
                .orElseThrow(() -> CliFailure.usage(
                        "The service '" + group.name() + "' names no folder of migrations",
                        "Give it schema: and migrations: in the topology, or say --folder DIR"));
    }

    /** The group's files as they are now. */
    MigrationSet files(Session session) {
        return MigrationSet.ofFolder(folder(session));
    }

    /** The group's schema on each of its databases, or on those that were named; at least one. */
    List<Target> targets(Session session) {
        var targets = places(session).targets();
        if (targets.isEmpty()) {
            throw CliFailure.usage(
                    "Routers leave the service '" + group(session).name() + "' out of every database that is asked for",
                    "Name another database, or look at the routers' allowMigrate");
        }
        return targets;
    }

    /** As {@link #targets}, with what routers have said; that is told once. It may be nowhere. */
    MigrationPlaces places(Session session) {
        var known = topology(session);
        var group = group(session);
        for (var name : only) {
            if (!known.databases().containsKey(name)) {
                throw CliFailure.usage(
                        "There is no database '" + name + "'", "Use one of " + known.databases().keySet());
            }
        }
        var places = only.isEmpty()
                ? MigrationPlaces.of(group, known, routers.chain())
                : MigrationPlaces.of(group, known, routers.chain(), only);
        for (var answer : places.answers()) {
            var sentence = answer + ".";
            if (told.add(sentence)) {
                session.terminal().say(Table.printable(sentence));
            }
        }
        return places;
    }

    /** What routers have said, for programs; null where they have not. */
    static @Nullable List<Map<String, Object>> routed(List<MigrationPlaces.Answer> answers) {
        return answers.isEmpty()
                ? null
                : answers.stream()
                        .map(answer -> json(
                                "group", answer.group(), "database", answer.database(), "migrates", answer.migrates(), "router", answer.router()))
                        .toList();
    }

    /** {@code host:port} of a target's server. */
    static String server(Target target) {
        var at = target.database().primary();
        return at.host() + ":" + at.port();
    }

    /** A JSON object in the order given; null values are left out. */
    static Map<String, Object> json(@Nullable Object... pairs) {
        Map<String, Object> json = new LinkedHashMap<>();
        for (int i = 0; i < pairs.length; i += 2) {
            var value = pairs[i + 1];
            if (value != null) {
                json.put(String.valueOf(pairs[i]), value);
            }
        }
        return json;
    }
}
