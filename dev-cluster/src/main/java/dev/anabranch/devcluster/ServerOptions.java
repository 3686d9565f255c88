// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.devcluster;

import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * How a server is started; immutable.
 *
 * @param maxConnections how many clients may be connected at once, at least 5
 * @param password the superuser's password, or null for a random one
 * @param settings the server's own settings by their own names ({@code postgresql.conf}, or {@code [mariadbd]} in
 *     {@code my.cnf}), one line each; they win over what the server class sets, except address and port
 * @param startTimeout how long a start may take before it counts as failed
 */
public record ServerOptions(
        int maxConnections, @Nullable String password, Map<String, String> settings, Duration startTimeout) {

    private static final ServerOptions DEFAULTS = new ServerOptions(200, null, Map.of(), Duration.ofSeconds(60));

    public ServerOptions {
        if (maxConnections < 5) {
            throw new IllegalArgumentException("maxConnections must be at least 5, but is " + maxConnections);
        }
        if (password != null && password.isEmpty()) {
            throw new IllegalArgumentException("The password is empty; give one, or null for a random one");
        }
        settings.forEach((key, value) -> {
            if (!key.matches("[A-Za-z_][A-Za-z0-9_.-]*") || value.chars().anyMatch(c -> c < ' ')) {
                throw new IllegalArgumentException("The setting \"" + key + "\" is not a name and a line of text");
            }
        });
        settings = Map.copyOf(settings);
    }

    /** 200 connections, a random password, no other settings, 60 s to start. */
    public static ServerOptions defaults() {
        return DEFAULTS;
    }

    /** The same with another limit of connections. */
    public ServerOptions withMaxConnections(int limit) {
        return new ServerOptions(limit, password, settings, startTimeout);
    }

    /** The same with a given superuser password. */
    public ServerOptions withPassword(String given) {
        return new ServerOptions(maxConnections, given, settings, startTimeout);
    }

    /** The same with one more server setting. */
    public ServerOptions withSetting(String name, String value) {
        var more = new TreeMap<>(settings);
        more.put(name, value);
        return new ServerOptions(maxConnections, password, more, startTimeout);
    }

    /**
     * The same for a MariaDB server that takes part in replication, as a primary or as a replica.
     *
     * @param serverId a number that no other of them has
     */
    public ServerOptions replicating(int serverId) {
        return withSetting("server_id", String.valueOf(serverId))
                .withSetting("log_bin", "binlog")
                .withSetting("log_slave_updates", "1")
                .withSetting("binlog_format", "row")
                .withSetting("gtid_strict_mode", "1");
    }

    /** The same with another time to start. */
    public ServerOptions withStartTimeout(Duration timeout) {
        return new ServerOptions(maxConnections, password, settings, timeout);
    }

    /** Names of the settings only: values and the password may be secrets. */
    @Override
    public String toString() {
        return "ServerOptions[maxConnections=" + maxConnections + ", settings=" + settings.keySet()
                + ", startTimeout=" + startTimeout + "]";
    }
}
