// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.acceptance;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import static org.assertj.core.api.Assertions.assertThat;

/** What the README promises first. */
class DemoAcceptanceTest {
    @TempDir
    Path folder;

    @Test
    void demoSavesEveryRowInTheRightDatabase() throws IOException, InterruptedException {
        Path out = folder.resolve("out.json");
        Path err = folder.resolve("err.txt");
        ProcessBuilder demo = new ProcessBuilder(
                        Path.of(System.getProperty("anabranch.home"), "anabranch").toString(), "demo", "--exit", "--json")
                .redirectOutput(out.toFile())
                .redirectError(err.toFile());
        demo.environment().put("ANABRANCH_NO_BUILD", "1");

        Process process = demo.start();
        assertThat(process.waitFor(4, TimeUnit.MINUTES)).isTrue();

        if (process.exitValue() != 0) {
            showThreads(Files.readString(err));
        }
        assertThat(process.exitValue()).as(Files.readString(err)).isZero();
        JsonNode json = JsonMapper.shared().readTree(Files.readString(out));
        assertThat(json.path("requests").asInt()).isGreaterThanOrEqualTo(3 * 1000 + 300);
        assertThat(json.path("failed").asInt(-1)).isZero();
        assertThat(json.path("misrouted").asInt(-1)).isZero();
        for (String customer : new String[] {"1", "2", "3"}) {
            assertThat(json.path("tenants").path(customer).path("rows").asInt()).isEqualTo(1000);
        }
        assertThat(json.path("tenants").values())
                .extracting(tenant -> tenant.path("database").asString())
                .doesNotHaveDuplicates()
                .hasSize(3);
        assertThat(json.path("databases").values())
                .extracting(database -> database.path("distinct_customers").asInt())
                .satisfies(counts -> {
                    // The third belongs to customer 3 alone; the 300 small ones share the first two.
                    assertThat(counts.get(2)).isEqualTo(1);
                    assertThat(counts.get(0) + counts.get(1)).isEqualTo(302);
                });
        assertThat(json.path("p50_ms").asDouble()).isPositive();
        assertThat(json.path("p99_ms").asDouble()).isGreaterThanOrEqualTo(json.path("p50_ms").asDouble());
        assertThat(json.path("requests_per_s").asDouble()).isPositive();
    }

    /** What the services' threads did while one of them did not answer: the folder is gone when somebody reads of it. */
    private static void showThreads(String said) throws IOException {
        Matcher file = Pattern.compile("do is in (\\S+)").matcher(said);
        while (file.find()) {
            System.out.println(file.group(1));
            System.out.println(Files.readString(Path.of(file.group(1))));
        }
    }
}
