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
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * How one PostgreSQL server is made, configured and run: by initdb, or as a copy of the server it is to follow.
 * Thread-safe; what changes is in force with the next configuration.
 */
final class Postgres implements ServerLife.Kind {

    static final String SUPERUSER = "postgres";

    private final Launcher launcher;
    private final Path binaries;
    private final String password;
    private final ServerOptions options;
    private volatile @Nullable Upstream upstream;
    private volatile Duration delay = Duration.ZERO;

    /** A standby of the upstream, or a primary if that is null. */
    Postgres(Launcher launcher, Path binaries, String password, ServerOptions options, @Nullable Upstream upstream) {
        this.launcher = launcher;
        this.binaries = binaries;
        this.password = password;
        this.options = options;
        this.upstream = upstream;
    }

    /** A server with the same programs, account and password that follows this one. */
    Postgres standby(ServerOptions itsOptions, Upstream thisOne) {
        return new Postgres(launcher, binaries, password, itsOptions, thisOne);
    }

    ServerOptions options() {
        return options;
    }

    /** Whom it follows; null if nobody. */
    @Nullable Upstream upstream() {
        return upstream;
    }

    /** Has it follow another server, or nobody. */
    void follow(@Nullable Upstream next) {
        upstream = next;
    }

    /** How long after its commit a transaction is replayed. */
    Duration delay() {
        return delay;
    }

    void delay(Duration next) {
        delay = next;
    }

    @Override
    public Launcher launcher() {
        return launcher;
    }

    @Override
    public Path binaries() {
        return binaries;
    }

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
        var follows = upstream;
        if (follows == null) {
            initdb(folder, process);
        } else {
            writeSecret(passwordFile(folder), "*:*:*:" + SUPERUSER + ":"
                    + password.replace("\\", "\\\\").replace(":", "\\:") + "\n");
            follows.keepWal();
            new BaseCopy(follows.server(), folder.data(), launcher).make();
            write(standbySignal(folder), "", StandardOpenOption.CREATE_NEW);
            launcher.handOver(standbySignal(folder));
        }
    }

    /** The file by which a server is a standby; it removes that itself when it is promoted. */
    static Path standbySignal(ServerFolder folder) {
        return folder.data().resolve("standby.signal");
    }

    private void initdb(ServerFolder folder, ServerProcess process) throws IOException, InterruptedException {
        var passwordFile = folder.path().resolve("password");
        writeSecret(passwordFile, password + "\n");
        process.run(Redirect.from(Path.of("/dev/null").toFile()), List.of(
                binaries.resolve("bin/initdb").toString(), "-D", folder.data().toString(), "-U", SUPERUSER,
                "--pwfile=" + passwordFile, "--auth=scram-sha-256", "--encoding=UTF8", "--locale=C",
                "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--no-sync", "--no-instructions"));
        Files.delete(passwordFile);
        write(folder.data().resolve("pg_hba.conf"), """
                host all         all 127.0.0.1/32 scram-sha-256
                host replication all 127.0.0.1/32 scram-sha-256
                """, StandardOpenOption.TRUNCATE_EXISTING);
        write(folder.data().resolve("postgresql.conf"), "\ninclude 'anabranch.conf'\n", StandardOpenOption.APPEND);
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
        // a standby that comes to follow a promoted one needs WAL from before its slot there
        settings.put("wal_keep_size", "128MB");
        settings.put("wal_retrieve_retry_interval", "100ms");
        settings.put("wal_receiver_status_interval", "1s");
        settings.put("timezone", "UTC");
        settings.put("log_timezone", "UTC");
        settings.putAll(options.settings());
        // in the data folder, not in /dev/shm, where it would outlive a SIGKILL
        settings.put("dynamic_shared_memory_type", "mmap");
        settings.put("password_encryption", "scram-sha-256");
        settings.put("listen_addresses", "127.0.0.1");
        settings.put("unix_socket_directories", "");
        settings.put("port", String.valueOf(port));
        var follows = upstream;
        if (follows != null) {
            settings.put("primary_conninfo", follows.address(passwordFile(folder)));
            settings.put("primary_slot_name", follows.slot());
            settings.put("recovery_target_timeline", "latest");
            settings.put("recovery_min_apply_delay", String.valueOf(delay.toMillis()));
        }
        var lines = settings.entrySet().stream()
                .map(setting -> setting.getKey() + " = '" + escaped(setting.getValue()) + "'\n")
                .collect(Collectors.joining());
        write(folder.data().resolve("anabranch.conf"), lines, StandardOpenOption.TRUNCATE_EXISTING);
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
            return lines.size() > 7 && lines.get(7).strip().equals("ready")
                    && lines.getFirst().strip().equals(String.valueOf(pid));
        } catch (IOException notYet) {
            return false;
        }
    }

    /** Outside of the data, so that no copy of the data has it; the server logs its settings, so it is in none. */
    private static Path passwordFile(ServerFolder folder) {
        return folder.path().resolve("passwords");
    }

    private void writeSecret(Path file, String content) throws IOException {
        Files.createFile(file, Home.OWNER_ONLY);
        Files.writeString(file, content);
        launcher.handOver(file);
    }

    /** Follows no link: the data may belong to another account than this JVM's. */
    private static void write(Path file, String content, OpenOption how) throws IOException {
        Files.writeString(
                file, content, StandardOpenOption.CREATE, StandardOpenOption.WRITE, how, LinkOption.NOFOLLOW_LINKS);
    }

    private static String escaped(String value) {
        return value.replace("'", "''");
    }

    /** Without the password. */
    @Override
    public String toString() {
        return "Postgres[" + binaries + "]";
    }
}
