// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.devcluster;

import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.IntSupplier;
import java.util.stream.Collectors;
import org.postgresql.PGConnection;

/**
 * A PostgreSQL 18 server for throwaway use: fast rather than durable ({@code fsync} is off), UTF-8 in the {@code
 * C.UTF-8} locale, time zone UTC, {@code wal_level=logical}, passwords enforced (scram-sha-256).
 *
 * <p>Each has a system identifier of its own. The first start of a user unpacks the programs; the ones after take about
 * a second. As root it runs without root's rights.
 */
public final class PostgresServer implements DatabaseServer {

    private static final String SUPERUSER = "postgres";

    private final String name;
    private final String password;
    private final ServerLife life;

    private PostgresServer(String name, String password, ServerLife life) {
        this.name = name;
        this.password = password;
        this.life = life;
    }

    /** Starts a server with {@linkplain ServerOptions#defaults() the defaults}, ready to connect on return. */
    public static PostgresServer start(String name) {
        return start(name, ServerOptions.defaults());
    }

    /** Starts a server, ready to connect on return; throws {@link DevClusterException} and leaves nothing if it fails. */
    public static PostgresServer start(String name, ServerOptions options) {
        return start(name, options, Home.ofUser(), Ports::free);
    }

    static PostgresServer start(String name, ServerOptions options, Home home, IntSupplier ports) {
        ServerFolder.requireName(name);
        try {
            home.sweep();
            var path = home.servers().resolve(ServerFolder.uniqueName(name));
            return start(name, options, home, path, Lifetime.OWNED, Launcher.unprivileged(), ports);
        } catch (IOException e) {
            throw Home.unusable(home, e);
        }
    }

    static PostgresServer start(String name, ServerOptions options, Home home, Path path, Lifetime lifetime,
            Launcher launcher, IntSupplier ports) throws IOException {
        var password = Objects.requireNonNullElseGet(options.password(), Passwords::random);
        var kind = new Postgres(launcher, new Binaries(home.binaries()).postgres(), password, options);
        var life = ServerLife.begin(name, path, lifetime, kind, options.startTimeout(), ports);
        return new PostgresServer(name, password, life);
    }

