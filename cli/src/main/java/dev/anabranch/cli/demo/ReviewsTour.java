// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.cli.demo;

import dev.anabranch.cli.demo.ReviewsReport.Route;
import dev.anabranch.cli.terminal.CliFailure;
import dev.anabranch.devcluster.PostgresServer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import tools.jackson.databind.JsonNode;

/** What the reviews' demo does, one thing after the other. Not thread-safe. */
final class ReviewsTour {
    private static final int PAIRS = 20;
    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final Duration POLL = Duration.ofMillis(10);

    private final ReviewsRequests requests;
    private final String delayed;
    private final PostgresServer victim;
    private final List<Route> routes = new ArrayList<>();
    private int stale;

    /**
     * @param delayed the name of the standby that is behind
     * @param victim the standby that is killed on the way
     */
    ReviewsTour(ReviewsRequests requests, String delayed, PostgresServer victim) {
        this.requests = requests;
        this.delayed = delayed;
        this.victim = victim;
    }

    /** Does all of it. */
    ReviewsReport make() {
        var review = "/reviews/" + kindsOfRequests();
        pairs(review);
        int edition = rewrite(review);
        long written = System.nanoTime();
        long delayedBack = millisUntil("the delayed standby answers its writer", written, () -> {
            var answer = read(review, edition);
            return answer.servers().contains(delayed);
        });
        var without = withoutCookie(review);
        victim.kill();
        long killed = System.nanoTime();
        long out = millisUntil("the killed standby is out of rotation", killed, () -> {
            read(review, edition);
            return requests.allSay(victim.name(), false);
        });
        for (int i = 0; i < PAIRS; i++) {
            read(review, rewrite(review));
        }
        victim.restart();
        long started = System.nanoTime();
        int last = rewrite(review);
        long back = millisUntil("the standby answers again", started, () ->
                read(review, last).servers().contains(victim.name()));
        return new ReviewsReport(
                routes,
                PAIRS,
                stale,
                without.old(),
                without.oldestMillis(),
                delayedBack,
                out,
                back,
                requests.readsByServer(),
                requests.failures());
    }

    /** One request of each kind; answers with the number of a review that is there now. */
    private long kindsOfRequests() {
        var product = note("adds a product", "POST", "/products", Map.of("name", "Kettle")).path("id").asLong();
        show("lists the products", "/products");
        var path = "/products/" + product + "/reviews";
        var review = note("writes a review, a draft", "POST", path, opinion()).path("id").asLong();
        show("its author reads it at once", "/reviews/" + review);
        show("an editor lists the drafts", "/moderation/drafts");
        note("an editor publishes it", "POST", "/moderation/drafts/" + review + "/publish", Map.of());
        awaitAll(path);
        showToOthers("the public lists reviews", path);
        showToOthers("an analyst asks for a report", "/reports/products");
        return review;
    }

    /** Until replicas show it to those who have not written it. */
    private void awaitAll(String path) {
        millisUntil("the review is seen by all", System.nanoTime(), () -> {
            for (int i = 0; i < 8; i++) {
                if (requests.get(path, false).body().isEmpty()) {
                    return false;
                }
            }
            return true;
        });
    }

    private void pairs(String review) {
        for (int i = 0; i < PAIRS; i++) {
            read(review, rewrite(review));
        }
    }

    /** What came of reading without the cookie. */
    private record Without(int old, long oldestMillis) {}

    private Without withoutCookie(String review) {
        int old = 0;
        int edition = 0;
        for (int i = 0; i < PAIRS; i++) {
            edition = rewrite(review);
            if (edition(requests.get(review, false)) < edition) {
                old++;
            }
        }
        int newest = edition;
        long written = System.nanoTime();
        long lastOld = written;
        while (System.nanoTime() - written < Duration.ofSeconds(5).toNanos()) {
            if (edition(requests.get(review, false)) < newest) {
                lastOld = System.nanoTime();
            }
            LockSupport.parkNanos(POLL.toNanos());
        }
        return new Without(old, Duration.ofNanos(lastOld - written).toMillis());
    }

    private int rewrite(String review) {
        return edition(requests.write("PUT", review, opinion()));
    }

    private ReviewsRequests.Answer read(String review, int written) {
        var answer = requests.get(review, true);
        if (edition(answer) < written) {
            stale++;
        }
        return answer;
    }

    private static int edition(ReviewsRequests.Answer answer) {
        return answer.body().path("edition").asInt();
    }

    private static Map<String, ?> opinion() {
        return Map.of("stars", 4, "text", "Boils water.");
    }

    private JsonNode note(String what, String method, String path, Map<String, ?> body) {
        var answer = requests.write(method, path, body);
        routes.add(new Route(method + " " + path, what, answer.servers()));
        return answer.body();
    }

    private void show(String what, String path) {
        routes.add(new Route("GET " + path, what, requests.get(path, true).servers()));
    }

    private void showToOthers(String what, String path) {
        routes.add(new Route("GET " + path, what, requests.get(path, false).servers()));
    }

    private static long millisUntil(String what, long begun, BooleanSupplier condition) {
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - begun > LIMIT.toNanos()) {
                throw CliFailure.failed(
                        "Not within " + LIMIT.toSeconds() + " s: " + what, "See the logs of the services", null);
            }
            LockSupport.parkNanos(POLL.toNanos());
        }
        return Duration.ofNanos(System.nanoTime() - begun).toMillis();
    }
}
