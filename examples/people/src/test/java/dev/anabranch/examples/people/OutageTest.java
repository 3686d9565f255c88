// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.examples.people;

import dev.anabranch.examples.people.Service.Answer;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import tools.jackson.databind.JsonNode;

import static org.assertj.core.api.Assertions.assertThat;

/** A database that dies, and the others. */
@ExtendWith(OutputCaptureExtension.class)
class OutageTest {
    @TempDir
    private Path folder;

    @AfterEach
    void bringBack() {
        if (!Servers.TWO.isRunning()) {
            Servers.TWO.restart();
        }
    }

    @Test
    void aKilledDatabaseIsA503ForItsCustomersAndNothingForTheOthers(CapturedOutput output) throws Exception {
        try (Service service = Service.start(Servers.sharded(Servers.topology(folder, "killed", "any")))) {
            assertThat(service.post("1", "").status()).isEqualTo(201);
            assertThat(service.post("2", "").status()).isEqualTo(201);
            Servers.TWO.kill();
            for (int i = 0; i < 5; i++) {
                Instant asked = Instant.now();
                assertUnavailable(service.post("2", ""));
                assertUnavailable(service.get("2"));
                assertThat(Duration.between(asked, Instant.now())).isLessThan(Duration.ofSeconds(6));
                assertThat(service.post("1", "").status()).isEqualTo(201);
            }
            JsonNode health = service.send("GET", "/actuator/health", "", "").json();
            assertThat(health.path("status").asString()).isEqualTo("UP");
            JsonNode databases =
                    health.path("components").path("db").path("details").path("databases");
            assertThat(databases.path("one").path("status").asString()).isEqualTo("UP");
            assertThat(databases.path("two").path("status").asString()).isEqualTo("DOWN");
            assertThat(service.send("GET", "/actuator/health/readiness", "", "").status()).isEqualTo(200);
            assertThat(measured(service, "anabranch.database.up", "two")).isEqualTo(0);
            assertThat(measured(service, "anabranch.database.up", "one")).isEqualTo(1);

            Servers.TWO.restart();
            Instant deadline = Instant.now().plusSeconds(15);
            Answer again = service.post("2", "");
            while (again.status() != 201 && Instant.now().isBefore(deadline)) {
                again = service.post("2", "");
            }
            assertThat(again.status()).isEqualTo(201);
            assertThat(Servers.ask(Servers.TWO, "killed", "select count(*) from person")).isEqualTo(List.of("2"));
        }
        assertThat(output.getAll()).doesNotContain(Servers.ONE.password(), Servers.TWO.password());
        assertThat(output.getAll()).contains("database_unavailable");
    }

    @Test
    void startsAndServesTheOthersWhileADatabaseIsDown() throws Exception {
        Path topology = Servers.topology(folder, "down", "any");
        Servers.TWO.kill();
        try (Service service = Service.start(Servers.sharded(topology))) {
            assertThat(service.post("1", "").status()).isEqualTo(201);
            assertUnavailable(service.post("2", ""));
            JsonNode health = service.send("GET", "/actuator/health", "", "").json();
            assertThat(health.path("status").asString()).isEqualTo("UP");
            Servers.TWO.restart();
            Instant deadline = Instant.now().plusSeconds(15);
            Answer again = service.post("2", "");
            while (again.status() != 201 && Instant.now().isBefore(deadline)) {
                again = service.post("2", "");
            }
            assertThat(again.status()).isEqualTo(201);
        }
    }

    @Test
    void anUnlistedCustomerIsUnknownWhereOnlyListedOnesAreServed() throws Exception {
        try (Service service = Service.start(Servers.sharded(Servers.topology(folder, "listed", "listed")))) {
            assertThat(service.post("1", "").status()).isEqualTo(201);
            Answer answer = service.post("nobody", "");
            assertThat(answer.status()).isEqualTo(404);
            assertThat(answer.code()).isEqualTo("tenant_unknown");
            assertThat(answer.body()).contains("Check the tenant's id").doesNotContain("anabranch", "evision");
            assertThat(service.get("nobody").status()).isEqualTo(404);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"mariadb", "mysql"})
    void theSameServiceRunsOnMariaDbByItsEnvironmentAlone(String flavor, CapturedOutput output) throws Exception {
        String database = "people_" + flavor;
        try (Service service = Service.start(Servers.standalone(Servers.MARIA, flavor, database))) {
            assertThat(service.post("1", "").status()).isEqualTo(201);
            Answer saved = service.send("POST", "/person/A", "A", "{\"name\":\"Zoë 😀\",\"address\":\"x\"}");
            assertThat(saved.status()).isEqualTo(201);
            assertThat(service.get("A").json().path("people").path(0)).isEqualTo(saved.json());
            assertThat(service.get("a").json().path("total").asInt()).isZero();
            String emoji = service.raw("POST /person/%F0%9F%98%80 HTTP/1.1", "X-Customer-ID: 😀", "Content-Length: 0");
            assertThat(emoji).startsWith("HTTP/1.1 201 ");
            assertThat(service.post("1", "{\"name\":\"n\",\"address\":\"a\",\"customer_id\":\"2\"}").status())
                    .isEqualTo(422);
            assertThat(Servers.ask(Servers.MARIA, database, "select customer_id from person order by id"))
                    .containsExactly("1", "A", "😀");
        }
        assertThat(output.getAll()).doesNotContain(Servers.MARIA.password());
    }

    private static double measured(Service service, String meter, String database) throws Exception {
        return service.send("GET", "/actuator/metrics/" + meter + "?tag=database:" + database, "", "")
                .json()
                .path("measurements")
                .path(0)
                .path("value")
                .asDouble(-1);
    }

    private static void assertUnavailable(Answer answer) {
        assertThat(answer.status()).as(answer.body()).isEqualTo(503);
        assertThat(answer.code()).isEqualTo("database_unavailable");
        assertThat(answer.type()).startsWith("application/problem+json");
        assertThat(Integer.parseInt(answer.retryAfter())).isPositive();
        PeopleTest.assertNothingLeaks(answer.body());
        assertThat(answer.body()).doesNotContain("127.0.0.1", Integer.toString(Servers.TWO.port()));
    }
}
