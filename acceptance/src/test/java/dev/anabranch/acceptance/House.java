// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.acceptance;

import dev.anabranch.cli.client.Change;
import dev.anabranch.cli.client.DirectoryClient;
import dev.anabranch.cli.process.OwnedProcess;
import dev.anabranch.cli.process.RandomSecret;
import dev.anabranch.cli.process.ServiceJar;
import dev.anabranch.devcluster.DatabaseServer;
import dev.anabranch.devcluster.DevCluster;
import dev.anabranch.devcluster.MariaDbServer;
import dev.anabranch.devcluster.PostgresServer;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;

/** A directory, its databases and the services that use them: the packaged jars as processes, on real servers. */
final class House implements AutoCloseable {
    /** Stands in every password, so that a search for it finds them all. */
    static final String MARK = "hunter2hunter2";
    /** Database, role and group of the people service. */
    static final String PEOPLE = "people";

    private static final Duration START = Duration.ofSeconds(90);

    private final Path folder;
    private final DevCluster servers;
    private final List<OwnedProcess> processes = new ArrayList<>();
    private final Map<String, Integer> starts = new HashMap<>();
    private final Map<String, Credentials> databases = new LinkedHashMap<>();
    private OwnedProcess directoryProcess;
    private URI directoryEndpoint;
    private DirectoryClient directory;
    private Path appToken;

    private record Credentials(DatabaseServer server, String database, String user, String password) {}

    House(Path folder, DevCluster servers) {
        this.folder = folder;
        this.servers = servers;
    }

    DevCluster servers() {
        return servers;
    }

    /** A database and a role of its own on a server. */
    void createDatabase(String name, DatabaseServer server) throws SQLException {
        String own = PEOPLE + "_" + name.replace('-', '_');
        String password = MARK + "-" + name;
        switch (server) {
            case PostgresServer postgres -> {
                postgres.createRole(own, password);
                postgres.createDatabase(own, own);
            }
            case MariaDbServer mariadb -> {
                mariadb.createDatabase(own);
                mariadb.createUser(own, password, own);
            }
        }
        databases.put(name, new Credentials(server, own, own, password));
    }

    /** Starts the directory over a meta database on this server and fills it with all databases made so far. */
    void startDirectory(PostgresServer meta, List<String> hashed) throws SQLException, IOException {
        meta.createRole("anabranch", MARK + "-meta");
        meta.createDatabase("anabranch", "anabranch");
        Map<String, String> environment = directoryEnvironment(meta, "0");
        directoryProcess = start(ServiceJar.DIRECTORY, environment);
        directoryEndpoint = URI.create("http://127.0.0.1:" + directoryProcess.awaitFile(portFile(environment), START));
        directory = new DirectoryClient(
                directoryEndpoint, Files.readString(folder.resolve("admin.token")).strip());
        databases.keySet().forEach(this::addDatabase);
        apply(Change.put(
                Change.path("groups", PEOPLE), Map.of("kind", "sharded", "hash", hashed, "tenants", "any")));
        JsonNode token = apply(Change.post(Change.path("tokens"), Map.of("name", "people", "role", "app")));
        appToken = secretFile("app.token", token.path("token").asString());
    }

    /** Kills the directory as a crash would. */
    void killDirectory() {
        directoryProcess.kill();
        Await.until("the directory to be gone", Duration.ofSeconds(20), () -> !directoryProcess.isAlive());
    }

    /** Starts it again where it was. */
    void restartDirectory() {
        Map<String, String> environment =
                directoryEnvironment(servers.postgres("meta"), Integer.toString(directoryEndpoint.getPort()));
        directoryProcess = start(ServiceJar.DIRECTORY, environment);
        directoryProcess.awaitFile(portFile(environment), START);
    }

