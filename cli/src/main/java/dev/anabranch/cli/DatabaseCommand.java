// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.cli;

import dev.anabranch.cli.client.Change;
import dev.anabranch.cli.terminal.Table;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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
            "  anabranch database add shard-1 --host db1-new --yes",
            "  anabranch database list"
        })
final class DatabaseCommand {
    private final Session session;

    DatabaseCommand(Session session) {
        this.session = session;
    }

    @Command(
            name = "add",
            description = "Adds a database, or changes those of its properties that are given.",
            footer = {
                "",
                "Without --password and --password-file, a person is asked for a new database's password.",
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
        // refused before anything is sent
        var secret = Passwords.of(password, passwordFile);
        var path = Change.path("databases", name);
        var known = session.directory().find(path);
        Map<String, Object> body = new LinkedHashMap<>();
        if (known.isPresent()) {
            // the directory replaces, so what is not given is given as it is
            for (var member : List.of("flavor", "host", "port", "database", "user", "region", "properties")) {
                put(body, member, known.get().get(member));
            }
            if (flavor != null) {
                body.remove("port");
            }
        } else {
            body.put("flavor", "postgres");
            secret = secret.or(() -> session.terminal().askSecret("Password of the database '" + name + "'"));
        }
        put(body, "flavor", flavor);
        put(body, "host", host);
        put(body, "port", port);
        put(body, "database", database);
        put(body, "user", user);
        put(body, "password", secret.orElse(null));
        put(body, "region", region);
        return session.change(Change.put(path, body)).status();
    }

    @Command(name = "list", description = "Lists all databases.")
    int list() {
        var answer = session.directory().get("/v1/databases");
        var table = new Table("name", "flavor", "host", "port", "database", "user", "password", "region");
        for (var row : Answers.items(answer, "databases")) {
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
