// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.devcluster;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Servers to be started all at once, a standby as soon as its primary is up. Not thread-safe. */
final class AtOnce {

    private final List<Callable<DatabaseServer>> work = new ArrayList<>();
    private final Map<String, CompletableFuture<PostgresServer>> primaries = new HashMap<>();

    /** Adds one that may have standbys. */
    void postgres(String name, Callable<PostgresServer> start) {
        var up = new CompletableFuture<PostgresServer>();
        primaries.put(name, up);
        work.add(() -> {
            try {
                var server = start.call();
                up.complete(server);
                return server;
            } catch (Exception | Error e) {
                up.completeExceptionally(e);
                throw e;
            }
        });
    }

    void mariadb(Callable<MariaDbServer> start) {
        work.add(start::call);
    }

    /** Adds a standby of one that was added before. */
    void standby(String primary, Function<PostgresServer, PostgresServer> start) {
        var up = primaries.get(primary);
        if (up == null) {
            throw new IllegalArgumentException("There is no PostgreSQL server \"" + primary + "\" to have a standby");
        }
        work.add(() -> start.apply(up.join()));
    }

    /** Starts them, and returns them in the order they were added in; if some fail, none is left. */
    List<DatabaseServer> run() {
        return inParallel(work);
    }

    static void close(Collection<DatabaseServer> servers) {
        inParallel(servers.stream()
                .map(server -> (Callable<DatabaseServer>) () -> {
                    server.close();
                    return server;
                })
                .toList());
    }

    /** Runs all to their ends; if some fail, closes what the others made and throws the first failure. */
    private static List<DatabaseServer> inParallel(List<Callable<DatabaseServer>> work) {
        var done = new ArrayList<DatabaseServer>();
        RuntimeException failure = null;
        try (var executor = Executors.newVirtualThreadPerTaskExecutor()) {
            for (var future : work.stream().map(executor::submit).toList()) {
                try {
                    done.add(awaited(future));
                } catch (RuntimeException e) {
                    failure = first(failure, e);
                }
            }
        }
        if (failure != null) {
            for (var server : done) {
                try {
                    server.close();
                } catch (RuntimeException e) {
                    failure.addSuppressed(e);
                }
            }
            throw failure;
        }
        return done;
    }

    private static RuntimeException first(@Nullable RuntimeException earlier, RuntimeException now) {
        if (earlier == null) {
            return now;
        }
        earlier.addSuppressed(now);
        return earlier;
    }

    /** Waits even when interrupted, as a server that is being started cannot be left alone; the interrupt is kept. */
    private static DatabaseServer awaited(Future<DatabaseServer> future) {
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    return future.get();
                } catch (InterruptedException e) {
                    interrupted = true;
                } catch (ExecutionException e) {
                    if (e.getCause() instanceof RuntimeException cause) {
                        throw cause;
                    }
                    throw new DevClusterException("A server failed: " + e.getCause(), e.getCause());
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
