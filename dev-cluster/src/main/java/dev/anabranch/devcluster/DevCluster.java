// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.devcluster;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/**
 * Several named servers, started at once, for as long as this JVM lives at most.
 *
 * <pre>{@code
 * try (var cluster = DevCluster.builder().postgres("shard-1", "shard-2").mariadb("maria").start()) {
 *     cluster.postgres("shard-1").createDatabase("app");
 * }
 * }</pre>
 *
 * <p>Whether closed or not, the servers and their folders are gone after the JVM, even if it was killed. Thread-safe.
 */
public final class DevCluster implements AutoCloseable {

    private final Map<String, DatabaseServer> servers;

    private DevCluster(Map<String, DatabaseServer> servers) {
        this.servers = servers;
    }

    /** Begins to describe a cluster. */
    public static Builder builder() {
        return new Builder();
    }

    /** All servers, in the order they were named in. */
    public Collection<DatabaseServer> servers() {
        return Collections.unmodifiableCollection(servers.values());
    }

    /** The PostgreSQL server of a name; an {@link IllegalArgumentException} if there is none. */
    public PostgresServer postgres(String name) {
        return server(name, PostgresServer.class);
    }

    /** The MariaDB server of a name; an {@link IllegalArgumentException} if there is none. */
    public MariaDbServer mariadb(String name) {
        return server(name, MariaDbServer.class);
    }

    /** Removes all servers, at once; closing again does nothing. */
    @Override
    public void close() {
        inParallel(servers.values().stream()
                .map(server -> (Callable<DatabaseServer>) () -> {
                    server.close();
                    return server;
                })
                .toList());
    }

    private <S extends DatabaseServer> S server(String name, Class<S> type) {
        var server = servers.get(name);
        if (!type.isInstance(server)) {
            throw new IllegalArgumentException("No " + type.getSimpleName() + " \"" + name + "\" in this cluster; it has "
                    + servers.values());
        }
        return type.cast(server);
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

    /** Describes a cluster; not thread-safe. */
    public static final class Builder {

        private final Map<String, Flavor> flavors = new LinkedHashMap<>();
        private final Map<String, ServerOptions> special = new LinkedHashMap<>();
        private ServerOptions options = ServerOptions.defaults();

        private Builder() {
        }

        /** Adds PostgreSQL servers. */
        public Builder postgres(String... names) {
            return add(Flavor.POSTGRES, names);
        }

        /** Adds one PostgreSQL server with options of its own. */
        public Builder postgres(String name, ServerOptions own) {
            special.put(name, own);
            return add(Flavor.POSTGRES, name);
        }

        /** Adds MariaDB servers. */
        public Builder mariadb(String... names) {
            return add(Flavor.MARIADB, names);
        }

        /** Adds one MariaDB server with options of its own. */
        public Builder mariadb(String name, ServerOptions own) {
            special.put(name, own);
            return add(Flavor.MARIADB, name);
        }

        /** The options of all servers that were not given their own. */
        public Builder options(ServerOptions forAll) {
            options = forAll;
            return this;
        }

        /** Starts all servers at once; if one fails, none is left and a {@link DevClusterException} says why. */
        public DevCluster start() {
            List<Callable<DatabaseServer>> starts = new ArrayList<>();
            flavors.forEach((name, flavor) -> {
                var own = special.getOrDefault(name, options);
                starts.add(switch (flavor) {
                    case POSTGRES -> () -> PostgresServer.start(name, own);
                    case MARIADB -> () -> MariaDbServer.start(name, own);
                });
            });
            var servers = new LinkedHashMap<String, DatabaseServer>();
            inParallel(starts).forEach(server -> servers.put(server.name(), server));
            return new DevCluster(servers);
        }

        private Builder add(Flavor flavor, String... names) {
            for (var name : names) {
                if (flavors.putIfAbsent(ServerFolder.requireName(name), flavor) != null) {
                    throw new IllegalArgumentException("Two servers are named \"" + name + "\"");
                }
            }
            return this;
        }
    }
}
