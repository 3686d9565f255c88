// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.cli;

import dev.anabranch.cli.demo.Demo;
import dev.anabranch.cli.demo.DemoOptions;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code demo}: the main job, end to end. */
@Command(
        name = "demo",
        description = "The main job on this machine: three databases, the directory, a service, thousands of requests.",
        footer = {
            "",
            "Afterwards each database is asked directly whose rows it holds. All of it stays up to be looked at, unless",
            "--exit is given; Ctrl-C ends it and leaves nothing behind.",
            "Exits with 0 only if no request failed and every row is where it belongs, with 3 if one is elsewhere.",
            "",
            "Examples:",
            "  anabranch demo",
            "  anabranch demo --exit --json",
            "  anabranch demo services          two services on one database, a schema each",
            "  anabranch demo reviews           replicas, and reading what was written"
        })
final class DemoCommand implements Callable<Integer> {
    private final Session session;

    @Option(names = "--exit", description = "End after the report.")
    boolean exit;

    @Option(
            names = "--requests",
            paramLabel = "N",
            defaultValue = "1000",
            description = "For each of the three large customers (default: ${DEFAULT-VALUE}).")
    int requests;

    @Option(
            names = "--concurrency",
            paramLabel = "N",
            defaultValue = "100",
            description = "At once, for each of the three (default: ${DEFAULT-VALUE}).")
    int concurrency;

    DemoCommand(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() throws InterruptedException {
        try (var demo = new Demo(session.terminal(), DemoOptions.of(requests, concurrency))) {
            var outcome = demo.run();
            var report = outcome.report();
            if (session.options().json) {
                session.printJson(report);
            } else {
                report.lines().forEach(session.terminal().out()::println);
            }
            if (!exit) {
                demo.stayUp(outcome);
            }
            return report.exitCode().status();
        }
    }
}
