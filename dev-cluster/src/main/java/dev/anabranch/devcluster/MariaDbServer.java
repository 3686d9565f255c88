// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.devcluster;

import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.IntSupplier;
import java.util.stream.Collectors;

/**
 * A MariaDB 11.4 server for throwaway use: fast rather than durable, utf8mb4, time zone UTC, without TLS, passwords
 * enforced. There is neither an anonymous account nor one without a password.
 */
public final class MariaDbServer extends DatabaseServer {

    private static final String SUPERUSER = "root";
    private static final String SYSTEM_DATABASE = "mysql";

    private MariaDbServer(String name, String password, ServerLife life) {
        super(Flavor.MARIADB, name, SUPERUSER, password, life);
    }

    /** Starts a server with {@linkplain ServerOptions#defaults() the defaults}, ready to connect on return. */
    public static MariaDbServer start(String name) {
        return start(name, ServerOptions.defaults());
    }

    /** Starts a server, ready to connect on return; throws {@link DevClusterException} and leaves nothing if it fails. */
    public static MariaDbServer start(String name, ServerOptions options) {
        return start(name, options, Home.ofUser(), Ports::free);
    }

    static MariaDbServer start(String name, ServerOptions options, Home home, IntSupplier ports) {
        ServerFolder.requireName(name);
        try {
            home.sweep();
            var path = home.servers().resolve(ServerFolder.uniqueName(name));
            return start(name, options, home, path, Lifetime.OWNED, ports);
        } catch (IOException e) {
            throw Home.unusable(home, e);
        }
    }

    static MariaDbServer start(String name, ServerOptions options, Home home, Path path, Lifetime lifetime,
            IntSupplier ports) throws IOException {
        var password = Objects.requireNonNullElseGet(options.password(), Passwords::random);
        var kind = new MariaDb(new Binaries(home.binaries()).mariadb(), password, options);
        var life = ServerLife.begin(name, path, lifetime, kind, options.startTimeout(), ports);
        return new MariaDbServer(name, password, life);
    }

    @Override
    public void createDatabase(String database) throws SQLException {
        execute(SYSTEM_DATABASE, "create database " + quoted(database));
    }

    /** Creates a user who may do everything in one database; the password never travels in the clear. */
    public void createUser(String user, String userPassword, String database) throws SQLException {
        execute(SYSTEM_DATABASE, "create user " + quoted(user) + "@'%' identified by password '" + hash(userPassword) + "'");
        // in a grant, _ and % are wildcards
        var onlyThis = quoted(database.replace("\\", "\\\\").replace("_", "\\_").replace("%", "\\%"));
        execute(SYSTEM_DATABASE, "grant all on " + onlyThis + ".* to " + quoted(user) + "@'%'");
    }

    /** Gives a user another password; sessions that are open stay open. */
    public void changePassword(String user, String newPassword) throws SQLException {
        execute(SYSTEM_DATABASE, "set password for " + quoted(user) + "@'%' = '" + hash(newPassword) + "'");
    }

    /**
     * Becomes a replica of another server, from its first change on: both must be {@linkplain ServerOptions#replicating
     * set up for it} and this one must be as it was started. It follows by GTID until it is closed.
     */
    public void follow(MariaDbServer primary) throws SQLException {
        execute(SYSTEM_DATABASE, "change master to master_host = '" + primary.host() + "', master_port = " + primary.port()
                + ", master_user = '" + primary.superuser() + "', master_password = '" + primary.password()
                + "', master_ssl = 0, master_connect_retry = 1, master_use_gtid = slave_pos");
        execute(SYSTEM_DATABASE, "start slave");
    }

    /** Has a replica apply each change so much later, in whole seconds. */
    public void delay(Duration delay) throws SQLException {
        execute(SYSTEM_DATABASE, "stop slave");
        execute(SYSTEM_DATABASE, "change master to master_delay = " + delay.toSeconds());
        execute(SYSTEM_DATABASE, "start slave");
    }

    /** A replica goes on receiving changes, and applies none. */
    public void pauseReplay() throws SQLException {
        execute(SYSTEM_DATABASE, "stop slave sql_thread");
    }

    /** A replica applies changes again. */
    public void resumeReplay() throws SQLException {
        execute(SYSTEM_DATABASE, "start slave sql_thread");
    }

    private static String quoted(String identifier) {
        return "`" + identifier.replace("`", "``") + "`";
    }

    /** What mysql_native_password keeps: * and the hex of SHA-1 applied twice. */
    private static String hash(String password) {
        try {
            var sha1 = MessageDigest.getInstance("SHA-1");
            var twice = sha1.digest(sha1.digest(password.getBytes(StandardCharsets.UTF_8)));
            return "*" + HexFormat.of().withUpperCase().formatHex(twice);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java has SHA-1", e);
        }
    }

    private record MariaDb(Path binaries, String password, ServerOptions options) implements ServerLife.Kind {

