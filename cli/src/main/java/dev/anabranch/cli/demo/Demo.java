// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.cli.demo;

import dev.anabranch.cli.client.DirectoryClient;
import dev.anabranch.cli.terminal.CliFailure;
import dev.anabranch.cli.terminal.Terminal;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The main job, end to end, on this machine.
 *
 * <pre>{@code
 * try (var demo = new Demo(terminal, DemoOptions.of(1_000, 100))) {
 *     DemoReport report = demo.run();
 * }
 * }</pre>
 *
 * <p>All its processes end with {@link #close()}, and with the JVM however that ends. Not thread-safe, but for closing.
 */
public final class Demo implements AutoCloseable {
    private final Terminal terminal;
    private final DemoOptions options;
    private final DemoFolder folder;
    private final DemoCluster cluster;
    private final DirectoryClient directory;
    private final DemoSetup setup;
    private final Path appToken;
    private final URI people;
    private final Thread atExit = new Thread(this::stop, "anabranch-demo-exit");
    private @Nullable DemoCluster started;
    private boolean ended;
    private volatile boolean failed;

    /** Starts everything, ready for requests. */
    public Demo(Terminal terminal, DemoOptions options) {
        this.terminal = terminal;
        this.options = options;
        this.folder = DemoFolder.create();
        Runtime.getRuntime().addShutdownHook(atExit);
        try {
            this.cluster = new DemoCluster(terminal, folder);
            started(cluster);
            cluster.createDatabases();
            this.directory = cluster.startDirectory();
            this.setup = new DemoSetup(directory);
            setup.fill(cluster);
            terminal.say("Placed customers 1, 2 and 3 on a database each, and "
                    + options.smallCustomers() + " small ones by hash on the first two.");
            this.appToken = folder.secret("people.token", setup.appToken());
            this.people = cluster.startPeople(directory.endpoint(), appToken);
        } catch (RuntimeException e) {
            failed = true;
            close();
            throw e;
        }
    }

    private synchronized void started(DemoCluster running) {
        started = running;
        if (ended) {
            // Ctrl-C was faster
            running.close();
        }
    }

    /** Sends the requests, asks each database, and reports. */
    public DemoReport run() {
        try {
            var report = report();
            failed = report.exitCode().status() != 0;
            return report;
        } catch (RuntimeException e) {
            failed = true;
            throw e;
        } finally {
            if (failed) {
                terminal.say("The logs stay in " + folder.path() + " until the next demo.");
            }
        }
    }

    private DemoReport report() {
        var load = new DemoLoad(terminal, options, people, cluster::dumpThreads);
        load.warmUp();
        terminal.say(String.format(
                "Warmed up with GET requests. Now 3 x %,d POST at concurrency 3 x %,d, and %,d for the small customers"
                        + " at the same time.",
                options.requests(),
                options.concurrency(),
                options.smallCustomers() * options.requestsPerSmall()));
        var result = load.run();
        result.complaints().forEach(complaint -> terminal.say("A request failed: " + complaint));
        return DemoReport.of(
                result, setup.placements(new ArrayList<>(options.perCustomer().keySet())), DemoCheck.count(cluster));
    }

    /** Prints where to look, and returns when a process has ended that should not have; else never. */
    public void stayUp() throws InterruptedException {
        var connections = new StringBuilder();
        for (var name : DemoCluster.SHARDS) {
            var server = cluster.shard(name);
            connections.append("PGPASSWORD='").append(cluster.password(name)).append("' psql -h ").append(server.host())
                    .append(" -p ").append(server.port()).append(" -U people people    # ").append(name).append('\n');
        }
        var file = folder.secret("connections", connections.toString().strip());
        terminal.say("");
        terminal.say("People, its API:       " + people + "/swagger-ui.html");
        terminal.say("Directory, its API:    " + directory.endpoint() + "/swagger-ui.html");
        terminal.say("A request:             curl -X POST -H 'X-Customer-ID: 42' " + people + "/person/42");
        terminal.say("Where customer 42 is:  ./anabranch --endpoint " + directory.endpoint() + " --token-file "
                + folder.path().resolve("admin.token") + " tenant show 42");
        terminal.say("Databases, with psql:  " + file + " (readable by you alone)");
        terminal.say("Logs:                  " + folder.path());
        terminal.say("");
        terminal.say("Ctrl-C ends all of it.");
        var never = new CountDownLatch(1);
        while (!never.await(1, TimeUnit.SECONDS)) {
            try {
                cluster.requireAlive();
            } catch (CliFailure e) {
                failed = true;
                throw e;
            }
        }
    }

    /** Ends all processes and removes the folder; but for the logs, if something went wrong. Closing again does nothing. */
    @Override
    public void close() {
        try {
            Runtime.getRuntime().removeShutdownHook(atExit);
        } catch (IllegalStateException alreadyExiting) {
            stop();
            return;
        }
        end(failed);
    }

    /** At Ctrl-C nothing has gone wrong, however it looks to who meets the processes' ends. */
    private void stop() {
        end(false);
    }

    private synchronized void end(boolean keepsLogs) {
        if (ended) {
            return;
        }
        ended = true;
        try {
            if (started != null) {
                started.close();
            }
        } finally {
            if (keepsLogs) {
                folder.deleteAllButLogs();
            } else {
                folder.delete();
            }
        }
    }
}
