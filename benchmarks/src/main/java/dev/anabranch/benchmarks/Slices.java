// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.benchmarks;

import com.zaxxer.hikari.HikariDataSource;
import dev.anabranch.Anabranch;
import dev.anabranch.tenant.TenantContext;
import dev.anabranch.tenant.TenantId;
import dev.anabranch.topology.Endpoint;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import java.util.concurrent.ThreadLocalRandom;
import javax.sql.DataSource;

/**
 * The bare pool and the library in one JVM, in turn, for a fifth of a second each.
 *
 * <p>Beside JMH's forks, because what a point query takes depends on where the scheduler puts client and server: from one
 * fork to the next that differs by more than what is looked for, and within a second it does not.
 */
final class Slices {
    private static final long SLICE_NANOS = Duration.ofMillis(200).toNanos();
    private static final int WARM_UP = 50;
    private static final int PAIRS = 150;

    private final long[] bareNanos = new long[10_000_000];
    private final long[] routedNanos = new long[10_000_000];
    private int bares;
    private int routeds;

    private Slices() {}

    static void run(Endpoint endpoint) throws SQLException {
        try (HikariDataSource bare = Notes.bare(endpoint);
                Anabranch anabranch = Notes.routed(endpoint)) {
            Slices slices = new Slices();
            for (int pair = 0; pair < WARM_UP + PAIRS; pair++) {
                if (pair == WARM_UP) {
                    slices.bares = 0;
                    slices.routeds = 0;
                }
                if (pair % 2 == 0) {
                    slices.bare(bare);
                    slices.routed(anabranch.dataSource());
                } else {
                    slices.routed(anabranch.dataSource());
                    slices.bare(bare);
                }
            }
            slices.print();
        }
    }

    private void bare(DataSource source) throws SQLException {
        long end = System.nanoTime() + SLICE_NANOS;
        for (long began = System.nanoTime(); began < end; began = System.nanoTime()) {
            Notes.ask(source, "1", id());
            bareNanos[bares++] = System.nanoTime() - began;
        }
    }

    private void routed(DataSource source) throws SQLException {
        TenantId tenant = new TenantId("1");
        long end = System.nanoTime() + SLICE_NANOS;
        for (long began = System.nanoTime(); began < end; began = System.nanoTime()) {
            TenantContext.call(tenant, () -> Notes.ask(source, "1", id()));
            routedNanos[routeds++] = System.nanoTime() - began;
        }
    }

    private static int id() {
        return 1 + ThreadLocalRandom.current().nextInt(Notes.ROWS);
    }

    private void print() {
        long[] bare = sorted(bareNanos, bares);
        long[] routed = sorted(routedNanos, routeds);
        System.out.printf(
                Locale.ROOT,
                "point query, 1 thread, one JVM, %d pairs of slices in turn%n"
                        + "  operations: bare %d  routed %d  ratio %.3f%n"
                        + "  median, microseconds: bare %.1f  routed %.1f  ratio %.3f%n"
                        + "  p99, microseconds: bare %.1f  routed %.1f  ratio %.3f%n",
                PAIRS,
                bares,
                routeds,
                (double) routeds / bares,
                bare[bares / 2] / 1e3,
                routed[routeds / 2] / 1e3,
                (double) routed[routeds / 2] / bare[bares / 2],
                bare[(int) (bares * 0.99)] / 1e3,
                routed[(int) (routeds * 0.99)] / 1e3,
                (double) routed[(int) (routeds * 0.99)] / bare[(int) (bares * 0.99)]);
    }

    private static long[] sorted(long[] nanos, int count) {
        long[] copy = Arrays.copyOf(nanos, count);
        Arrays.sort(copy);
        return copy;
    }
}
