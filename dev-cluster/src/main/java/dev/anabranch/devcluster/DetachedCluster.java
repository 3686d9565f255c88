// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.devcluster;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;

/**
 * Servers for people: they outlive the JVM that started them, until they are taken down.
 *
 * <p>All is in one folder: a folder for each server, and the state file {@code servers.properties}, readable by its
 * owner alone, with each server's address, pid and superuser's password. The state file is made before the first server
 * and removed after the last, so {@link #down} finds whatever there is, also after an {@link #up} that was cut off.
 */
public final class DetachedCluster {

    private DetachedCluster() {
    }

    /** Starts PostgreSQL servers; see {@link #up(Path, Map, ServerOptions)}. */
    public static List<ServerStatus> up(Path folder, String... postgres) {
        var servers = new LinkedHashMap<String, Flavor>();
        for (var name : postgres) {
            servers.put(name, Flavor.POSTGRES);
        }
        return up(folder, servers, ServerOptions.defaults());
    }

    /** Starts servers without standbys; see {@link #up(Path, Map, Map, ServerOptions)}. */
    public static List<ServerStatus> up(Path folder, Map<String, Flavor> servers, ServerOptions options) {
        return up(folder, servers, Map.of(), options);
    }

    /**
     * Starts servers at once, by name and flavor in the map's order, and hot standbys of them, by name and primary;
     * ready to connect on return. If one fails, none is left. A folder that has servers already is refused: take them
     * down first. While another process brings servers up or takes them down in the same folder, this waits.
     */
    public static List<ServerStatus> up(
            Path folder, Map<String, Flavor> servers, Map<String, String> standbys, ServerOptions options) {
        var all = new LinkedHashMap<>(servers);
        standbys.forEach((name, primary) -> {
            if (servers.get(primary) != Flavor.POSTGRES || all.putIfAbsent(name, Flavor.POSTGRES) != null) {
                throw new IllegalArgumentException("The standby \"" + name + "\" needs a name of its own, and a PostgreSQL"
                        + " server as its primary, which \"" + primary + "\" is not");
            }
        });
        all.keySet().forEach(ServerFolder::requireName);
        if (servers.isEmpty()) {
            throw new IllegalArgumentException("No server is named. Name at least one.");
        }
        try {
            var real = Files.createDirectories(folder).toRealPath();
            try (var _ = FolderLock.on(real)) {
                // whoever took servers down until now may have taken the folder along
                Files.createDirectories(real);
                return upAlone(StateFile.in(real), all, () -> startAll(real, servers, standbys, options));
            }
        } catch (FileAlreadyExistsException e) {
            throw new DevClusterException("There are servers in " + folder + " already: " + status(folder)
                    + ". Take them down first.", e);
        } catch (IOException e) {
            throw failed("brought up", folder, e);
        }
    }

    private static List<ServerStatus> upAlone(
            StateFile state, Map<String, Flavor> all, Supplier<List<DatabaseServer>> start) throws IOException {
        requireUntaken(state, all.keySet());
        state.claim(all);
        try {
            state.write(start.get());
            return state.read();
        } catch (IOException | RuntimeException e) {
            downAlone(state);
            throw e;
        }
    }

    /** What the folder's state file says, in the order the servers were named; empty if nothing is up there. */
    public static List<ServerStatus> status(Path folder) {
        try {
            return Files.exists(folder) ? StateFile.in(folder.toRealPath()).read() : List.of();
        } catch (IOException e) {
            throw failed("looked at", folder, e);
        }
    }

    /**
     * Ends the servers, whether they run or not, and deletes their data, the state file, and the folder if nothing else
     * is in it. Returns what it took down; again, it does nothing. While another process brings servers up there, it
     * waits.
     */
    public static List<ServerStatus> down(Path folder) {
        try {
            if (!Files.exists(folder)) {
                return List.of();
            }
            var real = folder.toRealPath();
            try (var _ = FolderLock.on(real)) {
                return downAlone(StateFile.in(real));
            }
        } catch (IOException e) {
            throw failed("taken down", folder, e);
        }
    }

    private static List<ServerStatus> downAlone(StateFile state) throws IOException {
        var found = state.read();
        for (var server : found) {
            Watchdog.cleanNow(new ServerFolder(server.folder()));
        }
        if (!found.isEmpty()) {
            state.remove();
        }
        return found;
    }

    /** What is there already is not ours to delete later. */
    private static void requireUntaken(StateFile state, Set<String> names) throws IOException {
        for (var name : names) {
            var path = state.folder().resolve(name);
            if (state.read().isEmpty() && Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
                throw new DevClusterException("There is a " + path + " already that no server of this folder made."
                        + " Move it away, or name the server or the folder otherwise.");
            }
        }
    }

    private static List<DatabaseServer> startAll(Path folder, Map<String, Flavor> servers, Map<String, String> standbys,
            ServerOptions options) {
        var home = Home.ofUser();
        var starts = new AtOnce();
        servers.forEach((name, flavor) -> {
            var path = folder.resolve(name);
            switch (flavor) {
                case POSTGRES -> starts.postgres(name, () -> PostgresServer.start(name, options, home, path,
                        Lifetime.DETACHED, Launcher.unprivileged(), Ports::free));
                case MARIADB -> starts.mariadb(() ->
                        MariaDbServer.start(name, options, home, path, Lifetime.DETACHED, Ports::free));
            }
        });
        standbys.forEach((name, primary) -> starts.standby(primary, of ->
                of.standby(name, options, folder.resolve(name), Lifetime.DETACHED, Ports::free)));
        return starts.run();
    }

    private static DevClusterException failed(String done, Path folder, IOException cause) {
        return new DevClusterException("The servers in " + folder + " could not be " + done + ": " + cause
                + ". Is the folder readable and writable, and is there room?", cause);
    }
}
