// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.cli.demo;

import dev.anabranch.cli.terminal.CliFailure;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * How much the demo does.
 *
 * @param requests for each of the three large customers, at least 1
 * @param concurrency how many requests at once, for each of the three and for the small ones together, 1 to 1,000
 * @param smallCustomers how many customers their hash places
 * @param requestsPerSmall for each of them
 */
public record DemoOptions(int requests, int concurrency, int smallCustomers, int requestsPerSmall) {
    /** The three that have a database of their own choice. */
    static final List<String> LARGE = List.of("1", "2", "3");

    private static final int FIRST_SMALL = 1001;

    /** Checks the ranges. */
    public DemoOptions {
        if (requests < 1 || concurrency < 1 || concurrency > 1_000 || smallCustomers < 0 || requestsPerSmall < 0) {
            throw CliFailure.usage(
                    "The demo needs at least 1 request and 1 to 1000 at once", "Correct --requests or --concurrency");
        }
    }

    /** As many requests as given for each large customer, and 10 for each of 300 small ones. */
    public static DemoOptions of(int requests, int concurrency) {
        return new DemoOptions(requests, concurrency, 300, 10);
    }

    /** The small customers' ids. */
    List<String> small() {
        var ids = new ArrayList<String>();
        for (int i = 0; i < smallCustomers; i++) {
            ids.add(String.valueOf(FIRST_SMALL + i));
        }
        return ids;
    }

    /** How many requests each customer gets. */
    Map<String, Integer> perCustomer() {
        Map<String, Integer> all = new LinkedHashMap<>();
        LARGE.forEach(customer -> all.put(customer, requests));
        small().forEach(customer -> all.put(customer, requestsPerSmall));
        return all;
    }

    /** All requests of the run. */
    int total() {
        return LARGE.size() * requests + smallCustomers * requestsPerSmall;
    }
}
