// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.acceptance;

import dev.anabranch.devcluster.DevCluster;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

/** One artifact: the same people jar in each mode and on each flavor, by environment variables alone. */
class SameJarAcceptanceTest {
    @TempDir
    Path folder;

    private House house;

    @BeforeEach
    void open() throws SQLException {
        house = new House(
                folder,
                DevCluster.builder().postgres("one", "meta").mariadb("maria").start());
        house.createDatabase("pg-1", house.servers().postgres("one"));
        house.createDatabase("pg-2", house.servers().postgres("one"));
        house.createDatabase("maria-1", house.servers().mariadb("maria"));
        house.createDatabase("maria-2", house.servers().mariadb("maria"));
    }

    @AfterEach
    void close() {
        house.close();
    }

    @Test
    void servesStandaloneOnPostgres() throws IOException, SQLException {
        assertServes(house.startStandalonePeople("pg-1", "postgres"));
        assertThat(house.rows("pg-1")).isEqualTo(Map.of("1", 1, "2", 1));
    }

    @Test
    void servesStandaloneOnMariaDb() throws IOException, SQLException {
        assertServes(house.startStandalonePeople("maria-1", "mariadb"));
        assertThat(house.rows("maria-1")).isEqualTo(Map.of("1", 1, "2", 1));
    }

    @Test
    void servesStandaloneThroughTheMySqlFlavor() throws IOException, SQLException {
        assertServes(house.startStandalonePeople("maria-2", "mysql"));
        assertThat(house.rows("maria-2")).isEqualTo(Map.of("1", 1, "2", 1));
    }

    @Test
    void servesThroughTheDirectoryOnEitherFlavorAndRefusesAMixUnderJpa() throws Exception {
        house.startDirectory(house.servers().postgres("meta"), List.of("pg-1", "pg-2"));
        house.place("1", "pg-1");
        house.place("2", "pg-2");
        assertServes(house.startPeople(Map.of()));
        assertThat(house.rows("pg-1")).isEqualTo(Map.of("1", 1));
        assertThat(house.rows("pg-2")).isEqualTo(Map.of("2", 1));

        // One tenant more, on the other flavor.
        house.place("3", "maria-1");
        String refusal = house.refusalOfPeople(Map.of());
        assertThat(refusal).contains("postgres", "mariadb", "JPA").doesNotContain("\tat ");

        house.useOnly(List.of("maria-1", "maria-2"));
        house.place("5", "maria-1");
        house.place("6", "maria-2");
        assertServes(house.startPeople(Map.of("SHARDING_SNAPSHOT_FILE", "off")), "5", "6");
        assertThat(house.rows("maria-1")).isEqualTo(Map.of("5", 1));
        assertThat(house.rows("maria-2")).isEqualTo(Map.of("6", 1));
    }

    private static void assertServes(URI endpoint) throws IOException {
        assertServes(endpoint, "1", "2");
    }

    private static void assertServes(URI endpoint, String... customers) throws IOException {
        try (PeopleClient people = new PeopleClient(endpoint)) {
            for (String customer : customers) {
                assertThat(people.save(customer)).satisfies(answer -> assertThat(answer.statusCode())
                        .as(answer.body())
                        .isEqualTo(201));
                assertThat(people.count(customer)).isEqualTo(1);
            }
            assertThat(people.get("/v3/api-docs").body()).contains("X-Customer-ID");
        }
    }
}
