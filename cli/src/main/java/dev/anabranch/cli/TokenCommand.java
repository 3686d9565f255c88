// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.cli;

import dev.anabranch.cli.client.Change;
import dev.anabranch.cli.client.Outcome;
import dev.anabranch.cli.terminal.CliFailure;
import dev.anabranch.cli.terminal.OwnerFile;
import dev.anabranch.cli.terminal.Table;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code token}: who may ask the directory what. */
@Command(
        name = "token",
        description = "The tokens: who may ask the directory what.",
        synopsisSubcommandLabel = "COMMAND",
        footer = {
            "",
            "Roles: viewer reads; app reads and gets the applications' credentials; migrator does that and gets those of",
            "the owners who migrate; operator changes the topology; admin also tokens.",
            "",
            "Examples:",
            "  anabranch token create people-service --role app --out people.token --yes",
            "  anabranch token revoke people-service"
        })
final class TokenCommand {
    private static final String TOKEN = "token";

    private final Session session;

    TokenCommand(Session session) {
        this.session = session;
    }

    @Command(
            name = "create",
            description = "Makes a token and shows it: this once, and never again.",
            footer = {"", "Without --out the token itself is all that goes to standard output."})
    int create(
            @Parameters(paramLabel = "NAME", description = "Who will hold it; the audit's \"who\".") String name,
            @Option(names = "--role", paramLabel = "ROLE", required = true, description = "viewer, app, migrator, operator or admin.")
                    String role,
            @Option(names = "--out", paramLabel = "FILE", description = "Write it to a new file that only you can read.")
                    @Nullable Path out) {
        if (out != null && Files.exists(out, LinkOption.NOFOLLOW_LINKS)) {
            throw CliFailure.usage("The file " + out + " exists", "Name another, or remove it");
        }
        var change = Change.post(Change.path("tokens"), Map.of("name", name, "role", role))
                .once(UUID.randomUUID().toString());
        if (out == null) {
            session.change(() -> change, Session.Delivery.of((outcome, answer) -> {
                session.terminal().out().println(Answers.text(answer, TOKEN));
                session.terminal().say("Keep it: it is not shown again.");
            }));
        } else {
            try (var delivery = new IntoFile(out, name)) {
                session.change(() -> change, delivery);
            }
        }
        return 0;
    }

    @Command(name = "list", description = "Lists the tokens, without their secrets.")
    int list() {
        var answer = session.directory().get("/v1/tokens");
        var table = new Table("id", "name", "role", "created", "by", "revoked");
        for (var row : Answers.items(answer)) {
            table.row(
                    Answers.text(row, "id"),
                    Answers.text(row, "name"),
                    Answers.text(row, "role"),
                    Answers.text(row, "created_at"),
                    Answers.text(row, "created_by"),
                    Answers.text(row, "revoked_at"));
        }
        session.print(answer, table);
        return 0;
    }

    @Command(name = "revoke", description = "Ends a token at once.")
    int revoke(@Parameters(paramLabel = "ID|NAME", description = "Its id, or its name if no other has it.") String token) {
        var directory = session.directory();
        var live = Answers.items(directory.get("/v1/tokens")).stream()
                .filter(row -> !row.hasNonNull("revoked_at"))
                .filter(row -> token.equals(Answers.text(row, "id")) || token.equals(Answers.text(row, "name")))
                .map(row -> Answers.text(row, "id"))
                .toList();
        if (live.size() > 1) {
            throw CliFailure.usage("Several tokens have the name '" + token + "'", "Give the id: anabranch token list");
        }
        if (live.isEmpty()) {
            throw CliFailure.failed("No token with the id or name '" + token + "' is in use", "anabranch token list", null);
        }
        return session.change(Change.delete(Change.path("tokens", live.getFirst()))).status();
    }

    /** Puts a secret into a file that is made before the secret is, and takes it out of what is printed. */
    private final class IntoFile implements Session.Delivery, AutoCloseable {
        private final Path out;
        private final String name;
        private @Nullable OwnerFile file;

        IntoFile(Path out, String name) {
            this.out = out;
            this.name = name;
        }

        @Override
        public void agreed() {
            if (file == null) {
                file = OwnerFile.create(out);
            }
        }

        @Override
        public JsonNode received(JsonNode answer) {
            try {
                Objects.requireNonNull(file, "nobody has agreed").write(Answers.text(answer, TOKEN) + "\n");
            } catch (CliFailure failure) {
                throw CliFailure.failed(
                        "The token '" + name + "' was made, and is lost: " + failure.problem(),
                        "Revoke it: anabranch token revoke " + Answers.text(answer, "id"),
                        failure);
            }
            session.terminal().say("The token is in " + out + ", readable by you alone.");
            var rest = (ObjectNode) answer.deepCopy();
            rest.remove(TOKEN);
            return rest;
        }

        @Override
        public void applied(Outcome outcome, JsonNode answer) {
            // said when it was received
        }

        @Override
        public void close() {
            if (file != null) {
                file.close();
            }
        }
    }
}
