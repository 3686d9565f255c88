// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.cli.demo;

import dev.anabranch.cli.process.OwnedProcess;
import dev.anabranch.cli.process.ServiceJar;
import dev.anabranch.cli.terminal.CliFailure;
import dev.anabranch.cli.terminal.Terminal;
import dev.anabranch.devcluster.DevCluster;
import dev.anabranch.devcluster.Passwords;
import dev.anabranch.devcluster.PostgresServer;
import java.net.URI;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Supplier;

/**
 * The database servers and services of a demo. They live no longer than this JVM. Not thread-safe, but for {@link #close()}.
 */
final class DemoProcesses implements AutoCloseable {
    private static final Duration START = Duration.ofSeconds(90);

    private final Terminal terminal;
    private final DemoFolder folder;
    /** Guarded by itself, with {@link #closed}: Ctrl-C may close while another thread still starts. */
    private final List<OwnedProcess> processes = new ArrayList<>();

    private boolean closed;
    private final DevCluster servers;

    /**
     * Starts the database servers.
     *
     * @param what what is said of them
     */
    DemoProcesses(Terminal terminal, DemoFolder folder, String what, DevCluster.Builder described) {
        this.terminal = terminal;
        this.folder = folder;
        this.servers = timed("Started " + what, described::start);
    }

    PostgresServer postgres(String name) {
        return servers.postgres(name);
    }

    /** Starts a service and answers with its address, once it takes requests. */
    URI start(ServiceJar jar, String name, Map<String, String> variables, String portVariable, String memory) {
        var portFile = folder.path().resolve(name + ".port");
        Map<String, String> environment = new HashMap<>(variables);
        environment.put(portVariable, portFile.toString());
        // While a class is loaded or initialized, a virtual thread holds its carrier: of one for each of two cores none may
        // be left in a JVM that is still cold.
        var jvm = List.of(
                "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Djdk.virtualThreadScheduler.parallelism=16", memory);
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

    /** Creates a role and a database of it, and answers with the role's password. */
    static String create(PostgresServer server, String role, String database) {
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

    /** Writes down what the threads of the services do, beside their logs. */
    void dumpThreads() {
        List<OwnedProcess> running;
        synchronized (processes) {
            running = List.copyOf(processes);
        }
        for (var process : running) {
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

    private <T> T timed(String what, Supplier<T> work) {
        long begun = System.nanoTime();
        T result = work.get();
        terminal.say(String.format(Locale.ROOT, "%s in %.1f s.", what, (System.nanoTime() - begun) / 1e9));
        return result;
    }
}
