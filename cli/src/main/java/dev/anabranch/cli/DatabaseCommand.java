// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.cli;

import dev.anabranch.cli.client.Change;
import dev.anabranch.cli.client.Refusal;
import dev.anabranch.cli.terminal.ExitCode;
import dev.anabranch.cli.terminal.Table;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code database}: the servers that hold rows. */
@Command(
        name = "database",
        description = "The databases that hold tenants' rows.",
        synopsisSubcommandLabel = "COMMAND",
        footer = {
            "",
            "Examples:",
            "  anabranch database add shard-1 --host db1 --database app --user app --password env:SHARD_1_PASSWORD",
            "  anabranch database add shard-1 --host db1-new --password-file secrets/shard-1 --yes",
            "  anabranch database list"
        })
final class DatabaseCommand {
    private static final String PASSWORD = "password";

    private final Session session;

    DatabaseCommand(Session session) {
        this.session = session;
    }

    @Command(
            name = "add",
            description = "Adds a database, or changes those of its properties that are given.",
            footer = {
                "",
                "Without --password and --password-file, a person is asked for a new database's password, and for a known",
                "one's where its flavor, host, port, database or user changes: a password goes nowhere else by itself.",
                "The directory keeps a password encrypted, and a reference (env:, file:) as it is."
            })
    int add(
            @Parameters(paramLabel = "NAME", description = "Its name in the topology.") String name,
            @Option(names = "--flavor", paramLabel = "FLAVOR", description = "postgres, mysql or mariadb (default: postgres).")
                    @Nullable String flavor,
            @Option(names = "--host", paramLabel = "HOST", description = "Where its server is.") @Nullable String host,
            @Option(names = "--port", paramLabel = "PORT", description = "Default: the flavor's own.")
                    @Nullable Integer port,
            @Option(names = "--database", paramLabel = "DB", description = "Its name on the server.")
                    @Nullable String database,
            @Option(names = "--user", paramLabel = "USER", description = "Whom applications log in as.")
                    @Nullable String user,
            @Option(
                            names = "--password",
                            paramLabel = "REFERENCE",
                            description = "env:NAME or file:/path, which the directory resolves.")
                    @Nullable String password,
            @Option(names = "--password-file", paramLabel = "FILE", description = "A file with the password.")
                    @Nullable Path passwordFile,
            @Option(names = "--region", paramLabel = "REGION", description = "Where its data lies.")
                    @Nullable String region) {
        Map<String, Object> given = new LinkedHashMap<>();
        put(given, "flavor", flavor);
        put(given, "host", host);
        put(given, "port", port);
        put(given, "database", database);
        put(given, "user", user);
        put(given, "region", region);
        // refused before anything is sent
        put(given, PASSWORD, PasswordOptions.of(password, passwordFile).orElse(null));
        return add(name, given).status();
    }

    private ExitCode add(String name, Map<String, Object> given) {
        try {
            return session.change(() -> merged(name, given));
        } catch (Refusal refusal) {
            if (!refusal.code().equals("credential_required") || given.containsKey(PASSWORD)) {
                throw refusal;
            }
            given.put(PASSWORD, askPassword(name).orElseThrow(() -> refusal.withNextStep(
                    "Give the password as well: --password-file FILE, or --password for a reference")));
            return session.change(() -> merged(name, given));
        }
    }

    /** What the directory has with what is given on top: it replaces, so what is not given is given as it is. */
    private Change merged(String name, Map<String, Object> given) {
        var known = session.directory().find("/v1/databases", name);
        Map<String, Object> body = new LinkedHashMap<>();
        if (known.json().isPresent()) {
            for (var member : List.of("flavor", "host", "port", "database", "user", "region", "properties")) {
                put(body, member, known.json().get().get(member));
            }
            if (given.containsKey("flavor")) {
                body.remove("port");
            }
        } else {
            body.put("flavor", "postgres");
            if (!given.containsKey(PASSWORD)) {
                // once, however many attempts there are
                askPassword(name).ifPresent(secret -> given.put(PASSWORD, secret));
            }
        }
        body.putAll(given);
        return Change.put(Change.path("databases", name), body).from(known.revision());
    }

    private Optional<String> askPassword(String name) {
        return session.terminal().askSecret("Password of the database '" + name + "'");
    }

    @Command(name = "list", description = "Lists all databases.")
    int list() {
        var answer = session.directory().get("/v1/databases");
        var table = new Table("name", "flavor", "host", "port", "database", "user", "password", "region");
        for (var row : Answers.items(answer)) {
            table.row(
                    Answers.text(row, "name"),
                    Answers.text(row, "flavor"),
                    Answers.text(row, "host"),
                    Answers.text(row, "port"),
                    Answers.text(row, "database"),
                    Answers.text(row, "user"),
                    Answers.text(row, "credential"),
                    Answers.text(row, "region"));
        }
        session.print(answer, table);
        return 0;
    }

    @Command(name = "remove", description = "Removes a database that holds nothing any more.")
    int remove(@Parameters(paramLabel = "NAME", description = "Its name in the topology.") String name) {
        return session.change(Change.delete(Change.path("databases", name))).status();
    }

    private static void put(Map<String, Object> body, String name, @Nullable Object value) {
        if (value != null) {
            body.put(name, value);
        }
    }
}
