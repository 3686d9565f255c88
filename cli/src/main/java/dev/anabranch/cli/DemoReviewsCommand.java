// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.cli;

import dev.anabranch.cli.demo.ReviewsDemo;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code demo reviews}: replicas, and reading what was written. */
@Command(
        name = "reviews",
        description = "Reviews in a database of their own with replicas: who answers what, and reading what was written.",
        footer = {
            "",
            "A server for products; one for reviews with three standbys, of which one is 3 s behind and one is kept for reports;",
            "two instances of the service reviews. Requests go to either in turn, and each line says which database server has",
            "answered. A standby is killed and started again on the way. All of it stays up to be looked at, unless --exit is",
            "given; Ctrl-C ends it and leaves nothing behind.",
            "Exits with 0 only if no request failed, and nobody read older than they had written.",
            "",
            "Example:",
            "  anabranch demo reviews"
        })
final class DemoReviewsCommand implements Callable<Integer> {
    private final Session session;

    @Option(names = "--exit", description = "End after the report.")
    boolean exit;

    DemoReviewsCommand(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() throws InterruptedException {
        try (var demo = new ReviewsDemo(session.terminal())) {
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
