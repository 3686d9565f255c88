// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.spring.migrate;

import dev.anabranch.devcluster.PostgresServer;
import dev.anabranch.spring.Contexts;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** Boot's own Flyway, which is on this test's class path. */
@ExtendWith(OutputCaptureExtension.class)
class BootFlywayTest {

    @Test
    void isNotRunOnTheDataSourceThatRoutes(CapturedOutput output) {
        start();
        assertThat(output.getAll()).contains("WARN", "Spring Boot's Flyway", "is not run", "spring.flyway.enabled=false");
    }

    @Test
    void saysNothingWhereItIsOff(CapturedOutput output) {
        start("spring.flyway.enabled=false");
        assertThat(output.getAll()).doesNotContain("Spring Boot's Flyway");
    }

    @Test
    void isRefusedWhereItIsSwitchedOn(CapturedOutput output) {
        assertThatThrownBy(() -> start("spring.flyway.enabled=true")).isInstanceOf(Exception.class);
        assertThat(output.getAll())
                .contains("APPLICATION FAILED TO START", "spring.flyway.enabled", "anabranch.migrate.location")
                .doesNotContain("\tat ");
    }

    @Test
    void isRunOnADatabaseOfItsOwn(@TempDir Path folder) throws Exception {
        Files.writeString(folder.resolve("V1__own.sql"), "create table own (id int);");
        try (PostgresServer server = PostgresServer.start("flyway")) {
            server.createDatabase("own");
            start(
                    "spring.flyway.url=" + server.jdbcUrl("own"),
                    "spring.flyway.user=" + server.superuser(),
                    "spring.flyway.password=" + server.password(),
                    "spring.flyway.locations=filesystem:" + folder);
            try (Connection connection = server.connect("own");
                    ResultSet rows = connection.createStatement().executeQuery("select count(*) from own")) {
                assertThat(rows.next()).isTrue();
            }
        }
    }

    private static void start(String... properties) {
        Contexts.start(new SpringApplicationBuilder(Contexts.Application.class), properties).close();
    }
}
