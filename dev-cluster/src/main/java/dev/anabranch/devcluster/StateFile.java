// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.devcluster;

import java.io.IOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Properties;

/**
 * {@code servers.properties}: which servers a folder has, and how to reach them. {@code servers} lists the names;
 * {@code NAME.flavor}, {@code .port}, {@code .pid}, {@code .started} (tells the process from a later one with the same
 * pid), {@code .user} and {@code .password} follow for each.
 */
record StateFile(Path folder) {

    /** In a folder whose path is real, as processes are recognized by it. */
    static StateFile in(Path folder) {
        return new StateFile(folder);
    }

    /** Makes the file with the names of servers that are about to be started; refused if there is one. */
    void claim(Map<String, Flavor> servers) throws IOException {
        var properties = new Properties();
        properties.setProperty("servers", String.join(",", servers.keySet()));
        servers.forEach((name, flavor) -> properties.setProperty(name + ".flavor", flavor.name()));
        Files.createFile(file(), Home.OWNER_ONLY);
        store(properties);
    }

    void write(Collection<DatabaseServer> servers) throws IOException {
        var properties = load();
        for (var server : servers) {
            properties.setProperty(server.name() + ".port", String.valueOf(server.port()));
            properties.setProperty(server.name() + ".pid", String.valueOf(server.pid()));
            properties.setProperty(server.name() + ".started",
                    ProcessIdentity.of(server.pid()).map(ProcessIdentity::start).orElse(""));
            properties.setProperty(server.name() + ".user", server.superuser());
            properties.setProperty(server.name() + ".password", server.password());
        }
        store(properties);
    }

    List<ServerStatus> read() throws IOException {
        if (!Files.exists(file())) {
            return List.of();
        }
        var properties = load();
        var servers = new ArrayList<ServerStatus>();
        for (var name : properties.getProperty("servers", "").split(",", -1)) {
            if (!name.isEmpty()) {
                long pid = Long.parseLong(properties.getProperty(name + ".pid", "0"));
                servers.add(new ServerStatus(
                        ServerFolder.requireName(name),
                        Flavor.valueOf(properties.getProperty(name + ".flavor")),
                        "127.0.0.1",
                        Integer.parseInt(properties.getProperty(name + ".port", "0")),
                        pid,
                        properties.getProperty(name + ".user", ""),
                        properties.getProperty(name + ".password", ""),
                        folder.resolve(name),
                        new ProcessIdentity(pid, properties.getProperty(name + ".started", "")).isAlive()));
            }
        }
        return List.copyOf(servers);
    }

    /** With its folder, if nothing else is in there. */
    void remove() throws IOException {
        Files.deleteIfExists(file());
        try {
            Files.deleteIfExists(folder);
        } catch (DirectoryNotEmptyException notOurs) {
            // stays
        }
    }

    private Path file() {
        return folder.resolve("servers.properties");
    }

    private Properties load() throws IOException {
        var properties = new Properties();
        try (var in = Files.newInputStream(file())) {
            properties.load(in);
        }
        return properties;
    }

    /** As a whole or not at all. */
    private void store(Properties properties) throws IOException {
        var unfinished = folder.resolve(".servers.properties.new");
        Files.deleteIfExists(unfinished);
        Files.createFile(unfinished, Home.OWNER_ONLY);
        try (var out = Files.newOutputStream(unfinished)) {
            properties.store(out, "Servers of a detached cluster. Holds passwords.");
        }
        Files.move(unfinished, file(), StandardCopyOption.ATOMIC_MOVE);
    }
}
