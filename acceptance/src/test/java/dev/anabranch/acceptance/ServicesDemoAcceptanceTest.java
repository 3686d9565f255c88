// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.acceptance;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import static org.assertj.core.api.Assertions.assertThat;

/** Two packaged services on one database, from nothing but an owner. */
class ServicesDemoAcceptanceTest {
    @TempDir
    Path folder;

    @Test
    void eachServiceBringsItsOwnSchemaToHeadAndSeesNoOther() throws IOException, InterruptedException {
        Path out = folder.resolve("out.json");
        Path err = folder.resolve("err.txt");
        ProcessBuilder demo = new ProcessBuilder(
                        Path.of(System.getProperty("anabranch.home"), "anabranch").toString(),
                        "demo",
                        "services",
                        "--exit",
                        "--json")
                .redirectOutput(out.toFile())
                .redirectError(err.toFile());
        demo.environment().put("ANABRANCH_NO_BUILD", "1");

        Process process = demo.start();
        assertThat(process.waitFor(3, TimeUnit.MINUTES)).isTrue();

        assertThat(process.exitValue()).as(Files.readString(err)).isZero();
        JsonNode services = JsonMapper.shared().readTree(Files.readString(out)).path("services");
        assertThat(services).hasSize(2).allSatisfy(service -> {
            assertThat(service.path("version").asInt()).isGreaterThanOrEqualTo(2);
            assertThat(service.path("sees_neighbour").asBoolean(true)).isFalse();
            assertThat(service.path("changes_schema").asBoolean(true)).isFalse();
        });
        assertThat(services.path(0).path("rows").path("account").asInt()).isEqualTo(1);
        assertThat(services.path(1).path("rows").path("invoice_line").asInt()).isEqualTo(1);
    }
}
