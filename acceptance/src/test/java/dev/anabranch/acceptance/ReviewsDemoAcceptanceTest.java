// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.acceptance;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import static org.assertj.core.api.Assertions.assertThat;

/** The packaged reviews service, twice, over standbys of which one is behind and one is killed. */
class ReviewsDemoAcceptanceTest {
    @TempDir
    Path folder;

    @Test
    void eachRequestGoesWhereItBelongsAndNobodyReadsOlderThanTheyWrote() throws IOException, InterruptedException {
        Path out = folder.resolve("out.json");
        Path err = folder.resolve("err.txt");
        ProcessBuilder demo = new ProcessBuilder(
                        Path.of(System.getProperty("anabranch.home"), "anabranch").toString(),
                        "demo",
                        "reviews",
                        "--exit",
                        "--json")
                .redirectOutput(out.toFile())
                .redirectError(err.toFile());
        demo.environment().put("ANABRANCH_NO_BUILD", "1");

        Process process = demo.start();
        assertThat(process.waitFor(3, TimeUnit.MINUTES)).isTrue();

        String said = Files.readString(err) + Files.readString(out);
        assertThat(process.exitValue()).as(said).isZero();
        JsonNode report = JsonMapper.shared().readTree(Files.readString(out));
        assertThat(report.path("stale_reads").asInt(-1)).as(said).isZero();
        assertThat(report.path("failures")).as(said).isEmpty();
        assertThat(report.path("old_without_token").asInt()).as(said).isPositive();
        assertThat(report.path("out_millis").asLong()).as(said).isBetween(0L, 1_000L);

        Map<String, List<String>> servers = new HashMap<>();
        report.path("routes").forEach(route -> servers.put(
                route.path("what").asString(),
                route.path("servers").valueStream().map(JsonNode::asString).toList()));
        assertThat(servers.get("adds a product")).as(said).containsOnly("main");
        assertThat(servers.get("lists the products")).as(said).containsOnly("main");
        assertThat(servers.get("writes a review, a draft")).as(said).containsExactly("main", "reviews");
        assertThat(servers.get("an editor publishes it")).as(said).containsOnly("reviews");
        assertThat(servers.get("the public lists reviews")).as(said)
                .allMatch(server -> server.startsWith("reviews-replica-"));
        assertThat(servers.get("an analyst asks for a report")).as(said).containsOnly("reports");
    }
}
