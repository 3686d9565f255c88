// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.cli;

import dev.anabranch.cli.client.Change;
import dev.anabranch.cli.client.Refusal;
import dev.anabranch.cli.terminal.CliFailure;
import dev.anabranch.cli.terminal.ExitCode;
import dev.anabranch.cli.terminal.Table;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.MissingNode;

/** {@code database}: the servers that hold rows. */
@Command(
        name = "database",
        description = "The databases that hold tenants' rows.",
        synopsisSubcommandLabel = "COMMAND",
        footer = {
            "",
            "Examples:",
            "  anabranch database add shard-1 --host db1 --database app --user app --password env:SHARD_1_PASSWORD",
            "  anabranch database add shard-1 --owner-user people_owner --owner-password-file secrets/shard-1-owner",
            "  anabranch database add shard-1 --host db1-new --password-file secrets/shard-1 --yes",
            "  anabranch database show shard-1",
            "  anabranch database promote reviews --replica reviews-b --keep-old-as reviews-a",
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
                "The directory keeps a password encrypted, and a reference (env:, file:) as it is. An owner's password",
                "is told to tokens of the role migrator alone. The plan says whether the directory can log in."
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
                    @Nullable String region,
            @Mixin OwnerOptions owner,
            @Option(names = "--no-check", description = "Do not try to log in.") boolean noCheck) {
        Map<String, Object> given = new LinkedHashMap<>();
        put(given, "flavor", flavor);
        put(given, "host", host);
        put(given, "port", port);
        put(given, "database", database);
        put(given, "user", user);
        put(given, "region", region);
        // refused before anything is sent
        put(given, PASSWORD, PasswordOptions.of("--password", password, passwordFile).orElse(null));
        return add(new Addition(name, given, owner, !noCheck)).status();
    }

    private ExitCode add(Addition addition) {
        while (true) {
            try {
                return session.change(addition::merged);
            } catch (Refusal refusal) {
                if (!refusal.code().equals("credential_required") || !addition.askForMissing(refusal)) {
                    throw refusal;
                }
            }
        }
    }

    /** What is given for a database, with the passwords that were asked for: once, however many attempts there are. */
    private final class Addition {
        private final String name;
        private final Map<String, Object> given;
        private final OwnerOptions owner;
        private final boolean check;
        private @Nullable String ownersPassword;
        private JsonNode known = MissingNode.getInstance();

        Addition(String name, Map<String, Object> given, OwnerOptions owner, boolean check) {
            this.name = name;
            this.given = given;
            this.owner = owner;
            this.check = check;
            this.ownersPassword = owner.checkedPassword().orElse(null);
        }

        /** What the directory has with what is given on top: it replaces, so what is not given is given as it is. */
        Change merged() {
            var found = session.directory().find("/v1/databases", name);
            known = found.json().orElse(MissingNode.getInstance());
            Map<String, @Nullable Object> body = new LinkedHashMap<>();
            if (found.json().isPresent()) {
                for (var member : List.of("flavor", "host", "port", "database", "user", "region", "properties")) {
                    put(body, member, known.get(member));
                }
                if (given.containsKey("flavor")) {
                    body.remove("port");
                }
            } else {
                body.put("flavor", "postgres");
                if (!given.containsKey(PASSWORD)) {
                    ask("Password of the database '" + name + "'").ifPresent(secret -> given.put(PASSWORD, secret));
                }
            }
            body.putAll(given);
            if (owner.none) {
                // left out it would stay
                body.put("owner", null);
            } else {
                put(body, "owner", owner());
            }
            return Change.put(Change.path("databases", name), body).from(found.revision()).checked(check);
        }

        private @Nullable Map<String, Object> owner() {
            var user = owner.user != null ? owner.user : known.path("owner").path("user").asString("");
            if (user.isEmpty()) {
                if (ownersPassword != null) {
                    throw CliFailure.usage("The database '" + name + "' has no owner", "Give --owner-user USER too");
                }
                return null;
            }
            if (owner.user == null && ownersPassword == null) {
                return null;
            }
            if (known.isMissingNode() && ownersPassword == null) {
                ownersPassword = ask("Password of the owner '" + user + "'").orElse(null);
            }
            Map<String, Object> body = new LinkedHashMap<>(Map.of("user", user));
            put(body, PASSWORD, ownersPassword);
            return body;
        }

        /**
         * Asks for the passwords that the directory wants again.
         *
         * @return whether there were any
         */
        boolean askForMissing(Refusal refusal) {
            boolean moves = differs("flavor", "host", "port", "database");
            boolean missing = !given.containsKey(PASSWORD) && (moves || differs("user"));
            if (missing) {
                given.put(PASSWORD, ask("Password of the database '" + name + "'")
                        .orElseThrow(() -> refusal.withNextStep(
                                "Give the password as well: --password-file FILE, or --password for a reference")));
            }
            var was = known.path("owner").path("user").asString("");
            var is = owner.none ? "" : owner.user != null ? owner.user : was;
            boolean ownersMissing = ownersPassword == null && !is.isEmpty() && (moves || !is.equals(was));
            if (ownersMissing) {
                ownersPassword = ask("Password of the owner '" + is + "'")
                        .orElseThrow(() -> refusal.withNextStep("Give the owner's password as well: "
                                + OwnerOptions.PASSWORD + "-file FILE, or " + OwnerOptions.PASSWORD + " for a reference"));
            }
            return missing || ownersMissing;
        }

        private boolean differs(String... members) {
            return Arrays.stream(members)
                    .anyMatch(member -> given.containsKey(member)
                            && !String.valueOf(given.get(member)).equals(known.path(member).asString("")));
        }
    }

    private Optional<String> ask(String what) {
        return session.terminal().askSecret(what);
    }

    @Command(name = "show", description = "Shows a database with its replicas.")
    int show(@Parameters(paramLabel = "NAME", description = "Its name in the topology.") String name) {
        var database = session.directory().get(Change.path("databases", name));
        var replicas = Answers.items(session.directory().get(ReplicaCommand.list(name)));
        if (session.options().json) {
            Map<String, Object> json = new LinkedHashMap<>();
            database.properties().forEach(member -> json.put(member.getKey(), member.getValue()));
            json.put("replicas", replicas);
            session.printJson(json);
            return 0;
        }
        var table = new Table("property", "value");
        for (var member : List.of("name", "flavor", "host", "port", "database", "user", "credential", "region")) {
            table.row(member.equals("credential") ? PASSWORD : member, Answers.text(database, member));
        }
        table.row("owner", Answers.text(database.path("owner"), "user"));
        table.row("replicas", replicas.size());
        session.print(database, table);
        if (!replicas.isEmpty()) {
            session.terminal().out().println();
            session.print(database, ReplicaCommand.table(replicas));
        }
        return 0;
    }

    @Command(
            name = "promote",
            description = "Makes a replica the primary, for all applications at once.",
            footer = {
                "",
                "The directory promotes no server: do that first, and keep the old primary from taking writes. The database's",
                "own login stays. An encrypted password goes to the new address where an admin asks, where the replica's is",
                "the same, or where it is given again; a reference always does."
            })
    int promote(
            @Parameters(paramLabel = "NAME", description = "The database's name in the topology.") String name,
            @Option(
                            names = "--replica",
                            paramLabel = "REPLICA",
                            required = true,
                            description = "The replica whose place becomes the primary's.")
                    String replica,
            @Option(
                            names = "--keep-old-as",
                            paramLabel = "REPLICA",
                            description = "The old primary becomes a replica of this name (default: it is not kept).")
                    @Nullable String keepOldAs,
            @Option(
                            names = "--password",
                            paramLabel = "REFERENCE",
                            description = "env:NAME or file:/path, which the directory resolves.")
                    @Nullable String password,
            @Option(names = "--password-file", paramLabel = "FILE", description = "A file with the password.")
                    @Nullable Path passwordFile,
            @Option(
                            names = OwnerOptions.PASSWORD,
                            paramLabel = "REFERENCE",
                            description = "The owner's: env:ANABRANCH_OWNER_… or a file for owners.")
                    @Nullable String ownersPassword,
            @Option(
                            names = OwnerOptions.PASSWORD + "-file",
                            paramLabel = "FILE",
                            description = "A file with the owner's password.")
                    @Nullable Path ownersPasswordFile) {
        Map<String, Object> body = new LinkedHashMap<>();
        body.put("replica", replica);
        put(body, "keep_old_as", keepOldAs);
        put(body, PASSWORD, PasswordOptions.of("--password", password, passwordFile).orElse(null));
        put(
                body,
                "owner_password",
                PasswordOptions.of(OwnerOptions.PASSWORD, ownersPassword, ownersPasswordFile).orElse(null));
        return session.change(() -> {
                    var found = session.directory().find("/v1/databases", name);
                    return Change.post(Change.path("databases", name, "promote"), body).from(found.revision());
                })
                .status();
    }

    @Command(name = "list", description = "Lists all databases.")
    int list() {
        var answer = session.directory().get("/v1/databases");
        var table = new Table("name", "flavor", "host", "port", "database", "user", "password", "owner", "region");
        for (var row : Answers.items(answer)) {
            table.row(
                    Answers.text(row, "name"),
                    Answers.text(row, "flavor"),
                    Answers.text(row, "host"),
                    Answers.text(row, "port"),
                    Answers.text(row, "database"),
                    Answers.text(row, "user"),
                    Answers.text(row, "credential"),
                    Answers.text(row.path("owner"), "user"),
                    Answers.text(row, "region"));
        }
        session.print(answer, table);
        return 0;
    }

    @Command(name = "remove", description = "Removes a database that holds nothing any more.")
    int remove(@Parameters(paramLabel = "NAME", description = "Its name in the topology.") String name) {
        return session.change(() -> session.removal("databases", name)).status();
    }

    private static void put(Map<String, ? super Object> body, String name, @Nullable Object value) {
        if (value != null) {
            body.put(name, value);
        }
    }
}
