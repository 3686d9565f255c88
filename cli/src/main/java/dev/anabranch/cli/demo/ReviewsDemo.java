// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.cli.demo;

import dev.anabranch.cli.process.RandomSecret;
import dev.anabranch.cli.process.ServiceJar;
import dev.anabranch.cli.terminal.CliFailure;
import dev.anabranch.cli.terminal.Terminal;
import dev.anabranch.devcluster.DevCluster;
import dev.anabranch.devcluster.Passwords;
import dev.anabranch.devcluster.PostgresServer;
import java.net.URI;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Reviews in a database of their own with three standbys, of which one is behind and one is kept for reports; and two instances
 * of the service.
 */
public final class ReviewsDemo extends RunningDemo {
    private static final String MAIN = "main";
    private static final String REVIEWS = "reviews";
    private static final String PROMPT = "reviews-replica-1";
    private static final String DELAYED = "reviews-replica-2";
    private static final String REPORTS = "reports";
    private static final String OWNER = "migrator";
    private static final Duration DELAY = Duration.ofSeconds(3);

    /** Starts nothing yet but a folder. */
    public ReviewsDemo(Terminal terminal) {
        super(terminal);
    }

    /** What came of it, and where to look while it is up. */
    public record Outcome(ReviewsReport report, List<String> whereToLook) {
        /** Copies the lines. */
        public Outcome {
            whereToLook = List.copyOf(whereToLook);
        }
    }

    /** Starts everything, sends requests of each kind, and reports who answered. */
    public Outcome run() {
        try {
            var outcome = guarded(this::outcome);
            if (outcome.report().exitCode().status() != 0) {
                keepLogs();
            }
            return outcome;
        } catch (RuntimeException e) {
            keepLogs();
            throw e;
        }
    }

    /** Says where to look, until Ctrl-C. */
    public void stayUp(Outcome outcome) throws InterruptedException {
        stayUp(outcome.whereToLook());
    }

    private Outcome outcome() {
        var described = DevCluster.builder().postgres(MAIN, REVIEWS);
        for (var standby : List.of(PROMPT, DELAYED, REPORTS)) {
            described.standby(standby, REVIEWS);
        }
        var processes = servers("two database servers, and three standbys of one (PostgreSQL)", described);
        var passwords = Map.of(MAIN, createOwner(processes.postgres(MAIN), MAIN),
                REVIEWS, createOwner(processes.postgres(REVIEWS), REVIEWS));
        var topology = topology(processes);
        var environment = Map.of(
                "SHARDING_MODE", "standalone",
                "SHARDING_CONFIG", topology.toString(),
                "SHARDING_CONSISTENCY_KEYS", RandomSecret.key(),
                "REVIEWS_PASSWORD", Passwords.random(),
                "MAIN_OWNER_PASSWORD", passwords.get(MAIN),
                "REVIEWS_OWNER_PASSWORD", passwords.get(REVIEWS),
                "PORT", "0");
        var instances = new ArrayList<URI>();
        for (int i = 1; i <= 2; i++) {
            instances.add(processes.start(ServiceJar.REVIEWS, "reviews-" + i, environment, "PORT_FILE", "-Xmx256m"));
        }
        processes.postgres(DELAYED).delay(DELAY);
        terminal.say("The standby " + DELAYED + " is " + DELAY.toSeconds() + " s behind from now on. Requests go to both"
                + " instances in turn.");
        try (var requests = new ReviewsRequests(instances)) {
            var report = new ReviewsTour(requests, DELAYED, processes.postgres(PROMPT)).make();
            return new Outcome(report, whereToLook(processes, instances));
        }
    }

    /** The owner may make the roles that the service logs in as; that is all that anybody does by hand. */
    private static String createOwner(PostgresServer server, String database) {
        var password = DemoProcesses.create(server, OWNER, database);
        try {
            server.execute("postgres", "ALTER ROLE " + OWNER + " CREATEROLE");
        } catch (SQLException e) {
            throw CliFailure.failed("The role " + OWNER + " may not make roles (" + e.getMessage() + ")", "", e);
        }
        return password;
    }

    /** As examples/reviews.yaml, with these servers' addresses. */
    private Path topology(DemoProcesses processes) {
        return folder.secret(
                "anabranch.yaml",
                """
                databases:
                  main:
                    url: "%s"
                    user: shop_app
                    password: "env:REVIEWS_PASSWORD"
                    owner: {user: migrator, password: "env:MAIN_OWNER_PASSWORD"}
                  reviews:
                    url: "%s"
                    user: reviews_app
                    password: "env:REVIEWS_PASSWORD"
                    owner: {user: migrator, password: "env:REVIEWS_OWNER_PASSWORD"}
                    replicas:
                      - {name: reviews-replica-1, url: "%s"}
                      - {name: reviews-replica-2, url: "%s"}
                      - {name: reports, url: "%s", audiences: [internal]}
                audiences: {public: {}, draft: {}, internal: {readOnly: true}}
                groups:
                  default: {kind: global, database: main, schema: shop}
                  reviews: {kind: global, database: reviews, schema: reviews}"""
                        .formatted(
                                processes.postgres(MAIN).jdbcUrl(MAIN),
                                processes.postgres(REVIEWS).jdbcUrl(REVIEWS),
                                processes.postgres(PROMPT).jdbcUrl(REVIEWS),
                                processes.postgres(DELAYED).jdbcUrl(REVIEWS),
                                processes.postgres(REPORTS).jdbcUrl(REVIEWS)));
    }

    private static List<String> whereToLook(DemoProcesses processes, List<URI> instances) {
        var explain = "/actuator/anabranch/explain?group=reviews&audience=public&access=read";
        return List.of(
                "The API:               " + instances.getFirst() + "/swagger-ui.html",
                "The other instance:    " + instances.getLast(),
                "Who answered:          curl -i " + instances.getFirst() + "/products/1/reviews    # X-Served-By",
                "Who would, and why:    curl '" + instances.getFirst() + explain + "'",
                "The delayed standby:   " + processes.postgres(DELAYED).host() + ":" + processes.postgres(DELAYED).port());
    }
}
