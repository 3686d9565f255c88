// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.cli;

import dev.anabranch.cli.process.OwnedProcess;
import dev.anabranch.cli.process.RandomSecret;
import dev.anabranch.cli.process.ServiceJar;
import dev.anabranch.cli.terminal.CliFailure;
import dev.anabranch.cli.terminal.OwnerFile;
import dev.anabranch.devcluster.Passwords;
import dev.anabranch.devcluster.PostgresServer;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code serve}: runs the directory. */
@Command(
        name = "serve",
        description = "Runs the directory until it is stopped.",
        footer = {
            "",
            "Its ANABRANCH_ variables count too; an option wins over its variable.",
            "At the first start it writes an administrator's token to the file that this command line reads.",
            "",
            "Examples:",
            "  anabranch serve --dev",
            "  anabranch serve --meta-url jdbc:postgresql://meta/anabranch --meta-user anabranch \\",
            "      --meta-password-file /run/secrets/meta --key-file /run/secrets/anabranch.key"
        })
final class ServeCommand implements Callable<Integer> {
    private static final String KEY = "ANABRANCH_CREDENTIAL_KEY";
    private static final String KEY_FILE = "ANABRANCH_CREDENTIAL_KEY_FILE";

    private final Session session;

    @Option(names = "--port", paramLabel = "PORT", description = "Default: 8400; 0 for any that is free.")
    @Nullable Integer port;

    @Option(names = "--meta-url", paramLabel = "URL", description = "The meta database, as a JDBC URL of PostgreSQL.")
    @Nullable String metaUrl;

    @Option(names = "--meta-user", paramLabel = "USER", description = "Whom to log in as there.")
    @Nullable String metaUser;

    @Option(names = "--meta-password", paramLabel = "REFERENCE", description = "env:NAME or file:/path.")
    @Nullable String metaPassword;

    @Option(names = "--meta-password-file", paramLabel = "FILE", description = "A file with the password.")
    @Nullable Path metaPasswordFile;

    @Option(
            names = "--admin-token-file",
            paramLabel = "FILE",
            description = "Where the first start writes an administrator's token (default: ~/.anabranch/admin.token).")
    @Nullable Path adminTokenFile;

    @Option(names = "--key-file", paramLabel = "FILE", description = "The key that databases' passwords are encrypted with.")
    @Nullable Path keyFile;

    @Option(names = "--dev", description = "With a meta database of its own, which is gone at the end: to try it.")
    boolean dev;

    ServeCommand(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() throws InterruptedException {
        var given = session.terminal().environment();
        var environment = keys(given, keyFile, dev);
        put(environment, "ANABRANCH_PORT", port);
        put(environment, "ANABRANCH_META_URL", metaUrl);
        put(environment, "ANABRANCH_META_USER", metaUser);
        put(environment, "ANABRANCH_META_PASSWORD", PasswordOptions.of("--meta-password", metaPassword, metaPasswordFile).orElse(null));
        // not even started without its jar
        var command = ServiceJar.DIRECTORY.command(given, List.of("-XX:+UseSerialGC"));
        if (dev) {
            return serveDev(environment, command);
        }
        if (metaUrl == null && !given.containsKey("ANABRANCH_META_URL")) {
            throw CliFailure.usage(
                    "The directory needs a meta database",
                    "Give --meta-url and --meta-user, or --dev for one that is gone afterwards");
        }
        if (adminTokenFile != null || !given.containsKey("ANABRANCH_ADMIN_TOKEN_FILE")) {
            environment.put("ANABRANCH_ADMIN_TOKEN_FILE", adminTokenFile().toString());
        }
        return run(environment, command);
    }

    /** The key's two variables: the option's is the only one, and a directory to try needs none that somebody made. */
    static Map<String, @Nullable String> keys(Map<String, String> given, @Nullable Path keyFile, boolean dev) {
        var environment = new LinkedHashMap<String, @Nullable String>();
        if (keyFile != null) {
            environment.put(KEY, null);
            environment.put(KEY_FILE, keyFile.toString());
        } else if (dev && !given.containsKey(KEY) && !given.containsKey(KEY_FILE)) {
            environment.put(KEY, RandomSecret.key());
        }
        return environment;
    }

    private int serveDev(Map<String, @Nullable String> environment, List<String> command) throws InterruptedException {
        if (metaUrl != null) {
            throw CliFailure.usage("--dev brings a meta database of its own", "Leave out --meta-url, or --dev");
        }
        session.terminal().say("Starting a meta database for this run ...");
        try (var server = PostgresServer.start("meta")) {
            var secret = Passwords.random();
            server.createRole("anabranch", secret);
            server.createDatabase("anabranch", "anabranch");
            environment.put("ANABRANCH_META_URL", server.jdbcUrl("anabranch"));
            environment.put("ANABRANCH_META_USER", "anabranch");
            environment.put("ANABRANCH_META_PASSWORD", secret);
            environment.put("ANABRANCH_ADMIN_TOKEN_FILE", adminTokenFile().toString());
            session.terminal().say("The administrator's token is in " + adminTokenFile() + ".");
            return run(environment, command);
        } catch (SQLException e) {
            throw CliFailure.failed("The meta database cannot be set up (" + e.getMessage() + ")", "Try again", e);
        }
    }

    private int run(Map<String, @Nullable String> environment, List<String> command) throws InterruptedException {
        try (var directory = OwnedProcess.start("directory", null, environment, command)) {
            int status = directory.await();
            if (status != 0) {
                throw directory.failure("ended with exit code " + status);
            }
            return 0;
        }
    }

    private Path adminTokenFile() {
        if (adminTokenFile != null) {
            return adminTokenFile;
        }
        OwnerFile.folder(Session.folder());
        return Session.adminTokenFile();
    }

    private static void put(Map<String, @Nullable String> environment, String name, @Nullable Object value) {
        if (value != null) {
            environment.put(name, value.toString());
        }
    }
}
