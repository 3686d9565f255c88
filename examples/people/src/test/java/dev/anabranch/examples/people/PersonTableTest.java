// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.examples.people;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

/** The table, made by whoever comes first. */
class PersonTableTest {
    private static final int RACES = 12;

    @Test
    void twoInstancesMayMakeTheTableAtOnce(@TempDir Path folder) throws Exception {
        String[] properties = properties(folder);
        // One after the other, as they share a JVM's logging; the race is for each database's first request.
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
                Service one = Service.start(properties);
                Service two = Service.start(properties)) {
            CyclicBarrier together = new CyclicBarrier(2);
            for (int i = 0; i < RACES; i++) {
                String customer = Integer.toString(i);
                Callable<Integer> first = () -> post(one, customer, together);
                Callable<Integer> second = () -> post(two, customer, together);
                for (Future<Integer> status : threads.invokeAll(List.of(first, second))) {
                    assertThat(status.get()).as("race %s", customer).isEqualTo(201);
                }
                assertThat(Servers.ask(Servers.ONE, "race" + i, "select count(*) from person")).containsExactly("2");
            }
        }
    }

    private static int post(Service service, String customer, CyclicBarrier together) throws Exception {
        together.await(20, TimeUnit.SECONDS);
        return service.post(customer, "").status();
    }

    /** A fresh database for each race, and for each a customer who lives there. */
    private static String[] properties(Path folder) throws Exception {
        StringBuilder databases = new StringBuilder();
        List<String> names = new ArrayList<>();
        List<String> pinned = new ArrayList<>();
        for (int i = 0; i < RACES; i++) {
            String name = "race" + i;
            Servers.ONE.createDatabase(name);
            databases.append("  %s: {url: \"%s\", user: %s, password: \"env:ONE_PASSWORD\"}\n"
                    .formatted(name, Servers.ONE.jdbcUrl(name), Servers.ONE.superuser()));
            names.add(name);
            pinned.add("\"" + i + "\": " + name);
        }
        Path file = Files.writeString(
                folder.resolve("races.yaml"),
                """
                databases:
                %sgroups:
                  people: {kind: sharded, placement: {hash: [%s], pinned: {%s}}}
                """
                        .formatted(databases, String.join(", ", names), String.join(", ", pinned)));
        return new String[] {
            "SHARDING_MODE=standalone", "SHARDING_CONFIG=" + file, "ONE_PASSWORD=" + Servers.ONE.password()
        };
    }
}
