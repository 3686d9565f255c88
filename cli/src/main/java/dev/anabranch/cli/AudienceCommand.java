// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.cli;

import dev.anabranch.cli.client.Change;
import dev.anabranch.cli.terminal.Table;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;

/** {@code audience}: those who ask. */
@Command(
        name = "audience",
        description = "The audiences: those who ask, and may be served elsewhere.",
        synopsisSubcommandLabel = "COMMAND",
        footer = {
            "",
            "Examples:",
            "  anabranch audience set internal --read-only",
            "  anabranch database replica add reviews reports --host db3c --audience internal",
            "  anabranch group add catalog --route public=published"
        })
final class AudienceCommand {
    private final Session session;

    AudienceCommand(Session session) {
        this.session = session;
    }

    @Command(
            name = "set",
            aliases = "add",
            description = "Adds an audience, or says anew whether it only reads.",
            footer = {"", "An audience that only a replica or a group's route names is there by itself, and may write."})
    int set(
            @Parameters(paramLabel = "NAME", description = "The name that is bound while a request of theirs runs.")
                    String name,
            @Option(names = "--read-only", description = "They only read: a write of theirs is refused.")
                    boolean readOnly) {
        return session.change(() -> Change.put(Change.path("audiences", name), Map.of("read_only", readOnly)))
                .status();
    }

    @Command(name = "list", description = "Lists all audiences, with what names them.")
    int list() {
        var answer = session.directory().get("/v1/audiences");
        var table = new Table("name", "read only", "replicas", "groups");
        for (var row : Answers.items(answer)) {
            table.row(Answers.text(row, "name"), Answers.text(row, "read_only"), names(row, "replicas"), names(row, "groups"));
        }
        session.print(answer, table);
        return 0;
    }

    private static String names(JsonNode row, String member) {
        return String.join(",", row.path(member).valueStream().map(JsonNode::asString).toList());
    }

    @Command(name = "remove", description = "Removes an audience that nothing names any more.")
    int remove(@Parameters(paramLabel = "NAME", description = "The audience's name.") String name) {
        return session.change(() -> session.removal("audiences", name)).status();
    }
}
