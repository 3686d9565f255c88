// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.acceptance;

import dev.anabranch.devcluster.DevCluster;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

/** What may change or go away while users are being served. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class LiveChangesAcceptanceTest {
    private static final int BUDGET = 24;
    private static final List<String> DATABASES = List.of("shard-1", "shard-2", "shard-3");

    @TempDir
    static Path folder;

    private static House house;
    private static URI endpoint;

    @BeforeAll
    static void open() throws SQLException, IOException {
        house = new House(folder, DevCluster.builder().postgres("one", "two", "meta").start());
        house.createDatabase("shard-1", house.servers().postgres("one"));
        house.createDatabase("shard-2", house.servers().postgres("two"));
        house.startDirectory(house.servers().postgres("meta"), List.of("shard-1", "shard-2"));
        endpoint = house.startPeople(Map.of(
                "SHARDING_CONNECTION_BUDGET", Integer.toString(BUDGET),
                // Two thousand callers wait for 24 connections: on a slow machine for longer than the usual 3 s.
                "SHARDING_CONNECTION_TIMEOUT_MS", "30000"));
    }

    @AfterAll
    static void close() {
        house.close();
    }

    @Test
    @Order(1)
    void holdsTheBudgetAndMisroutesNothingUnderTwoThousandRequestsAtOnce() throws Exception {
        List<String> tenants = IntStream.range(0, 300).mapToObj(i -> "many-" + i).toList();
        AtomicInteger most = new AtomicInteger();
        AtomicBoolean watching = new AtomicBoolean(true);
        List<String> failures = java.util.Collections.synchronizedList(new ArrayList<>());
        Map<String, Integer> expected = new TreeMap<>();
        try (PeopleClient people = new PeopleClient(endpoint);
                ExecutorService watcher = Executors.newVirtualThreadPerTaskExecutor()) {
            watcher.execute(() -> {
                while (watching.get()) {
                    most.accumulateAndGet(lastingSessions(), Math::max);
                }
            });
            try (ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
                for (int i = 0; i < 2_000; i++) {
                    String tenant = tenants.get(i % tenants.size());
                    expected.merge(tenant, 1, Integer::sum);
                    callers.execute(() -> {
                        try {
                            int status = people.save(tenant).statusCode();
                            if (status != 201) {
                                failures.add("HTTP " + status);
                            }
                        } catch (IOException e) {
                            failures.add(e.toString());
                        }
                    });
                }
            }
            watching.set(false);
        }
        assertThat(failures).isEmpty();
        assertThat(most.get()).isBetween(2, BUDGET);
        assertRows("many-", expected);
    }

    /** Counted again where there are too many: a server may count a session for the instant in which it ends it. */
    private static int lastingSessions() {
        int seen = Integer.MAX_VALUE;
        for (int look = 0; look < 10 && seen > BUDGET; look++) {
            seen = Math.min(
                    seen,
                    House.sessions(house.servers().postgres("one")) + House.sessions(house.servers().postgres("two")));
        }
        return seen;
    }

    @Test
    @Order(2)
    void changesOfTheTopologyFailNoRequest() throws Exception {
        List<String> busy = IntStream.range(0, 24).mapToObj(i -> "busy-" + i % 8).toList();
        Map<String, Integer> saved;
        try (PeopleClient people = new PeopleClient(endpoint)) {
            Load load = new Load(people, busy);
            try (load) {
                load.awaitRequests(300);

                house.rotatePassword("shard-1");
                load.awaitRequests(300);

                house.createDatabase("shard-3", house.servers().postgres("two"));
                house.addDatabase("shard-3");
                load.awaitRequests(300);

                // Placed, and placed elsewhere before it has data.
                house.place("late", "shard-1");
                long revision = house.place("late", "shard-3");
                Await.until("the application to know", Duration.ofSeconds(10), () -> people.revision() >= revision);
                assertThat(people.save("late").statusCode()).isEqualTo(201);
                load.awaitRequests(300);
            }
            assertThat(load.failures()).isEmpty();
            saved = load.saved();
        }
        assertRows("busy-", saved);
        assertThat(house.rows("shard-3")).isEqualTo(Map.of("late", 1));
    }

    @Test
    @Order(3)
    void goesOnWithoutTheDirectoryAndStartsWithoutIt() throws Exception {
        List<String> calm = IntStream.range(0, 16).mapToObj(i -> "calm-" + i % 8).toList();
        Map<String, Integer> saved;
        try (PeopleClient people = new PeopleClient(endpoint)) {
            Load load = new Load(people, calm);
            try (load) {
                load.awaitRequests(100);
                house.killDirectory();
                long killed = System.nanoTime();

                try (PeopleClient second = new PeopleClient(house.startPeople(Map.of()))) {
                    assertThat(second.save("new-while-down").statusCode()).isEqualTo(201);
                    assertThat(second.count("late")).isEqualTo(1);
                }
                load.goOnFor(Duration.ofSeconds(30).minusNanos(System.nanoTime() - killed));

                house.restartDirectory();
                long revision = house.place("after", "shard-3");
                Await.until("the application to follow again", Duration.ofSeconds(20), () -> people.revision() >= revision);
                load.awaitRequests(100);
            }
            assertThat(load.failures()).isEmpty();
            saved = load.saved();
        }
        assertRows("calm-", saved);
    }

    @Test
    @Order(4)
    void showsNoPasswordAnywhere() throws IOException {
        try (PeopleClient people = new PeopleClient(endpoint)) {
            for (String path : new String[] {
                "/actuator/health", "/actuator/metrics", "/v3/api-docs", "/person/1", "/nowhere", "/error"
            }) {
                assertThat(people.get(path).body()).doesNotContain(House.MARK);
            }
        }
        Map<Path, String> files = house.files();
        assertThat(files.keySet()).anyMatch(file -> file.toString().endsWith("directory.log"));
        assertThat(files.keySet()).anyMatch(file -> file.toString().endsWith("people.snapshot"));
        assertThat(files).allSatisfy((file, content) -> assertThat(content).doesNotContain(House.MARK));
    }

    /** Each customer of this kind has exactly these rows, all on the database where the directory places it. */
    private static void assertRows(String kind, Map<String, Integer> expected) throws SQLException {
        Map<String, Integer> found = new TreeMap<>();
        for (String database : DATABASES) {
            if (!house.has(database)) {
                continue;
            }
            house.rows(database).forEach((customer, rows) -> {
                if (customer.startsWith(kind)) {
                    assertThat(house.databaseOf(customer)).as("customer %s", customer).isEqualTo(database);
                    assertThat(found.put(customer, rows)).as("customer %s on two databases", customer).isNull();
                }
            });
        }
        assertThat(found).isEqualTo(expected);
    }
}
