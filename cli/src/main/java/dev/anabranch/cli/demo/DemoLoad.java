// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.cli.demo;

import dev.anabranch.cli.terminal.CliFailure;
import dev.anabranch.cli.terminal.ProgressBar;
import dev.anabranch.cli.terminal.Terminal;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLongArray;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/**
 * The requests: as many at once for each large customer as was asked for, all three and the small ones at the same time,
 * each sent once and never again.
 */
final class DemoLoad {
    private static final Duration ANSWER = Duration.ofSeconds(60);
    /** A GET that is not answered in this time is sent again, and what the services did meanwhile is written down. */
    private static final Duration WARM_UP_ANSWER = Duration.ofSeconds(20);
    private static final int WARM_UP_ATTEMPTS = 3;
    private static final int WARM_UP_ROUNDS = 50;
    private static final int COMPLAINTS = 5;
    private static final JsonMapper JSON = JsonMapper.shared();

    private final Terminal terminal;
    private final DemoOptions options;
    private final URI people;
    private final Runnable silence;
    private final AtomicBoolean wasSilent = new AtomicBoolean();

    private final AtomicLongArray nanos;
    private final AtomicInteger sent = new AtomicInteger();
    private final AtomicInteger failed = new AtomicInteger();
    private final AtomicInteger misrouted = new AtomicInteger();
    private final Map<String, Integer> acknowledged = new ConcurrentHashMap<>();
    private final Set<String> complaints = ConcurrentHashMap.newKeySet();

    /**
     * @param people where the service is
     * @param silence called once, where the service does not answer in time
     */
    DemoLoad(Terminal terminal, DemoOptions options, URI people, Runnable silence) {
        this.silence = silence;
        this.terminal = terminal;
        this.options = options;
        this.people = people;
        this.nanos = new AtomicLongArray(options.total());
    }

    /**
     * What came of the requests.
     *
     * @param requests how many were sent
     * @param failed how many were not answered as they should have been
     * @param misrouted how many were answered with another customer's row
     * @param acknowledged by customer: how many rows the service says it has saved
     * @param p50Millis half of them took no longer, the failed ones among them
     * @param p99Millis 99 of 100 took no longer
     * @param seconds how long all took
     * @param complaints the first different failures
     */
    record Result(
            int requests,
            int failed,
            int misrouted,
            Map<String, Integer> acknowledged,
            double p50Millis,
            double p99Millis,
            double seconds,
            List<String> complaints) {}

    /** Sends a few hundred requests that write nothing and are not counted, so that pools are open and code compiled. */
    void warmUp() {
        var customers = new ArrayList<>(DemoOptions.LARGE);
        customers.addAll(options.small().subList(0, Math.min(5, options.smallCustomers())));
        try (var http = client()) {
            together(customers.stream().map(customer -> (Runnable) () -> {
                for (int i = 0; i < WARM_UP_ROUNDS; i++) {
                    warmUp(http, customer);
                }
            }).toList());
        }
    }

    /** Sends all requests and waits for their answers. */
    Result run() {
        double seconds;
        var progress = new ProgressBar(terminal, "POST /person", options.total(), sent::get);
        try (var http = client()) {
            long begun = System.nanoTime();
            together(senders(http));
            seconds = (System.nanoTime() - begun) / 1e9;
        } finally {
            progress.close();
        }
        var sorted = new long[options.total()];
        for (int i = 0; i < sorted.length; i++) {
            sorted[i] = nanos.get(i);
        }
        Arrays.sort(sorted);
        return new Result(
                options.total(),
                failed.get(),
                misrouted.get(),
                new TreeMap<>(acknowledged),
                percentileMillis(sorted, 0.50),
                percentileMillis(sorted, 0.99),
                seconds,
                List.copyOf(new LinkedHashSet<>(complaints)));
    }

    private static double percentileMillis(long[] sorted, double share) {
        int index = (int) Math.ceil(share * sorted.length) - 1;
        return sorted[Math.max(0, index)] / 1e6;
    }

