// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.cli.demo;

import dev.anabranch.cli.terminal.ExitCode;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;

import static org.assertj.core.api.Assertions.assertThat;

class DemoReportTest {
    private static final Map<String, String> PLACEMENTS =
            Map.of("1", "shard-1", "2", "shard-2", "3", "shard-3", "1001", "shard-1");

    @Test
    void isWellWhenEveryRowIsWhereItBelongs() {
        var report = report(0, Map.of("1", 10, "2", 10, "3", 10), rows(10, 10, 10));

        assertThat(report.exitCode()).isEqualTo(ExitCode.DONE);
        assertThat(report.misrouted()).isZero();
        assertThat(report.tenants().get("3")).isEqualTo(new DemoReport.Home("shard-3", 10));
    }

    @Test
    void countsRowsOnAnotherDatabaseAsMisrouted() {
        var found = Map.of("shard-1", Map.of("1", 9), "shard-2", Map.of("1", 1, "2", 10), "shard-3", Map.of("3", 10));

        var report = report(0, Map.of("1", 10, "2", 10, "3", 10), found);

        assertThat(report.misrouted()).isEqualTo(1);
        assertThat(report.exitCode()).isEqualTo(ExitCode.MISMATCH);
        assertThat(report.tenants().get("1")).isEqualTo(new DemoReport.Home("shard-1", 9));
    }

    @Test
    void countsRowsOfACustomerThatNobodyAskedForAsMisrouted() {
        var found = Map.of("shard-1", Map.of("1", 10, "", 2), "shard-2", Map.of("2", 10), "shard-3", Map.of("3", 10));

        assertThat(report(0, Map.of("1", 10), found).misrouted()).isEqualTo(2);
    }

    @Test
    void failsWhenAnAcknowledgedRowIsMissing() {
        var report = report(0, Map.of("1", 10, "2", 10, "3", 10), rows(10, 9, 10));

        assertThat(report.missing()).isEqualTo(1);
        assertThat(report.exitCode()).isEqualTo(ExitCode.FAILED);
    }

    @Test
    void failsWhenARequestFailed() {
        assertThat(report(1, Map.of("1", 9), rows(9, 0, 0)).exitCode()).isEqualTo(ExitCode.FAILED);
    }

    @Test
    void hasTheFieldsThatScriptsRead() {
        var json = JsonMapper.shared().valueToTree(report(0, Map.of("1", 10), rows(10, 10, 10)));

        assertThat(json.propertyNames())
                .containsExactlyInAnyOrder(
                        "requests",
                        "failed",
                        "misrouted",
                        "databases",
                        "tenants",
                        "p50_ms",
                        "p99_ms",
                        "requests_per_s");
        assertThat(json.path("databases").get(0).propertyNames())
                .containsExactlyInAnyOrder("name", "rows", "distinct_customers");
        assertThat(json.path("tenants").propertyNames()).containsExactlyInAnyOrder("1", "2", "3");
        assertThat(json.path("tenants").path("1").propertyNames()).containsExactlyInAnyOrder("database", "rows");
    }

    private static Map<String, Map<String, Integer>> rows(int first, int second, int third) {
        return Map.of("shard-1", Map.of("1", first), "shard-2", Map.of("2", second), "shard-3", Map.of("3", third));
    }

    private static DemoReport report(
            int failed, Map<String, Integer> acknowledged, Map<String, Map<String, Integer>> found) {
        var load = new DemoLoad.Result(30, failed, 0, acknowledged, 1.0, 2.0, 3.0, List.of());
        return DemoReport.of(load, PLACEMENTS, found);
    }
}