    private Map<String, String> directoryEnvironment(PostgresServer meta, String port) {
        Map<String, String> environment = new HashMap<>();
        environment.put("ANABRANCH_META_URL", meta.jdbcUrl("anabranch"));
        environment.put("ANABRANCH_META_USER", "anabranch");
        environment.put("ANABRANCH_META_PASSWORD", MARK + "-meta");
        environment.put("ANABRANCH_ADMIN_TOKEN_FILE", folder.resolve("admin.token").toString());
        Path key = folder.resolve("credential.key");
        if (!Files.exists(key)) {
            secretFile("credential.key", RandomSecret.key());
        }
        environment.put("ANABRANCH_CREDENTIAL_KEY_FILE", key.toString());
        environment.put("ANABRANCH_PORT", port);
        environment.put("ANABRANCH_PORT_FILE", fresh("directory.port").toString());
        return environment;
    }

    void addDatabase(String name) {
        putDatabase(name, databases.get(name).password());
    }

    boolean has(String name) {
        return databases.containsKey(name);
    }

    /** Takes every tenant's placement away, and spreads the group over these databases alone. */
    void useOnly(List<String> hashed) {
        for (JsonNode tenant : directory.get(Change.path("groups", PEOPLE, "tenants")).path("items")) {
            String id = tenant.path("tenant").asString();
            apply(Change.delete(Change.path("groups", PEOPLE, "tenants", id)).forced(true));
        }
        Map<String, ?> rules = Map.of("kind", "sharded", "hash", hashed, "tenants", "any");
        apply(Change.put(Change.path("groups", PEOPLE), rules).forced(true));
    }

    /** Gives a database's role a new password: on the server, and then in the directory. */
    void rotatePassword(String name) throws SQLException {
        Credentials old = databases.get(name);
        String password = old.password() + "-rotated";
        ((PostgresServer) old.server()).changePassword(old.user(), password);
        putDatabase(name, password);
        databases.put(name, new Credentials(old.server(), old.database(), old.user(), password));
    }

    private void putDatabase(String name, String password) {
        Credentials at = databases.get(name);
        apply(Change.put(
                Change.path("databases", name),
                Map.of(
                        "flavor", at.server() instanceof MariaDbServer ? "mariadb" : "postgres",
                        "host", at.server().host(),
                        "port", at.server().port(),
                        "database", at.database(),
                        "user", at.user(),
                        "password", password)));
    }

    /** Places a tenant and answers with the revision of that change. */
    long place(String tenant, String database) {
        apply(Change.put(Change.path("groups", PEOPLE, "tenants", tenant), Map.of("database", database)));
        return revision();
    }

    String databaseOf(String tenant) {
        return directory.get(Change.path("groups", PEOPLE, "tenants", tenant)).path("database").asString();
    }

    long revision() {
        return directory.get("/v1/status").path("revision").asLong();
    }

    private JsonNode apply(Change change) {
        return directory.apply(change, "acceptance", OptionalLong.empty());
    }

    /** Starts the people service against the directory. */
    URI startPeople(Map<String, String> more) {
        Map<String, String> environment = new HashMap<>(Map.of(
                "SHARDING_MODE", "api",
                "SHARDING_API_ENDPOINT", directoryEndpoint.toString(),
                "SHARDING_API_TOKEN_FILE", appToken.toString(),
                "SHARDING_SNAPSHOT_FILE", folder.resolve("people.snapshot").toString()));
        environment.putAll(more);
        return startPeopleWith(environment);
    }

    /** Starts the people service against one database, without a directory. */
    URI startStandalonePeople(String name, String flavor) {
        Credentials at = databases.get(name);
        return startPeopleWith(Map.of(
                "SHARDING_MODE", "standalone",
                "SHARDING_FLAVOR", flavor,
                "SHARDING_HOST", at.server().host(),
                "SHARDING_PORT", Integer.toString(at.server().port()),
                "SHARDING_USER", at.user(),
                "SHARDING_PASSWORD", at.password(),
                "SHARDING_DATABASE", at.database(),
                "SHARDING_IDENTIFIER_FIELD", "customer_id"));
    }