    private List<Runnable> senders(HttpClient http) {
        List<Runnable> senders = new ArrayList<>();
        for (var customer : DemoOptions.LARGE) {
            var left = new AtomicInteger(options.requests());
            for (int i = 0; i < options.concurrency(); i++) {
                senders.add(() -> {
                    while (left.getAndDecrement() > 0) {
                        post(http, customer);
                    }
                });
            }
        }
        var small = options.small();
        var next = new AtomicInteger();
        int requests = small.size() * options.requestsPerSmall();
        for (int i = 0; i < options.concurrency(); i++) {
            senders.add(() -> {
                // round after round, so that the same customer is not asked for twice in a row
                for (int mine = next.getAndIncrement(); mine < requests; mine = next.getAndIncrement()) {
                    post(http, small.get(mine % small.size()));
                }
            });
        }
        return senders;
    }

    private void post(HttpClient http, String customer) {
        var request = request(customer).POST(BodyPublishers.noBody()).build();
        long begun = System.nanoTime();
        try {
            var answer = http.send(request, BodyHandlers.ofByteArray());
            if (answer.statusCode() / 100 != 2) {
                var problem = JSON.readTree(answer.body());
                fail("status " + answer.statusCode() + ", " + problem.path("code").asString("without a code"));
                return;
            }
            acknowledged.merge(customer, 1, Integer::sum);
            if (!customer.equals(JSON.readTree(answer.body()).path("customer_id").asString(""))) {
                misrouted.incrementAndGet();
                complain("an answer with another customer's row");
            }
        } catch (IOException e) {
            fail(e.getClass().getSimpleName() + ": " + e.getMessage());
        } catch (JacksonException e) {
            fail("an answer that is not JSON");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            fail("interrupted");
        } finally {
            nanos.set(sent.getAndIncrement(), System.nanoTime() - begun);
        }
    }

    private void warmUp(HttpClient http, String customer) {
        for (int attempt = 1; !answered(http, customer, attempt); attempt++) {
            terminal.say("GET /person/" + customer + " was not answered in " + WARM_UP_ANSWER.toSeconds() + " s: sent again");
        }
    }

    private boolean answered(HttpClient http, String customer, int attempt) {
        try {
            var get = request(customer).timeout(WARM_UP_ANSWER).GET().build();
            var answer = http.send(get, BodyHandlers.discarding());
            if (answer.statusCode() / 100 != 2) {
                throw CliFailure.failed(
                        "The people service answers GET /person/" + customer + " with status " + answer.statusCode(),
                        "See its log",
                        null);
            }
            return true;
        } catch (HttpTimeoutException e) {
            if (wasSilent.compareAndSet(false, true)) {
                silence.run();
            }
            if (attempt < WARM_UP_ATTEMPTS) {
                return false;
            }
            throw notAnswering(e);
        } catch (IOException e) {
            throw notAnswering(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return true;
        }
    }

    private CliFailure notAnswering(IOException e) {
        return CliFailure.failed("The people service at " + people + " does not answer (" + e + ")", "See its log", e);
    }

    private HttpRequest.Builder request(String customer) {
        return HttpRequest.newBuilder(people.resolve("/person/" + customer))
                .header("X-Customer-ID", customer)
                .header("Accept", "application/json")
                .timeout(ANSWER);
    }

    private void fail(String why) {
        failed.incrementAndGet();
        complain(why);
    }

    private void complain(String why) {
        if (complaints.size() < COMPLAINTS) {
            complaints.add(why);
        }
    }

    private static HttpClient client() {
        return HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(ANSWER)
                .executor(Executors.newVirtualThreadPerTaskExecutor())
                .build();
    }

    /** Runs all at once, each on a thread of its own, and waits for all. */
    private static void together(List<Runnable> work) {
        try (var executor = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<?>> running = new ArrayList<>();
            work.forEach(task -> running.add(executor.submit(task)));
            for (var task : running) {
                task.get();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw CliFailure.failed("Interrupted while requests were being sent", "", e);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            throw CliFailure.failed("The load failed: " + e.getCause(), "Run it again with --debug", e);
        }
    }
}
