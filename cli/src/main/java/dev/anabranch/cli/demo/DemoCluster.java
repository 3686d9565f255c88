// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.cli.demo;

import dev.anabranch.cli.client.DirectoryClient;
import dev.anabranch.cli.process.OwnedProcess;
import dev.anabranch.cli.process.RandomSecret;
import dev.anabranch.cli.process.ServiceJar;
import dev.anabranch.cli.terminal.CliFailure;
import dev.anabranch.cli.terminal.Terminal;
import dev.anabranch.devcluster.DevCluster;
import dev.anabranch.devcluster.Passwords;
import dev.anabranch.devcluster.PostgresServer;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Supplier;

/**
 * The demo's processes: three shards and a meta database, the directory, and the people service. They live no longer
 * than this JVM. Not thread-safe, but for {@link #close()}.
 */
final class DemoCluster implements AutoCloseable {
    static final List<String> SHARDS = List.of("shard-1", "shard-2", "shard-3");
    /** Database and role on each shard. */
    static final String PEOPLE = "people";

    private static final String META = "meta";
    private static final String ANABRANCH = "anabranch";
    private static final Duration START = Duration.ofSeconds(90);

    private final Terminal terminal;
    private final DemoFolder folder;
    /** Guarded by itself, with {@link #closed}: Ctrl-C may close while another thread still starts. */
    private final List<OwnedProcess> processes = new ArrayList<>();

    private boolean closed;
    private final Map<String, String> passwords = new LinkedHashMap<>();
    private final DevCluster servers;

    /** Starts the database servers. */
    DemoCluster(Terminal terminal, DemoFolder folder) {
        this.terminal = terminal;
        this.folder = folder;
        this.servers = timed("Started 3 shards and a meta database (PostgreSQL)", () -> {
            var names = new ArrayList<>(SHARDS);
            names.add(META);
            return DevCluster.builder().postgres(names.toArray(String[]::new)).start();
        });
    }

    /** The server of a shard. */
    PostgresServer shard(String name) {
        return servers.postgres(name);
    }

    /** Creates the service's role and database on each shard. */
    void createDatabases() {
        for (var name : SHARDS) {
            passwords.put(name, create(shard(name), PEOPLE, PEOPLE));
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
        var meta = servers.postgres(META);
        var tokenFile = folder.path().resolve("admin.token");
        Map<String, String> environment = new HashMap<>();
        environment.put("ANABRANCH_META_URL", meta.jdbcUrl(ANABRANCH));
        environment.put("ANABRANCH_META_USER", ANABRANCH);
        environment.put("ANABRANCH_META_PASSWORD", create(meta, ANABRANCH, ANABRANCH));
        environment.put("ANABRANCH_ADMIN_TOKEN_FILE", tokenFile.toString());
        environment.put("ANABRANCH_CREDENTIAL_KEY_FILE", folder.secret("credential.key", RandomSecret.key()).toString());
        environment.put("ANABRANCH_PORT", "0");
        var endpoint = start(ServiceJar.DIRECTORY, "directory", environment, "ANABRANCH_PORT_FILE", List.of("-Xmx192m"));
        return new DirectoryClient(endpoint, readLine(tokenFile));
    }

    /** Starts the people service in api mode and answers with its address. */
    URI startPeople(URI directory, Path tokenFile) {
        Map<String, String> environment = new HashMap<>();
        environment.put("SHARDING_MODE", "api");
        environment.put("SHARDING_API_ENDPOINT", directory.toString());
        environment.put("SHARDING_API_TOKEN_FILE", tokenFile.toString());
        environment.put("SHARDING_SNAPSHOT_FILE", folder.path().resolve("people.snapshot").toString());
        environment.put("PORT", "0");
        return start(ServiceJar.PEOPLE, "people", environment, "PORT_FILE", List.of("-Xmx384m"));
    }

    /** Writes down what the threads of the services do, beside their logs. */
    void dumpThreads() {
        for (var process : List.copyOf(processes)) {
            var file = folder.log(process.name().replace(' ', '-') + "-threads");
            if (process.dumpThreads(file)) {
                terminal.say("What the threads of the " + process.name() + " do is in " + file);
            }
        }
    }

    /** Fails if a process has ended that should be running. */
    void requireAlive() {
        for (var process : processes) {
            if (!process.isAlive()) {
                throw process.failure("ended although it should be running");
            }
        }
    }

    /** Ends all of it; closing again does nothing. */
    @Override
    public void close() {
        List<OwnedProcess> running;
        synchronized (processes) {
            closed = true;
            running = List.copyOf(processes).reversed();
        }
        running.forEach(OwnedProcess::close);
        servers.close();
    }

    private URI start(
            ServiceJar jar, String name, Map<String, String> environment, String portVariable, List<String> options) {
        var portFile = folder.path().resolve(name + ".port");
        environment.put(portVariable, portFile.toString());
        // While a class is loaded or initialized, a virtual thread holds its carrier: of one for each of two cores none may
        // be left in a JVM that is still cold.
        var jvm = new ArrayList<>(List.of(
                "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Djdk.virtualThreadScheduler.parallelism=16"));
        jvm.addAll(options);
        var command = jar.command(terminal.environment(), jvm);
        return timed("Started the " + jar.title(), () -> {
            OwnedProcess process;
            synchronized (processes) {
                if (closed) {
                    throw CliFailure.failed("The demo is ending", "", null);
                }
                process = OwnedProcess.start(jar.title(), folder.log(name), environment, command);
                processes.add(process);
            }
            return URI.create("http://127.0.0.1:" + process.awaitFile(portFile, START));
        });
    }

    private static String create(PostgresServer server, String role, String database) {
        var password = Passwords.random();
        try {
            server.createRole(role, password);
            server.createDatabase(database, role);
        } catch (SQLException e) {
            throw CliFailure.failed(
                    "The database '" + database + "' cannot be created on " + server.name() + " (" + e.getMessage() + ")",
                    "See " + server.log(),
                    e);
        }
        return password;
    }

    private static String readLine(Path file) {
        try {
            return Files.readString(file).strip();
        } catch (IOException e) {
            throw CliFailure.failed("The directory has written no token to " + file, "See its log in that folder", e);
        }
    }

    private <T> T timed(String what, Supplier<T> work) {
        long begun = System.nanoTime();
        T result = work.get();
        terminal.say(String.format(Locale.ROOT, "%s in %.1f s.", what, (System.nanoTime() - begun) / 1e9));
        return result;
    }
}