    @Override
    public Flavor flavor() {
        return Flavor.POSTGRES;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public int port() {
        return life.port();
    }

    @Override
    public String superuser() {
        return SUPERUSER;
    }

    @Override
    public String password() {
        return password;
    }

    @Override
    public Path folder() {
        return life.folder().path();
    }

    @Override
    public void createDatabase(String database) throws SQLException {
        createDatabase(database, SUPERUSER);
    }

    /** Creates a database owned by a role that exists. */
    public void createDatabase(String database, String owner) throws SQLException {
        execute(SUPERUSER, "create database " + quoted(database) + " owner " + quoted(owner));
    }

    /** Creates a role that may log in with a password and nothing else; the password never travels in the clear. */
    public void createRole(String role, String rolePassword) throws SQLException {
        execute(SUPERUSER, "create role " + quoted(role) + " login");
        changePassword(role, rolePassword);
    }

    /** Gives a role another password; sessions that are open stay open. */
    public void changePassword(String role, String newPassword) throws SQLException {
        try (var connection = connect(SUPERUSER)) {
            connection.unwrap(PGConnection.class).alterUserPassword(role, newPassword.toCharArray(), "scram-sha-256");
        }
    }

    @Override
    public long pid() {
        return life.pid();
    }

    @Override
    public boolean isRunning() {
        return life.isRunning();
    }

    /** Shuts it down in PostgreSQL's "fast" mode: open transactions are rolled back, and a checkpoint is written. */
    @Override
    public void stop() {
        life.stop();
    }

    @Override
    public void kill() {
        life.kill();
    }

    @Override
    public void restart() {
        life.restart();
    }

    @Override
    public void pause() {
        life.pause();
    }

    @Override
    public void resume() {
        life.resume();
    }

    @Override
    public void close() {
        life.close();
    }

    /** Name, address and folder, without the password. */
    @Override
    public String toString() {
        return "PostgreSQL \"" + name + "\" on " + host() + ":" + port() + " in " + folder();
    }

    private static String quoted(String identifier) {
        return "\"" + identifier.replace("\"", "\"\"") + "\"";
    }

    private record Postgres(Launcher launcher, Path binaries, String password, ServerOptions options)
            implements ServerLife.Kind {

        /** Immediate shutdown: without a checkpoint, but shared memory is given back. */
        @Override
        public String endSignal() {
            return "QUIT";
        }

        @Override
        public String stopSignal() {
            return "INT";
        }

        @Override
        public void initialize(ServerFolder folder, ServerProcess process) throws IOException, InterruptedException {
            Files.createDirectory(
                    folder.data(), PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            launcher.handOver(folder.data());
            var passwordFile = folder.path().resolve("password");
            Files.createFile(passwordFile, Home.OWNER_ONLY);
            Files.writeString(passwordFile, password + "\n");
            launcher.handOver(passwordFile);
            process.run(Redirect.from(Path.of("/dev/null").toFile()), List.of(
                    binaries.resolve("bin/initdb").toString(), "-D", folder.data().toString(), "-U", SUPERUSER,
                    "--pwfile=" + passwordFile, "--auth=scram-sha-256", "--encoding=UTF8", "--locale=C",
                    "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--no-sync", "--no-instructions"));
            Files.delete(passwordFile);
            write(folder.data().resolve("pg_hba.conf"), """
                    host all         all 127.0.0.1/32 scram-sha-256
                    host replication all 127.0.0.1/32 scram-sha-256
                    """, StandardOpenOption.TRUNCATE_EXISTING);
            write(folder.data().resolve("postgresql.conf"), "\ninclude 'anabranch.conf'\n",
                    StandardOpenOption.APPEND);
        }

        @Override
        public void configure(ServerFolder folder, int port) throws IOException {
            Map<String, String> settings = new LinkedHashMap<>();
            settings.put("fsync", "off");
            settings.put("full_page_writes", "off");
            settings.put("synchronous_commit", "on");
            settings.put("shared_buffers", "32MB");
            settings.put("max_connections", String.valueOf(options.maxConnections()));
            settings.put("wal_level", "logical");
            settings.put("max_wal_senders", "20");
            settings.put("max_replication_slots", "20");
            settings.put("max_prepared_transactions", "20");
            settings.put("min_wal_size", "32MB");
            settings.put("timezone", "UTC");
            settings.put("log_timezone", "UTC");
            settings.putAll(options.settings());
            // in the data folder, not in /dev/shm, where it would outlive a SIGKILL
            settings.put("dynamic_shared_memory_type", "mmap");
            settings.put("password_encryption", "scram-sha-256");
            settings.put("listen_addresses", "127.0.0.1");
            settings.put("unix_socket_directories", "");
            settings.put("port", String.valueOf(port));
            var lines = settings.entrySet().stream()
                    .map(setting -> setting.getKey() + " = '" + setting.getValue().replace("'", "''") + "'\n")
                    .collect(Collectors.joining());
            write(folder.data().resolve("anabranch.conf"), lines, StandardOpenOption.TRUNCATE_EXISTING);
        }

        /** Follows no link: the data may belong to another account than this JVM's. */
        private static void write(Path file, String content, OpenOption how) throws IOException {
            Files.writeString(
                    file, content, StandardOpenOption.CREATE, StandardOpenOption.WRITE, how, LinkOption.NOFOLLOW_LINKS);
        }

        @Override
        public List<String> command(ServerFolder folder) {
            return List.of(binaries.resolve("bin/postgres").toString(), "-D", folder.data().toString());
        }

        /** By the last line of the pid file, as pg_ctl does. */
        @Override
        public boolean isReady(ServerFolder folder, int port, long pid) {
            try {
                var lines = Files.readString(folder.data().resolve("postmaster.pid"), StandardCharsets.UTF_8)
                        .lines().toList();
                return lines.size() > 7 && List.of("ready", "standby").contains(lines.get(7).strip())
                        && lines.getFirst().strip().equals(String.valueOf(pid));
            } catch (IOException notYet) {
                return false;
            }
        }

        /** Without the password. */
        @Override
        public String toString() {
            return "Postgres[" + binaries + "]";
        }
    }
}
