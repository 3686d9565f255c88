// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.cli.demo;

import dev.anabranch.cli.client.DirectoryClient;
import dev.anabranch.cli.process.RandomSecret;
import dev.anabranch.cli.process.ServiceJar;
import dev.anabranch.cli.terminal.CliFailure;
import dev.anabranch.devcluster.PostgresServer;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What runs in the main demo: three shards and a meta database, the directory, and the people service. */
final class DemoCluster {
    static final List<String> SHARDS = List.of("shard-1", "shard-2", "shard-3");
    /** Database and role on each shard. */
    static final String PEOPLE = "people";

    private static final String META = "meta";
    private static final String ANABRANCH = "anabranch";

    private final DemoProcesses processes;
    private final DemoFolder folder;
    private final Map<String, String> passwords = new LinkedHashMap<>();

    DemoCluster(DemoProcesses processes, DemoFolder folder) {
        this.processes = processes;
        this.folder = folder;
    }

    /** The names of the database servers. */
    static List<String> servers() {
        var names = new ArrayList<>(SHARDS);
        names.add(META);
        return names;
    }

    /** The server of a shard. */
    PostgresServer shard(String name) {
        return processes.postgres(name);
    }

    /** Creates the service's role and database on each shard. */
    void createDatabases() {
        for (var name : SHARDS) {
            passwords.put(name, DemoProcesses.create(shard(name), PEOPLE, PEOPLE));
        }
    }

    /** The password of the service's role on a shard. */
    String password(String shard) {
        var password = passwords.get(shard);
        if (password == null) {
            throw new IllegalStateException("The database of " + shard + " has not been created");
        }
        return password;
    }

    /** Starts the directory and answers with its administrator's client. */
    DirectoryClient startDirectory() {
        var meta = processes.postgres(META);
        var tokenFile = folder.path().resolve("admin.token");
        var environment = Map.of(
                "ANABRANCH_META_URL", meta.jdbcUrl(ANABRANCH),
                "ANABRANCH_META_USER", ANABRANCH,
                "ANABRANCH_META_PASSWORD", DemoProcesses.create(meta, ANABRANCH, ANABRANCH),
                "ANABRANCH_ADMIN_TOKEN_FILE", tokenFile.toString(),
                "ANABRANCH_CREDENTIAL_KEY_FILE", folder.secret("credential.key", RandomSecret.key()).toString(),
                "ANABRANCH_PORT", "0");
        var endpoint = processes.start(ServiceJar.DIRECTORY, "directory", environment, "ANABRANCH_PORT_FILE", "-Xmx192m");
        return new DirectoryClient(endpoint, readLine(tokenFile));
    }

    /** Starts the people service in api mode and answers with its address. */
    URI startPeople(URI directory, Path tokenFile) {
        var environment = Map.of(
                "SHARDING_MODE", "api",
                "SHARDING_API_ENDPOINT", directory.toString(),
                "SHARDING_API_TOKEN_FILE", tokenFile.toString(),
                "SHARDING_SNAPSHOT_FILE", folder.path().resolve("people.snapshot").toString(),
                "PORT", "0");
        return processes.start(ServiceJar.PEOPLE, "people", environment, "PORT_FILE", "-Xmx384m");
    }

    private static String readLine(Path file) {
        try {
            return Files.readString(file).strip();
        } catch (IOException e) {
            throw CliFailure.failed("The directory has written no token to " + file, "See its log in that folder", e);
        }
    }
}
