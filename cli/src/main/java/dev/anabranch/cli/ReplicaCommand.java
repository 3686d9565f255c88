// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.cli;

import dev.anabranch.cli.client.Change;
import dev.anabranch.cli.client.Refusal;
import dev.anabranch.cli.terminal.CliFailure;
import dev.anabranch.cli.terminal.ExitCode;
import dev.anabranch.cli.terminal.Table;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.MissingNode;

/** {@code database replica}: the servers that follow a database's primary and answer reads. */
@Command(
        name = "replica",
        description = "The servers that follow a database's primary and answer reads.",
        synopsisSubcommandLabel = "COMMAND",
        footer = {
            "",
            "Examples:",
            "  anabranch database replica add reviews reviews-b --host db3b --weight 2",
            "  anabranch database replica add reviews reports --host db3c --user reader --audience internal",
            "  anabranch database replica list reviews"
        })
final class ReplicaCommand {
    private static final String PASSWORD = "password";

    private final Session session;

    ReplicaCommand(Session session) {
        this.session = session;
    }

    @Command(
            name = "add",
            aliases = "set",
            description = "Adds a replica, or changes those of its properties that are given.",
            footer = {
                "",
                "Without a user it logs in as its database does. Its password is asked for where the directory needs it and no",
                "option gives it. A replica with audiences serves these alone, and they read nowhere else."
            })
    int add(
            @Parameters(paramLabel = "DB", description = "The database whose primary it follows.") String of,
            @Parameters(paramLabel = "NAME", description = "Its name, like no database's and no other replica's.")
                    String name,
            @Option(names = "--host", paramLabel = "HOST", description = "Where its server is.") @Nullable String host,
            @Option(names = "--port", paramLabel = "PORT", description = "Default: the flavor's own.")
                    @Nullable Integer port,
            @Option(names = "--database", paramLabel = "DB", description = "Its name on the server (default: as on the primary).")
                    @Nullable String database,
            @Option(names = "--user", paramLabel = "USER", description = "Whom applications log in as (default: as on the primary).")
                    @Nullable String user,
            @Option(
                            names = "--password",
                            paramLabel = "REFERENCE",
                            description = "env:NAME or file:/path, which the directory resolves.")
                    @Nullable String password,
            @Option(names = "--password-file", paramLabel = "FILE", description = "A file with the password.")
                    @Nullable Path passwordFile,
            @Option(names = "--weight", paramLabel = "N", description = "Its share of the reads, 1 to 1000 (default: 1).")
                    @Nullable Integer weight,
            @Option(
                            names = "--audience",
                            paramLabel = "NAME",
                            split = ",",
                            description = "Whom it serves and nobody else. Repeatable.")
                    @Nullable List<String> audiences,
            @Option(names = "--no-audience", description = "It serves all that no replica is kept for.")
                    boolean noAudience,
            @Option(names = "--no-check", description = "Do not try to log in.") boolean noCheck) {
        if (noAudience && audiences != null) {
            throw CliFailure.usage("--no-audience excludes --audience", "Give one or the other");
        }
        Map<String, Object> given = new LinkedHashMap<>();
        put(given, "host", host);
        put(given, "port", port);
        put(given, "database", database);
        put(given, "user", user);
        put(given, "weight", weight);
        put(given, "audiences", noAudience ? List.of() : audiences);
        // refused before anything is sent
        put(given, PASSWORD, PasswordOptions.of("--password", password, passwordFile).orElse(null));
        while (true) {
            try {
                return session.change(() -> merged(of, name, given).checked(!noCheck)).status();
            } catch (Refusal refusal) {
                if (!refusal.code().equals("credential_required") || given.containsKey(PASSWORD)) {
                    throw refusal;
                }
                given.put(PASSWORD, session.terminal()
                        .askSecret("Password of the replica '" + name + "'")
                        .orElseThrow(() -> refusal.withNextStep(
                                "Give the password as well: --password-file FILE, or --password for a reference")));
            }
        }
    }

    /** What the directory has with what is given on top: it replaces, so what is not given is given as it is. */
    private Change merged(String of, String name, Map<String, Object> given) {
        var found = session.directory().find(list(of), name);
        var known = found.json().orElse(MissingNode.getInstance());
        Map<String, Object> body = new LinkedHashMap<>();
        for (var member : List.of("host", "port", "database", "user", "weight", "audiences", "properties")) {
            put(body, member, known.get(member));
        }
        body.putAll(given);
        return Change.put(Change.path("databases", of, "replicas", name), body).from(found.revision());
    }

    @Command(name = "list", description = "Lists the replicas of a database.")
    int all(@Parameters(paramLabel = "DB", description = "The database's name in the topology.") String of) {
        var answer = session.directory().get(list(of));
        session.print(answer, table(Answers.items(answer)));
        return 0;
    }

    static Table table(List<JsonNode> replicas) {
        var table = new Table("replica", "host", "port", "database", "user", "password", "weight", "audiences");
        for (var row : replicas) {
            table.row(
                    Answers.text(row, "name"),
                    Answers.text(row, "host"),
                    Answers.text(row, "port"),
                    Answers.text(row, "database"),
                    Answers.text(row, "user"),
                    Answers.text(row, "credential"),
                    Answers.text(row, "weight"),
                    String.join(",", row.path("audiences").valueStream().map(JsonNode::asString).toList()));
        }
        return table;
    }

    @Command(name = "remove", description = "Removes a replica; its reads go to the others, or to the primary.")
    int remove(
            @Parameters(paramLabel = "DB", description = "The database whose primary it follows.") String of,
            @Parameters(paramLabel = "NAME", description = "Its name.") String name) {
        return session.change(() -> {
                    var known = session.directory().find(list(of), name);
                    if (known.json().isEmpty()) {
                        throw new CliFailure(
                                ExitCode.FAILED,
                                "The database '" + of + "' has no replica '" + name + "'",
                                "See which there are: anabranch database replica list " + of);
                    }
                    return Change.delete(Change.path("databases", of, "replicas", name)).from(known.revision());
                })
                .status();
    }

    static String list(String database) {
        return Change.path("databases", database, "replicas");
    }

    private static void put(Map<String, ? super Object> body, String name, @Nullable Object value) {
        if (value != null) {
            body.put(name, value);
        }
    }
}
