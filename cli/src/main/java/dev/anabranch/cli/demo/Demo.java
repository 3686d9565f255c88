// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.cli.demo;

import dev.anabranch.cli.client.DirectoryClient;
import dev.anabranch.cli.terminal.Terminal;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;

/**
 * The main job, end to end, on this machine.
 *
 * <pre>{@code
 * try (var demo = new Demo(terminal, DemoOptions.of(1_000, 100))) {
 *     DemoReport report = demo.run();
 * }
 * }</pre>
 */
public final class Demo extends RunningDemo {
    private final DemoOptions options;

    /** Starts nothing yet but a folder. */
    public Demo(Terminal terminal, DemoOptions options) {
        super(terminal);
        this.options = options;
    }

    /** What runs, once it does. */
    private record House(DemoProcesses processes, DemoCluster cluster, DirectoryClient directory, DemoSetup setup, URI people) {}

    private House start() {
        var processes = servers("3 shards and a meta database (PostgreSQL)", DemoCluster.servers());
        var cluster = new DemoCluster(processes, folder);
        cluster.createDatabases();
        var directory = cluster.startDirectory();
        var setup = new DemoSetup(directory);
        setup.fill(cluster);
        terminal.say("Placed customers 1, 2 and 3 on a database each, and " + options.smallCustomers()
                + " small ones by hash on the first two.");
        var appToken = folder.secret("people.token", setup.appToken());
        return new House(processes, cluster, directory, setup, cluster.startPeople(directory.endpoint(), appToken));
    }

    /** What came of it, and where to look while it is up. */
    public record Outcome(DemoReport report, List<String> whereToLook) {
        /** Copies the lines. */
        public Outcome {
            whereToLook = List.copyOf(whereToLook);
        }
    }

    /** Starts everything, sends the requests, asks each database, and reports. */
    public Outcome run() {
        var house = guarded(this::start);
        try {
            var report = guarded(() -> report(house));
            if (report.exitCode().status() != 0) {
                keepLogs();
            }
            return new Outcome(report, whereToLook(house));
        } catch (RuntimeException e) {
            keepLogs();
            throw e;
        }
    }

    /** Says where to look, until Ctrl-C. */
    public void stayUp(Outcome outcome) throws InterruptedException {
        stayUp(outcome.whereToLook());
    }

    private DemoReport report(House house) {
        var load = new DemoLoad(terminal, options, house.people(), house.processes()::dumpThreads);
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
                result,
                house.setup().placements(new ArrayList<>(options.perCustomer().keySet())),
                DemoCheck.count(house.cluster()));
    }

    private List<String> whereToLook(House house) {
        var connections = new StringBuilder();
        for (var name : DemoCluster.SHARDS) {
            var server = house.cluster().shard(name);
            connections.append("PGPASSWORD='").append(house.cluster().password(name)).append("' psql -h ").append(server.host())
                    .append(" -p ").append(server.port()).append(" -U people people    # ").append(name).append('\n');
        }
        var file = folder.secret("connections", connections.toString().strip());
        var endpoint = house.directory().endpoint();
        return List.of(
                "People, its API:       " + house.people() + "/swagger-ui.html",
                "Directory, its API:    " + endpoint + "/swagger-ui.html",
                "A request:             curl -X POST -H 'X-Customer-ID: 42' " + house.people() + "/person/42",
                "Where customer 42 is:  ./anabranch --endpoint " + endpoint + " --token-file "
                        + folder.path().resolve("admin.token") + " tenant show 42",
                "Databases, with psql:  " + file + " (readable by you alone)");
    }
}