        /** It does not mind to run as root, when told so. */
        @Override
        public Launcher launcher() {
            return Launcher.AS_IS;
        }

        /** It keeps nothing outside of its folder. */
        @Override
        public String endSignal() {
            return "KILL";
        }

        @Override
        public String stopSignal() {
            return "TERM";
        }

        /** As mariadb-install-db does, without the help texts and the test database. */
        @Override
        public void initialize(ServerFolder folder, ServerProcess process) throws IOException, InterruptedException {
            Files.createDirectory(folder.data());
            configure(folder, 0);
            var sql = new StringBuilder("create database mysql;\nuse mysql;\nset @auth_root_socket = null;\n");
            for (var script : List.of("mariadb_system_tables.sql", "mariadb_performance_tables.sql",
                    "mariadb_system_tables_data.sql", "maria_add_gis_sp_bootstrap.sql", "mariadb_sys_schema.sql")) {
                Files.readString(share().resolve(script)).lines()
                        .filter(line -> !line.contains("@current_hostname"))
                        .forEach(line -> sql.append(line).append('\n'));
            }
            sql.append("flush privileges;\n");
            sql.append("drop user if exists 'root'@'127.0.0.1', 'root'@'::1', ''@'localhost';\n");
            for (var host : List.of("localhost", "127.0.0.1")) {
                sql.append("create user if not exists 'root'@'").append(host).append("';\n");
                sql.append("set password for 'root'@'").append(host).append("' = '").append(hash(password)).append("';\n");
                sql.append("grant all on *.* to 'root'@'").append(host).append("' with grant option;\n");
            }
            var file = folder.path().resolve("bootstrap.sql");
            Files.createFile(file, Home.OWNER_ONLY);
            Files.writeString(file, sql);
            var command = new ArrayList<>(command(folder));
            command.addAll(List.of("--bootstrap", "--log-warnings=0", "--enforce-storage-engine="));
            process.run(Redirect.from(file.toFile()), command);
            Files.delete(file);
        }

        @Override
        public void configure(ServerFolder folder, int port) throws IOException {
            Map<String, String> settings = new LinkedHashMap<>();
            settings.put("max_connections", String.valueOf(options.maxConnections()));
            settings.put("max_allowed_packet", "16M");
            settings.put("character_set_server", "utf8mb4");
            settings.put("default_time_zone", "+00:00");
            settings.put("innodb_buffer_pool_size", "32M");
            settings.put("innodb_log_file_size", "16M");
            settings.put("innodb_data_file_path", "ibdata1:4M:autoextend");
            settings.put("innodb_undo_tablespaces", "0");
            // to the system at each commit, without waiting for the disk: kept through a kill, not through a power cut
            settings.put("innodb_flush_log_at_trx_commit", "2");
            settings.put("innodb_doublewrite", "0");
            // making its own certificate takes seconds
            settings.put("ssl", "0");
            settings.put("skip_name_resolve", "1");
            settings.putAll(options.settings());
            settings.put("basedir", binaries.toString());
            settings.put("lc_messages_dir", share().toString());
            settings.put("datadir", folder.data().toString());
            // each server that starts removes the temporary tables that it finds, those of others in a shared folder too
            settings.put("tmpdir", Files.createDirectories(folder.path().resolve("tmp")).toString());
            settings.put("bind_address", "127.0.0.1");
            settings.put("port", String.valueOf(port));
            // beneath the data folder: a full path may be too long for a socket
            settings.put("socket", "socket");
            settings.put("pid_file", "pid");
            if (Launcher.isRoot()) {
                settings.put("user", "root");
            }
            var lines = settings.entrySet().stream()
                    .map(setting -> setting.getKey() + " = \"" + escaped(setting.getValue()) + "\"\n")
                    .collect(Collectors.joining("", "[mariadbd]\n", ""));
            Files.writeString(folder.path().resolve("my.cnf"), lines);
        }

        @Override
        public List<String> command(ServerFolder folder) {
            return List.of(binaries.resolve("bin/mariadbd").toString(),
                    "--defaults-file=" + folder.path().resolve("my.cnf"));
        }

        /** When the superuser gets in: then it is neither somebody else's server nor only half up. */
        @Override
        public boolean isReady(ServerFolder folder, int port, long pid) {
            var url = Flavor.MARIADB.jdbcUrl("127.0.0.1", port, SYSTEM_DATABASE);
            try (var connection = DriverManager.getConnection(url, SUPERUSER, password)) {
                return connection.isValid(1);
            } catch (SQLException notYet) {
                return false;
            }
        }

        private Path share() {
            var share = binaries.resolve("share");
            return Files.isDirectory(share.resolve("mysql")) ? share.resolve("mysql") : share;
        }

        private static String escaped(String value) {
            return value.replace("\\", "\\\\").replace("\"", "\\\"");
        }

        /** Without the password. */
        @Override
        public String toString() {
            return "MariaDb[" + binaries + "]";
        }
    }
}
