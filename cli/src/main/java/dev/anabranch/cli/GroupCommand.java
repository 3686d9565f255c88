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
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code group}: tables that live together. */
@Command(
        name = "group",
        description = "The groups: tables that live together.",
        synopsisSubcommandLabel = "COMMAND",
        footer = {
            "",
            "Examples:",
            "  anabranch group add people --hash shard-1,shard-2",
            "  anabranch group add billing --global main"
        })
final class GroupCommand {
    private final Session session;

    GroupCommand(Session session) {
        this.session = session;
    }

    @Command(name = "add", description = "Adds a group, or changes those of its properties that are given.")
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
            @Option(names = "--force", description = "Also where rows stay behind (admin).") boolean force) {
        if (global == null ? hash == null && tenants == null : hash != null || tenants != null) {
            throw CliFailure.usage("A group is either sharded or global", "Give --hash DB,DB or --global DB");
        }
        return session.change(() -> merged(name, hash, tenants, global).forced(force)).status();
    }

    /** What the directory has with what is given on top: it replaces, so what is not given is given as it is. */
    private Change merged(
            String name, @Nullable List<String> hash, @Nullable String tenants, @Nullable String global) {
        var known = session.directory().find("/v1/groups", name);
        Map<String, Object> body = new LinkedHashMap<>();
        if (global != null) {
            body.put("kind", "global");
            body.put("database", global);
        } else {
            body.put("kind", "sharded");
            known.json().filter(group -> group.path("kind").asString("").equals("sharded")).ifPresent(group -> {
                body.put("hash", group.path("hash"));
                body.put("tenants", group.path("tenants"));
            });
            if (hash != null) {
                body.put("hash", hash);
            }
            if (tenants != null) {
                body.put("tenants", tenants);
            }
            if (!body.containsKey("hash")) {
                throw CliFailure.usage("There is no sharded group '" + name + "'", "Give --hash DB,DB to add it");
            }
        }
        return Change.put(Change.path("groups", name), body).from(known.revision());
    }

    @Command(name = "list", description = "Lists all groups.")
    int list() {
        var answer = session.directory().get("/v1/groups");
        var table = new Table("name", "kind", "databases", "tenants", "listed");
        for (var row : Answers.items(answer)) {
            var hash = row.path("hash").valueStream().map(name -> name.asString()).toList();
            table.row(
                    Answers.text(row, "name"),
                    Answers.text(row, "kind"),
                    hash.isEmpty() ? Answers.text(row, "database") : String.join(",", hash),
                    Answers.text(row, "tenants"),
                    Answers.text(row, "listed"));
        }
        session.print(answer, table);
        return 0;
    }

    @Command(name = "remove", description = "Removes a group that lists no tenants any more.")
    int remove(
            @Parameters(paramLabel = "NAME", description = "The group's name.") String name,
            @Option(names = "--force", description = "Also where rows stay behind (admin).") boolean force) {
        return session.change(Change.delete(Change.path("groups", name)).forced(force)).status();
    }
}
