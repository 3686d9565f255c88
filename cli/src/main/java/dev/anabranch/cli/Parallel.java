// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.cli;

import dev.anabranch.cli.terminal.CliFailure;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Function;

/** The same for many, some at once. */
final class Parallel {
    private Parallel() {}

    /** What comes of each, in their order; the first failure ends it. */
    static <A, B> List<B> each(int atOnce, List<A> all, Function<A, B> work) {
        try (var executor = Executors.newFixedThreadPool(atOnce, Thread.ofVirtual().factory())) {
            List<Future<B>> running = new ArrayList<>();
            all.forEach(one -> running.add(executor.submit(() -> work.apply(one))));
            List<B> done = new ArrayList<>();
            for (var one : running) {
                done.add(one.get());
            }
            return done;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw CliFailure.failed("Interrupted", "", e);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            throw CliFailure.failed("It failed: " + e.getCause(), "Run it again with --debug", e);
        }
    }
}
