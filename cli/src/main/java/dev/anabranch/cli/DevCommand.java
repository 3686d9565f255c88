// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.cli;

import dev.anabranch.cli.terminal.Table;
import dev.anabranch.devcluster.DetachedCluster;
import dev.anabranch.devcluster.Flavor;
import dev.anabranch.devcluster.ServerOptions;
import dev.anabranch.devcluster.ServerStatus;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code dev}: servers to develop against. */
@Command(
        name = "dev",
        description = "Database servers to develop against, without an installation.",
        synopsisSubcommandLabel = "COMMAND",
        footer = {
            "",
            "The servers listen on 127.0.0.1 alone and live until 'dev down', which removes their data too.",
            "",
            "Examples:",
            "  anabranch dev up",
            "  anabranch dev up --postgres 2 --mariadb 1 --folder /tmp/mine",
            "  anabranch dev up --postgres 1 --replicas 2",
            "  anabranch dev down"
        })
final class DevCommand {
    private static final String FOLDER = ".anabranch/dev";

    private final Session session;

    DevCommand(Session session) {
        this.session = session;
    }

    @Command(name = "up", description = "Starts PostgreSQL and MariaDB servers, each on a port of its own.")
    int up(
            @Option(names = "--postgres", paramLabel = "N", defaultValue = "3", description = "Default: ${DEFAULT-VALUE}.")
                    int postgres,
            @Option(
                            names = "--replicas",
                            paramLabel = "N",
                            defaultValue = "0",
                            description = "Streaming standbys of each PostgreSQL server. Default: ${DEFAULT-VALUE}.")
                    int replicas,
            @Option(names = "--mariadb", paramLabel = "N", defaultValue = "0", description = "Default: ${DEFAULT-VALUE}.")
                    int mariadb,
            @Option(names = "--folder", paramLabel = "FOLDER", defaultValue = FOLDER, description = "Default: ${DEFAULT-VALUE}.")
                    Path folder) {
        Map<String, Flavor> servers = new LinkedHashMap<>();
        Map<String, String> standbys = new LinkedHashMap<>();
        for (int i = 1; i <= postgres; i++) {
            var name = "postgres-" + i;
            servers.put(name, Flavor.POSTGRES);
            for (int replica = 1; replica <= replicas; replica++) {
                standbys.put(name + "-replica-" + replica, name);
            }
        }
        for (int i = 1; i <= mariadb; i++) {
            servers.put("mariadb-" + i, Flavor.MARIADB);
        }
        session.terminal().say("Starting " + (servers.size() + standbys.size()) + " servers ...");
        show(DetachedCluster.up(folder, servers, standbys, ServerOptions.defaults()));
        session.terminal().say("Passwords are in " + folder.resolve("servers.properties") + ", readable by you alone.");
        return 0;
    }

    @Command(name = "status", description = "Which servers there are, and whether they run.")
    int status(
            @Option(names = "--folder", paramLabel = "FOLDER", defaultValue = FOLDER, description = "Default: ${DEFAULT-VALUE}.")
                    Path folder) {
        var servers = DetachedCluster.status(folder);
        show(servers);
        if (servers.isEmpty()) {
            session.terminal().say("No servers in " + folder + ". Start some: anabranch dev up");
        }
        return servers.stream().allMatch(ServerStatus::running) ? 0 : 1;
    }

    @Command(name = "down", description = "Stops the servers and removes their data.")
    int down(
            @Option(names = "--folder", paramLabel = "FOLDER", defaultValue = FOLDER, description = "Default: ${DEFAULT-VALUE}.")
                    Path folder) {
        var servers = DetachedCluster.down(folder);
        session.terminal().say(servers.isEmpty()
                ? "No servers in " + folder + "."
                : "Stopped and removed: " + String.join(", ", servers.stream().map(ServerStatus::name).toList()));
        if (session.options().json) {
            session.printJson(Map.of("removed", servers.stream().map(ServerStatus::name).toList()));
        }
        return 0;
    }

    private void show(List<ServerStatus> servers) {
        var table = new Table("name", "flavor", "host", "port", "user", "pid", "state");
        var json = servers.stream().map(server -> {
            var state = server.running() ? "running" : "stopped";
            var flavor = server.flavor().name().toLowerCase(Locale.ROOT);
            table.row(server.name(), flavor, server.host(), server.port(), server.user(), server.pid(), state);
            Map<String, Object> row = new LinkedHashMap<>();
            row.put("name", server.name());
            row.put("flavor", flavor);
            row.put("host", server.host());
            row.put("port", server.port());
            row.put("user", server.user());
            row.put("pid", server.pid());
            row.put("running", server.running());
            row.put("folder", server.folder().toString());
            return row;
        }).toList();
        session.print(Map.of("servers", json), table);
    }
}
