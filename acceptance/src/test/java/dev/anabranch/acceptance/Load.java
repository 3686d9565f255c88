// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.acceptance;

import java.io.IOException;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import tools.jackson.databind.json.JsonMapper;

/** Customers that save people without a pause, until it is closed; every answer is remembered. */
final class Load implements AutoCloseable {
    private final PeopleClient people;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final Map<String, AtomicInteger> saved = new ConcurrentHashMap<>();
    private final Queue<String> failures = new ConcurrentLinkedQueue<>();
    private final AtomicInteger requests = new AtomicInteger();
    private volatile boolean running = true;

    /** One caller for each of these customers, as often as it is named. */
    Load(PeopleClient people, List<String> customers) {
        this.people = people;
        customers.forEach(customer -> threads.execute(() -> {
            while (running) {
                save(customer);
            }
        }));
    }

    private void save(String customer) {
        try {
            HttpResponse<String> answer = people.save(customer);
            requests.incrementAndGet();
            if (answer.statusCode() != 201) {
                failures.add("customer " + customer + ": HTTP " + answer.statusCode() + " " + answer.body());
                return;
            }
            String owner = JsonMapper.shared().readTree(answer.body()).path("customer_id").asString();
            if (!owner.equals(customer)) {
                failures.add("customer " + customer + " was answered with a row of " + owner);
            }
            saved.computeIfAbsent(customer, unused -> new AtomicInteger()).incrementAndGet();
        } catch (IOException e) {
            failures.add("customer " + customer + ": " + e);
        }
    }

    int requests() {
        return requests.get();
    }

    /** Goes on for so many requests more. */
    void awaitRequests(int more) {
        int target = requests.get() + more;
        Await.until(more + " requests more", Duration.ofSeconds(60), () -> requests.get() >= target);
    }

    /** Goes on for a while. */
    void goOnFor(Duration time) {
        long end = System.nanoTime() + time.toNanos();
        Await.until("the time to pass", time.plusSeconds(10), () -> System.nanoTime() >= end);
    }

    List<String> failures() {
        return List.copyOf(failures);
    }

    /** How many people were saved for each customer; to be asked for after closing. */
    Map<String, Integer> saved() {
        Map<String, Integer> counts = new java.util.TreeMap<>();
        saved.forEach((customer, count) -> counts.put(customer, count.get()));
        return counts;
    }

    @Override
    public void close() {
        running = false;
        threads.close();
    }
}
