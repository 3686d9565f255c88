// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.cli.demo;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.anabranch.cli.terminal.ExitCode;
import dev.anabranch.cli.terminal.Table;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What the reviews' demo has seen.
 *
 * @param routes which server answered each kind of request
 * @param pairs reads at once after a write, at the other instance, with the cookie
 * @param staleReads how many of them read older than was written: 0, or something is wrong
 * @param oldWithoutToken how many of as many reads without the cookie read older
 * @param oldestMillis by how much the delayed standby was behind, as the reads without the cookie have seen it
 * @param delayedBackMillis after a write, how long until the delayed standby answered its writer again
 * @param outMillis after a standby was killed, how long until both instances had it out of rotation
 * @param backMillis after it was started again, how long until it answered reads
 * @param readsByServer how often each server answered a read
 * @param failures requests that were not answered with success
 */
public record ReviewsReport(
        List<Route> routes,
        int pairs,
        @JsonProperty("stale_reads") int staleReads,
        @JsonProperty("old_without_token") int oldWithoutToken,
        @JsonProperty("oldest_millis") long oldestMillis,
        @JsonProperty("delayed_back_millis") long delayedBackMillis,
        @JsonProperty("out_millis") long outMillis,
        @JsonProperty("back_millis") long backMillis,
        @JsonProperty("reads_by_server") Map<String, Integer> readsByServer,
        List<String> failures) {
    /** Copies the collections. */
    public ReviewsReport {
        routes = List.copyOf(routes);
        readsByServer = Map.copyOf(readsByServer);
        failures = List.copyOf(failures);
    }

    /**
     * A request and who answered it.
     *
     * @param request method and path
     * @param what the kind of request, for a person
     * @param servers the database servers, in their order
     */
    public record Route(String request, String what, List<String> servers) {
        /** Copies the list. */
        public Route {
            servers = List.copyOf(servers);
        }
    }

    /** 0, or 3 where a request failed, or somebody read older than they had written. */
    public ExitCode exitCode() {
        return staleReads == 0 && failures.isEmpty() ? ExitCode.DONE : ExitCode.MISMATCH;
    }

    /** For a person. */
    public List<String> lines() {
        var lines = new ArrayList<String>();
        var table = new Table("request", "is", "answered by");
        routes.forEach(route -> table.row(route.request(), route.what(), String.join(", ", route.servers())));
        lines.addAll(table.lines());
        lines.add("");
        lines.add("Write, then read at once at the other instance, " + pairs + " times: " + staleReads + " stale reads.");
        lines.add("The same without the cookie: " + oldWithoutToken + " of " + pairs
                + " read older than was written; seen after " + oldestMillis + " ms at the latest.");
        lines.add("The standby that is behind answered its writer again " + delayedBackMillis + " ms after the write.");
        lines.add("A standby was killed: out of rotation after " + outMillis + " ms; started again: back after "
                + backMillis + " ms; " + failures.size() + " failed requests.");
        failures.stream().limit(5).forEach(failure -> lines.add("  " + failure));
        lines.add("");
        var reads = new Table("server", "reads");
        new TreeMap<>(readsByServer).forEach(reads::row);
        lines.addAll(reads.lines());
        return lines;
    }
}
