// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.cli.demo;

import dev.anabranch.cli.client.DirectoryClient;
import dev.anabranch.cli.terminal.Terminal;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

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
    private final DemoFolder folder = DemoFolder.create();
    private final DemoCluster cluster;
    private final DirectoryClient directory;
    private final DemoSetup setup;
    private final Path appToken;
    private final URI people;
    private final Thread atExit = new Thread(this::end, "anabranch-demo-exit");
    private boolean ended;
    private volatile boolean done;

    /** Starts everything, ready for requests. */
    public Demo(Terminal terminal, DemoOptions options) {
        this.terminal = terminal;
        this.options = options;
        this.cluster = new DemoCluster(terminal, folder);
        Runtime.getRuntime().addShutdownHook(atExit);
        try {
            cluster.createDatabases();
            this.directory = cluster.startDirectory();
            this.setup = new DemoSetup(directory);
            setup.fill(cluster);
            terminal.say("Placed customers 1, 2 and 3 on a database each, and "
                    + options.smallCustomers() + " small ones by hash on the first two.");
            this.appToken = folder.secret("people.token", setup.appToken());
            this.people = cluster.startPeople(directory.endpoint(), appToken);
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    /** Sends the requests, asks each database, and reports. */
    public DemoReport run() {
        var load = new DemoLoad(terminal, options, people);
        load.warmUp();
        terminal.say(String.format(
                "Warmed up with GET requests. Now 3 x %,d POST at concurrency 3 x %,d, and %,d for the small customers"
                        + " at the same time.",
                options.requests(),
                options.concurrency(),
                options.smallCustomers() * options.requestsPerSmall()));
        var result = load.run();
        result.complaints().forEach(complaint -> terminal.say("A request failed: " + complaint));
        var report = DemoReport.of(
                result, setup.placements(new ArrayList<>(options.perCustomer().keySet())), DemoCheck.count(cluster));
        done = report.exitCode().status() == 0;
        if (!done) {
            terminal.say("The logs stay in " + folder.path());
        }
        return report;
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
            cluster.requireAlive();
        }
    }

    /** Ends all processes; their logs stay only if something went wrong. Closing again does nothing. */
    @Override
    public void close() {
        try {
            Runtime.getRuntime().removeShutdownHook(atExit);
        } catch (IllegalStateException alreadyExiting) {
            // the hook does the same
        }
        end();
    }

    private synchronized void end() {
        if (ended) {
            return;
        }
        ended = true;
        cluster.close();
        if (done) {
            folder.delete();
        }
    }
}
