// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.devcluster;

import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Several named servers, started at once, for as long as this JVM lives at most.
 *
 * <pre>{@code
 * try (var cluster = DevCluster.builder().postgres("shard-1", "shard-2").mariadb("maria").start()) {
 *     cluster.postgres("shard-1").createDatabase("app");
 * }
 * }</pre>
 *
 * <p>A PostgreSQL server may have standbys: {@code .postgres("main").standby("main-replica-1", "main")}.
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
        AtOnce.close(servers.values());
    }

    private <S extends DatabaseServer> S server(String name, Class<S> type) {
        var server = servers.get(name);
        if (!type.isInstance(server)) {
            throw new IllegalArgumentException("No " + type.getSimpleName() + " \"" + name + "\" in this cluster; it has "
                    + servers.values());
        }
        return type.cast(server);
    }

    /** Describes a cluster; not thread-safe. */
    public static final class Builder {

        private final Map<String, Flavor> flavors = new LinkedHashMap<>();
        private final Map<String, ServerOptions> special = new LinkedHashMap<>();
        private final Map<String, String> primaries = new LinkedHashMap<>();
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

        /** Adds a hot standby of a PostgreSQL server that was added before, with that server's options. */
        public Builder standby(String name, String primary) {
            if (flavors.get(primary) != Flavor.POSTGRES || primaries.containsKey(primary)) {
                throw new IllegalArgumentException("The standby \"" + name + "\" needs a primary, but \"" + primary
                        + "\" is no PostgreSQL server that was added before it and is none itself");
            }
            add(Flavor.POSTGRES, name);
            primaries.put(name, primary);
            return this;
        }

        /** Adds a hot standby with options of its own, which cannot have another password than the primary's. */
        public Builder standby(String name, String primary, ServerOptions own) {
            standby(name, primary);
            special.put(name, own);
            return this;
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
            var starts = new AtOnce();
            flavors.forEach((name, flavor) -> {
                var primary = primaries.get(name);
                var own = special.get(name);
                if (primary != null) {
                    starts.standby(primary, of -> own == null ? of.standby(name) : of.standby(name, own));
                    return;
                }
                var effective = own == null ? options : own;
                switch (flavor) {
                    case POSTGRES -> starts.postgres(name, () -> PostgresServer.start(name, effective));
                    case MARIADB -> starts.mariadb(() -> MariaDbServer.start(name, effective));
                }
            });
            var servers = new LinkedHashMap<String, DatabaseServer>();
            starts.run().forEach(server -> servers.put(server.name(), server));
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
