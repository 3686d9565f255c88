// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.benchmarks;

import dev.anabranch.devcluster.PostgresServer;
import dev.anabranch.topology.Endpoint;
import dev.anabranch.topology.Flavor;
import dev.anabranch.topology.Secret;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.function.ToDoubleFunction;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/**
 * Runs the bare pool and the library in turn, round after round, and prints the ratio of each round's pair.
 *
 * <p>The two of a round stand right beside each other and change places from round to round, so that a machine whose speed
 * drifts favours neither. Quoted is the median of the rounds' ratios.
 */
public final class Rounds {
    private static final TimeValue SECOND = TimeValue.seconds(1);

    private final PostgresServer server;
    private final int rounds;

    private Rounds(PostgresServer server, int rounds) {
        this.server = server;
        this.rounds = rounds;
    }

    /**
     * Runs all of it.
     *
     * @param arguments the number of rounds; 9 where none is given
     */
    public static void main(String[] arguments) throws Exception {
        int rounds = arguments.length == 0 ? 9 : Integer.parseInt(arguments[0]);
        try (PostgresServer server = PostgresServer.start("benchmark")) {
            Endpoint endpoint = new Endpoint(
                    Flavor.POSTGRES,
                    server.host(),
                    server.port(),
                    "postgres",
                    server.superuser(),
                    Secret.of(server.password()),
                    Map.of());
            Notes.create(endpoint);
            Slices.run(endpoint);
            Rounds all = new Rounds(server, rounds);
            for (int threads : new int[] {1, 4}) {
                all.compare(
                        "point query, " + threads + " thread(s): operations per second",
                        PointQuery.class,
                        options(Mode.Throughput).threads(threads),
                        result -> result.getPrimaryResult().getScore());
                all.compare(
                        "point query, " + threads + " thread(s): p99, microseconds",
                        PointQuery.class,
                        options(Mode.SampleTime).threads(threads),
                        result -> result.getPrimaryResult().getStatistics().getPercentile(99) * 1e6);
            }
            all.compare(
                    "point query, 1 thread: allocated bytes per operation",
                    PointQuery.class,
                        options(Mode.Throughput).addProfiler(GCProfiler.class),
                    result -> Objects.requireNonNull(result.getSecondaryResults().get("gc.alloc.rate.norm"))
                            .getScore());
            all.compare(
                    "open, first query, close in a fresh JVM: milliseconds",
                    FirstQuery.class,
                    new OptionsBuilder()
                            .mode(Mode.SingleShotTime)
                            .warmupIterations(0)
                            .measurementIterations(1),
                    result -> result.getPrimaryResult().getScore() * 1e3);
        }
    }

    private static ChainedOptionsBuilder options(Mode mode) {
        return new OptionsBuilder()
                .mode(mode)
                .warmupIterations(3)
                .warmupTime(SECOND)
                .measurementIterations(3)
                .measurementTime(SECOND);
    }

    private void compare(
            String what, Class<?> benchmark, ChainedOptionsBuilder options, ToDoubleFunction<RunResult> figure)
            throws RunnerException {
        List<Double> bares = new ArrayList<>();
        List<Double> routeds = new ArrayList<>();
        List<Double> ratios = new ArrayList<>();
        List<Double> differences = new ArrayList<>();
        for (int round = 0; round < rounds; round++) {
            boolean bareFirst = round % 2 == 0;
            double first = run(benchmark, bareFirst ? "bare" : "routed", options, figure);
            double second = run(benchmark, bareFirst ? "routed" : "bare", options, figure);
            double bare = bareFirst ? first : second;
            double routed = bareFirst ? second : first;
            bares.add(bare);
            routeds.add(routed);
            ratios.add(routed / bare);
            differences.add(routed - bare);
        }
        System.out.printf(
                Locale.ROOT,
                "%s%n  bare %.1f  routed %.1f  difference %.1f  ratio %.3f (%.3f to %.3f over %d rounds)%n",
                what,
                median(bares),
                median(routeds),
                median(differences),
                median(ratios),
                ratios.stream().min(Double::compare).orElseThrow(),
                ratios.stream().max(Double::compare).orElseThrow(),
                rounds);
    }

    private double run(
            Class<?> benchmark, String which, ChainedOptionsBuilder options, ToDoubleFunction<RunResult> figure)
            throws RunnerException {
        return figure.applyAsDouble(new Runner(new OptionsBuilder()
                        .parent(options.build())
                        .include("\\." + benchmark.getSimpleName() + "\\." + which + "$")
                        .forks(1)
                        .timeUnit(TimeUnit.SECONDS)
                        .jvmArgs(
                                "-Xmx1g",
                                "-XX:+UseParallelGC",
                                "--sun-misc-unsafe-memory-access=allow",
                                "-Dnotes.port=" + server.port(),
                                "-Dnotes.password=" + server.password())
                        .verbosity(VerboseMode.SILENT)
                        .build())
                .runSingle());
    }

    private static double median(List<Double> figures) {
        List<Double> sorted = figures.stream().sorted().toList();
        int middle = sorted.size() / 2;
        return sorted.size() % 2 == 1
                ? sorted.get(middle)
                : (sorted.get(middle - 1) + sorted.get(middle)) / 2;
    }
}