    private URI startPeopleWith(Map<String, String> given) {
        Map<String, String> environment = new HashMap<>(given);
        environment.put("PORT", "0");
        environment.put("PORT_FILE", fresh("people.port").toString());
        OwnedProcess process = start(ServiceJar.PEOPLE, environment);
        return URI.create("http://127.0.0.1:" + process.awaitFile(Path.of(environment.get("PORT_FILE")), START));
    }

    /** Starts the people service, which is expected to refuse; answers with what it has logged. */
    String refusalOfPeople(Map<String, String> more) throws InterruptedException, IOException {
        Map<String, String> environment = new HashMap<>(Map.of(
                "SHARDING_MODE", "api",
                "SHARDING_API_ENDPOINT", directoryEndpoint.toString(),
                "SHARDING_API_TOKEN_FILE", appToken.toString(),
                "SHARDING_SNAPSHOT_FILE", "off",
                "PORT", "0"));
        environment.putAll(more);
        Path log = folder.resolve("refusal.log");
        try (OwnedProcess process = OwnedProcess.start("people", log, environment, command(ServiceJar.PEOPLE))) {
            if (process.await() == 0) {
                throw new AssertionError("The service ended without an error:\n" + Files.readString(log));
            }
        }
        return Files.readString(log);
    }

    /** How many rows each customer has on a database, asked there directly. */
    Map<String, Integer> rows(String name) throws SQLException {
        Credentials at = databases.get(name);
        Map<String, Integer> rows = new LinkedHashMap<>();
        try (Connection connection = at.server().connect(at.database(), at.user(), at.password());
                Statement statement = connection.createStatement();
                ResultSet counts =
                        statement.executeQuery("select customer_id, count(*) from person group by customer_id")) {
            while (counts.next()) {
                rows.put(counts.getString(1), counts.getInt(2));
            }
        } catch (SQLException e) {
            // Undefined table: no customer has been here yet.
            if (!"42P01".equals(e.getSQLState()) && !"42S02".equals(e.getSQLState())) {
                throw e;
            }
        }
        return rows;
    }

    /** How many sessions the people service's roles have on a server now. */
    static int sessions(PostgresServer server) {
        try (Connection connection = server.connect("postgres");
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(
                        "select count(*) from pg_stat_activity where usename like 'people%'")) {
            rows.next();
            return rows.getInt(1);
        } catch (SQLException e) {
            throw new AssertionError(e);
        }
    }

    /** All that the programs have logged and left on disk. */
    Map<Path, String> files() throws IOException {
        Map<Path, String> contents = new LinkedHashMap<>();
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                contents.put(file, new String(Files.readAllBytes(file), java.nio.charset.StandardCharsets.ISO_8859_1));
            }
        }
        return contents;
    }

    private OwnedProcess start(ServiceJar jar, Map<String, String> environment) {
        OwnedProcess process = OwnedProcess.start(
                jar.title(), fresh(jar.name().toLowerCase(java.util.Locale.ROOT) + ".log"), environment, command(jar));
        processes.add(process);
        return process;
    }

    private static List<String> command(ServiceJar jar) {
        // Each request in flight takes Tomcat some 120 KB, and a test makes 2,000 of them at once.
        return jar.command(System.getenv(), List.of("-XX:+UseSerialGC", "-Xmx768m"));
    }

    private static Path portFile(Map<String, String> environment) {
        return Path.of(environment.get("ANABRANCH_PORT_FILE"));
    }

    /** A name for a file that is not there yet. */
    private Path fresh(String name) {
        return folder.resolve(starts.merge(name, 1, Integer::sum) + "-" + name);
    }

    private Path secretFile(String name, String content) {
        try {
            Path file = Files.createFile(
                    folder.resolve(name),
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
            return Files.writeString(file, content);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @Override
    public void close() {
        processes.reversed().forEach(OwnedProcess::close);
        servers.close();
    }
}
