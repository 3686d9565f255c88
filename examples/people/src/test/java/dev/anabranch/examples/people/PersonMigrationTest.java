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
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** The table, made by whoever comes first. */
class PersonMigrationTest {
    private static final int RACES = 12;
    private static final String HISTORY = "select version from flyway_schema_history order by installed_rank";

    @Test
    void twoInstancesThatStartAtOnceMakeTheTableOnceOnEachDatabase(@TempDir Path folder) throws Exception {
        String[] properties = properties(folder);
        CyclicBarrier together = new CyclicBarrier(2);
        Callable<Service> start = () -> {
            together.await(20, TimeUnit.SECONDS);
            return Service.start(properties);
        };
        // With one that runs already: it has set up the logging that all instances of a JVM share.
        try (Service running = Service.start(Servers.standalone(Servers.ONE, "postgres", "race"));
                ExecutorService threads = Executors.newFixedThreadPool(2)) {
            List<Future<Service>> services = threads.invokeAll(List.of(start, start));
            try (Service one = services.get(0).get();
                    Service two = services.get(1).get()) {
                for (int i = 0; i < RACES; i++) {
                    String customer = Integer.toString(i);
                    assertThat(one.post(customer, "").status()).isEqualTo(201);
                    assertThat(two.post(customer, "").status()).isEqualTo(201);
                    assertThat(Servers.ask(Servers.ONE, "race" + i, "select count(*) from person")).containsExactly("2");
                    assertThat(Servers.ask(Servers.ONE, "race" + i, HISTORY)).containsExactly("1");
                }
            }
            assertThat(running.post("1", "").status()).isEqualTo(201);
        }
    }

    @Test
    void aRoleThatMayNotMakeTablesStartsWhereTheTableIsThere() throws Exception {
        String[] asOwner = Servers.standalone(Servers.ONE, "postgres", "served_by_others");
        Servers.ONE.createRole("people_reader", "reads-42");
        String[] asReader = asOwner.clone();
        replace(asReader, "SHARDING_USER", "people_reader");
        replace(asReader, "SHARDING_PASSWORD", "reads-42");

        assertThatThrownBy(() -> Service.start(asReader))
                .rootCause()
                .hasMessageContainingAll("people on main", "people_reader");

        Service.start(asOwner).close();
        Servers.ONE.execute(
                "served_by_others", "grant select, insert on all tables in schema public to people_reader");
        try (Service service = Service.start(asReader)) {
            assertThat(service.post("1", "").status()).isEqualTo(201);
        }
    }

    @Test
    void eachFlavorHasAFormOfItsOwn() throws Exception {
        for (String flavor : List.of("mariadb", "mysql")) {
            String database = "formed_" + flavor;
            try (Service service = Service.start(Servers.standalone(Servers.MARIA, flavor, database))) {
                assertThat(service.post("a", "").status()).isEqualTo(201);
                assertThat(service.get("A").json().path("total").asInt()).isZero();
            }
            assertThat(Servers.ask(Servers.MARIA, database, HISTORY)).containsExactly("1");
        }
    }

    private static void replace(String[] properties, String variable, String value) {
        for (int i = 0; i < properties.length; i++) {
            if (properties[i].startsWith(variable + "=")) {
                properties[i] = variable + "=" + value;
            }
        }
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
