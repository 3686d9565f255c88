// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.cli;

import dev.anabranch.cli.demo.ServicesDemo;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code demo services}: several services on one database. */
@Command(
        name = "services",
        description = "Two services on one database: a schema, a history and a role for each.",
        footer = {
            "",
            "The services auth and billing bring their own schemas to head at start; a few rows are made through their APIs,",
            "and the database is asked, as each service's role, what it sees. All of it stays up to be looked at, unless",
            "--exit is given; Ctrl-C ends it and leaves nothing behind.",
            "Exits with 0 only if both are at head, hold their rows, and see nothing of each other.",
            "",
            "Example:",
            "  anabranch demo services"
        })
final class DemoServicesCommand implements Callable<Integer> {
    private final Session session;

    @Option(names = "--exit", description = "End after the report.")
    boolean exit;

    DemoServicesCommand(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() throws InterruptedException {
        try (var demo = new ServicesDemo(session.terminal())) {
            var outcome = demo.run();
            if (session.options().json) {
                session.printJson(outcome.report());
            } else {
                outcome.report().lines().forEach(session.terminal().out()::println);
            }
            if (!exit) {
                demo.stayUp(outcome);
            }
            return outcome.report().exitCode().status();
        }
    }
}
