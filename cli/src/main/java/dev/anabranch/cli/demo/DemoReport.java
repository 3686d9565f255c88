// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.cli.demo;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonProperty;
import dev.anabranch.cli.terminal.ExitCode;
import dev.anabranch.cli.terminal.Table;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What the demo found.
 *
 * @param requests how many were sent, the warm-up not among them
 * @param failed how many were not answered as they should have been
 * @param misrouted rows on another database than where the directory places their customer, rows of customers that
 *     nobody asked for, and answers with another customer's row
 * @param missing rows that the service said it had saved, and that no database has
 * @param databases what each database holds
 * @param tenants where the large customers' rows are
 * @param p50Millis half of the requests took no longer
 * @param p99Millis 99 of 100 took no longer
 * @param requestsPerSecond all of them over the time from the first to the last
 */
public record DemoReport(
        int requests,
        int failed,
        int misrouted,
        @JsonIgnore int missing,
        List<Holding> databases,
        Map<String, Home> tenants,
        @JsonProperty("p50_ms") double p50Millis,
        @JsonProperty("p99_ms") double p99Millis,
        @JsonProperty("requests_per_s") double requestsPerSecond) {

    /** What one database holds. */
    public record Holding(
            String name, int rows, @JsonProperty("distinct_customers") int distinctCustomers) {}

    /**
     * Where one customer's rows are.
     *
     * @param database the one that holds most of them
     * @param rows on that one
     */
    public record Home(String database, int rows) {}

    /**
     * Compares what was found with what was asked for.
     *
     * @param placements by customer: where the directory places it
     * @param found by database, by customer: how many rows
     */
    static DemoReport of(
            DemoLoad.Result load, Map<String, String> placements, Map<String, Map<String, Integer>> found) {
        int misrouted = load.misrouted();
        Map<String, Integer> rowsOf = new LinkedHashMap<>();
        List<Holding> databases = new ArrayList<>();
        for (var database : found.entrySet()) {
            int rows = 0;
            for (var customer : database.getValue().entrySet()) {
                rows += customer.getValue();
                rowsOf.merge(customer.getKey(), customer.getValue(), Integer::sum);
                if (!database.getKey().equals(placements.get(customer.getKey()))) {
                    misrouted += customer.getValue();
                }
            }
            databases.add(new Holding(database.getKey(), rows, database.getValue().size()));
        }
        int missing = 0;
        for (var customer : load.acknowledged().entrySet()) {
            missing += Math.max(0, customer.getValue() - rowsOf.getOrDefault(customer.getKey(), 0));
        }
        Map<String, Home> tenants = new LinkedHashMap<>();
        DemoOptions.LARGE.forEach(customer -> tenants.put(customer, home(customer, found)));
        return new DemoReport(
                load.requests(),
                load.failed(),
                misrouted,
                missing,
                List.copyOf(databases),
                tenants,
                rounded(load.p50Millis()),
                rounded(load.p99Millis()),
                rounded(load.requests() / load.seconds()));
    }

    /** How the process ends: well only if every request was answered and every row is where it belongs. */
    public ExitCode exitCode() {
        if (misrouted > 0) {
            return ExitCode.MISMATCH;
        }
        return failed == 0 && missing == 0 ? ExitCode.DONE : ExitCode.FAILED;
    }

    /** For a person. */
    public List<String> lines() {
        var lines = new ArrayList<String>();
        lines.add(String.format(
                Locale.ROOT,
                "%,d requests: %,d failed, %,d misrouted, %,d rows missing; p50 %.1f ms, p99 %.1f ms, %,.0f requests/s",
                requests,
                failed,
                misrouted,
                missing,
                p50Millis,
                p99Millis,
                requestsPerSecond));
        lines.add("");
        var holdings = new Table("database", "rows", "customers");
        databases.forEach(one -> holdings.row(one.name(), one.rows(), one.distinctCustomers()));
        lines.addAll(holdings.lines());
        lines.add("");
        var homes = new Table("customer", "database", "rows");
        tenants.forEach((customer, home) -> homes.row(customer, home.database(), home.rows()));
        lines.addAll(homes.lines());
        return lines;
    }

    private static Home home(String customer, Map<String, Map<String, Integer>> found) {
        var home = new Home("-", 0);
        for (var database : found.entrySet()) {
            int rows = database.getValue().getOrDefault(customer, 0);
            if (rows > home.rows()) {
                home = new Home(database.getKey(), rows);
            }
        }
        return home;
    }

    private static double rounded(double value) {
        return Math.round(value * 10) / 10.0;
    }
}
