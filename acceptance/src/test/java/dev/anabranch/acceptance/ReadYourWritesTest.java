// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.acceptance;

import dev.anabranch.acceptance.ReviewsClient.Answer;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Callers who write through one instance and read through another, with standbys whose delay changes all the time. The long form
 * is {@code -Danabranch.pairs=100000}.
 */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class ReadYourWritesTest {
    private static final int PAIRS = Integer.getInteger("anabranch.pairs", 2_000);
    private static final long SEED = Long.getLong("anabranch.seed", 4);
    private static final int LONGEST_THOUGHT_MILLIS = 6_000;
    private static final int LONGEST_DELAY_MILLIS = 5_000;
    private static final long FIXED_WAIT_NANOS = Duration.ofSeconds(2).toNanos();
    private static final long OUT_WITHIN_MILLIS = 1_000;
    private static final String REVIEW = "{\"stars\": 4, \"text\": \"Does what it says.\"}";

    private static ReviewsHouse house;

    @BeforeAll
    static void start(@TempDir Path folder) throws SQLException, IOException {
        house = ReviewsHouse.start(folder);
    }

    @AfterAll
    static void stop() {
        house.close();
    }

    /** What came of all pairs. */
    private static final class Counts {
        final LongAdder pairs = new LongAdder();
        final LongAdder failed = new LongAdder();
        final LongAdder stale = new LongAdder();
        final LongAdder byReplica = new LongAdder();
        final LongAdder oracle = new LongAdder();
        final LongAdder fixedByReplica = new LongAdder();
        final LongAdder fixedStale = new LongAdder();

        String lines(Duration took) {
            return String.format(
                    Locale.ROOT,
                    "%d pairs in %d s, seed %d, %d failed%n"
                            + "  router:         %6d by replicas (%.3f), %d stale%n"
                            + "  oracle:         %6d by replicas (%.3f); router/oracle %.3f%n"
                            + "  fixed wait 2 s: %6d by replicas (%.3f), %d stale",
                    pairs.sum(), took.toSeconds(), SEED, failed.sum(),
                    byReplica.sum(), share(byReplica), stale.sum(),
                    oracle.sum(), share(oracle), (double) byReplica.sum() / Math.max(1, oracle.sum()),
                    fixedByReplica.sum(), share(fixedByReplica), fixedStale.sum());
        }

        private double share(LongAdder count) {
            return (double) count.sum() / Math.max(1, pairs.sum());
        }
    }

    @Test
    @Order(1)
    void nobodyReadsOlderThanTheyWroteAndReplicasServeNearlyAllThatTheyCould() throws Exception {
        Counts counts = new Counts();
        long begun = System.nanoTime();
        AtomicInteger left = new AtomicInteger(PAIRS);
        int sessions = Math.clamp(PAIRS / 100, 250, 1_000);
        try (HttpClient http = HttpClient.newHttpClient();
                Oracle oracle = new Oracle(List.of(house.standby(0), house.standby(1)), "reviews");
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            ReviewsClient shop = new ReviewsClient(http, house.instances());
            long product = shop.post("/products", "{\"name\": \"Kettle\"}").body().path("id").asLong();
            List<Future<?>> all = new ArrayList<>();
            for (int i = 0; i < sessions; i++) {
                // One after the other: this also warms up both instances, which all at once would find cold.
                ReviewsClient client = new ReviewsClient(http, house.instances());
                Answer written = client.post("/products/" + product + "/reviews", REVIEW);
                assertThat(written.status()).as(written.toString()).isEqualTo(201);
                long id = written.body().path("id").asLong();
                all.add(threads.submit(() -> {
                    think(Duration.ofMillis(ThreadLocalRandom.current().nextInt(LONGEST_THOUGHT_MILLIS)));
                    while (left.getAndDecrement() > 0) {
                        pair(client, id, counts, oracle);
                    }
                    return null;
                }));
            }
            changeDelaysUntilDone(all);
            for (Future<?> one : all) {
                one.get();
            }
        } finally {
            setDelay(0, 0);
            setDelay(1, 0);
        }
        String lines = counts.lines(Duration.ofNanos(System.nanoTime() - begun));
        System.out.println(lines);
        assertThat(counts.failed.sum()).as(lines).isZero();
        assertThat(counts.pairs.sum()).as(lines).isEqualTo(PAIRS);
        assertThat(counts.stale.sum()).as(lines).isZero();
        assertThat(counts.oracle.sum()).as(lines).isGreaterThan(PAIRS / 4);
        assertThat((double) counts.byReplica.sum()).as(lines).isGreaterThanOrEqualTo(0.9 * counts.oracle.sum());
    }

    private static void pair(
            ReviewsClient client,
            long id,
            Counts counts,
            Oracle oracle)
            throws IOException, InterruptedException, SQLException {
        Answer written = client.put("/reviews/" + id, REVIEW);
        long at = System.nanoTime();
        int edition = written.body().path("edition").asInt();
        ThreadLocalRandom random = ThreadLocalRandom.current();
        think(Duration.ofMillis(random.nextInt(LONGEST_THOUGHT_MILLIS)));

        List<Integer> shown = oracle.editions(id);
        boolean waited = System.nanoTime() - at >= FIXED_WAIT_NANOS;
        Answer read = client.get("/reviews/" + id);
        if (written.status() != 200 || read.status() != 200) {
            counts.failed.increment();
            if (counts.failed.sum() <= 5) {
                System.out.println("PUT " + written + ", GET " + read);
            }
            return;
        }
        counts.pairs.increment();
        add(counts.oracle, shown.stream().anyMatch(seen -> seen >= edition));
        add(counts.byReplica, read.fromReplica());
        add(counts.stale, read.body().path("edition").asInt() < edition);
        if (waited) {
            counts.fixedByReplica.increment();
            add(counts.fixedStale, shown.get(random.nextInt(shown.size())) < edition);
        }
    }

    @Test
    @Order(2)
    void aStandbyThatIsKilledAndOneThatIsPausedFailNoRequest() throws Exception {
        Queue<String> failures = new ConcurrentLinkedQueue<>();
        AtomicInteger requests = new AtomicInteger();
        AtomicBoolean running = new AtomicBoolean(true);
        try (HttpClient http = HttpClient.newHttpClient();
                ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
            ReviewsClient shop = new ReviewsClient(http, house.instances());
            long product = shop.post("/products", "{\"name\": \"Toaster\"}").body().path("id").asLong();
            long id = shop.post("/products/" + product + "/reviews", REVIEW).body().path("id").asLong();
            for (int standby = 0; standby < 2; standby++) {
                house.standby(standby).awaitCaughtUp(Duration.ofSeconds(30));
                awaitRotation(shop, standby, 1);
            }
            for (int i = 0; i < 24; i++) {
                boolean writes = i % 8 == 0;
                callers.execute(() -> {
                    ReviewsClient client = new ReviewsClient(http, house.instances());
                    while (running.get()) {
                        try {
                            Answer answer = writes && requests.get() % 2 == 0
                                    ? client.put("/reviews/" + id, REVIEW)
                                    : client.get("/reviews/" + id);
                            if (answer.status() != 200) {
                                failures.add(answer.toString());
                            }
                            requests.incrementAndGet();
                        } catch (IOException | InterruptedException e) {
                            failures.add(e.toString());
                        }
                    }
                });
            }
            try {
                awaitMore(requests, 300);
                long killed = leaves(shop, 0, () -> house.standby(0).kill());
                awaitMore(requests, 300);
                house.standby(0).restart();
                awaitRotation(shop, 0, 1);

                long paused = leaves(shop, 1, () -> house.standby(1).pause());
                awaitMore(requests, 300);
                house.standby(1).resume();
                awaitRotation(shop, 1, 1);
                System.out.printf(
                        "%d requests, %d failed; out of rotation %d ms after SIGKILL, %d ms after SIGSTOP%n",
                        requests.get(), failures.size(), killed, paused);
                assertThat(killed).isLessThan(OUT_WITHIN_MILLIS);
                assertThat(paused).isLessThan(OUT_WITHIN_MILLIS);
            } finally {
                running.set(false);
                house.standby(1).resume();
            }
        }
        assertThat(failures).isEmpty();
    }

    private static void awaitMore(AtomicInteger requests, int more) {
        int target = requests.get() + more;
        Await.until(more + " requests more", Duration.ofSeconds(60), () -> requests.get() >= target);
    }

    /** How many milliseconds after the blow both instances have the replica out of rotation. */
    private static long leaves(ReviewsClient shop, int standby, Runnable blow) {
        long began = System.nanoTime();
        blow.run();
        awaitRotation(shop, standby, 0);
        return Duration.ofNanos(System.nanoTime() - began).toMillis();
    }

    private static void awaitRotation(ReviewsClient shop, int standby, int wanted) {
        String name = ReviewsHouse.STANDBYS.get(standby);
        for (URI instance : house.instances()) {
            Await.until(name + " in rotation: " + wanted, Duration.ofSeconds(40), () -> {
                try {
                    return shop.meter(instance, "anabranch.replica.in.rotation", name) == wanted;
                } catch (IOException | InterruptedException e) {
                    throw new AssertionError(e);
                }
            });
        }
    }

    private static void think(Duration thought) {
        long end = System.nanoTime() + thought.toNanos();
        for (long left = thought.toNanos(); left > 0; left = end - System.nanoTime()) {
            LockSupport.parkNanos(left);
        }
    }

    private static void add(LongAdder count, boolean holds) {
        if (holds) {
            count.increment();
        }
    }

    /** Sets each standby's delay anew, by chance, while there is somebody to see it. */
    private static void changeDelaysUntilDone(List<Future<?>> all) {
        Random random = new Random(SEED);
        while (!all.stream().allMatch(Future::isDone)) {
            setDelay(random.nextInt(ReviewsHouse.STANDBYS.size()), random.nextInt(LONGEST_DELAY_MILLIS + 1));
            long next = System.nanoTime() + Duration.ofMillis(500 + random.nextInt(1_500)).toNanos();
            Await.until("the next change", Duration.ofSeconds(10), () -> System.nanoTime() >= next);
        }
    }

    private static void setDelay(int standby, int millis) {
        house.standby(standby).delay(Duration.ofMillis(millis));
    }
}
