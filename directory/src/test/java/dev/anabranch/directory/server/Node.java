// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.directory.server;

import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.SQLException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.springframework.context.ConfigurableApplicationContext;

/** A directory node in this JVM, on a port of its own, and a client of it. */
final class Node implements AutoCloseable {
    static final String KEY = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";

    /** All that any node has answered, for the search for passwords. */
    static final Queue<Answer> ANSWERS = new ConcurrentLinkedQueue<>();

    private static final HttpClient CLIENT = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(10))
            .build();

    /** Where files with databases' passwords may be. */
    static final Path SECRETS = newFile("secrets");

    /** Where files with owners' passwords may be: beneath the others, as it is where nothing is set. */
    static final Path OWNERS_SECRETS = SECRETS.resolve("anabranch-owner");

    private final ConfigurableApplicationContext context;
    private final String meta;
    private final String admin;
    private final int port;

    private Node(ConfigurableApplicationContext context, String meta, String admin, int port) {
        this.context = context;
        this.meta = meta;
        this.admin = admin;
        this.port = port;
    }

    static Node start(String metaDatabase, String... more) {
        return start(metaDatabase, newFile("admin-token"), more);
    }

    static Node start(String metaDatabase, Path adminToken, String... more) {
        Output.capture();
        Path portFile = newFile("port");
        // A property that is given twice would become a list, so what is given last replaces what was given first.
        Map<String, String> properties = new LinkedHashMap<>();
        for (String property : List.of(
                "--server.port=0",
                "--anabranch.port-file=" + portFile,
                "--anabranch.meta.url=" + Servers.postgres().jdbcUrl(metaDatabase),
                "--anabranch.meta.user=" + Servers.postgres().superuser(),
                "--anabranch.meta.password=" + Servers.postgres().password(),
                "--anabranch.admin-token-file=" + adminToken,
                "--anabranch.credential-key=" + KEY,
                "--anabranch.credential.folders=" + SECRETS,
                "--anabranch.owner.credential.folders=" + OWNERS_SECRETS,
                "--anabranch.stream.heartbeat=300ms",
                "--anabranch.stream.credential-poll=300ms")) {
            properties.put(property.replaceFirst("=.*", ""), property);
        }
        for (String property : more) {
            properties.put(property.replaceFirst("=.*", ""), property);
        }
        ConfigurableApplicationContext context =
                DirectoryApplication.builder().run(properties.values().toArray(String[]::new));
        try {
            int port = Integer.parseInt(Files.readString(portFile).strip());
            return new Node(context, metaDatabase, Files.readString(adminToken).strip(), port);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    /** A new file in the folder of databases' passwords. */
    static Path newSecret(String content) {
        return newSecret(SECRETS, content);
    }

    /** A new file in the folder of owners' passwords. */
    static Path newOwnersSecret(String content) {
        return newSecret(OWNERS_SECRETS, content);
    }

    private static Path newSecret(Path folder, String content) {
        try {
            Files.createDirectories(folder);
            return Files.writeString(Files.createTempFile(folder, "password", ""), content);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    /** A file that is its owner's alone. */
    static Path writePrivately(Path file, String content) {
        try {
            Files.createFile(file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
            return Files.writeString(file, content);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Beneath the module's own build folder, so that nothing is left elsewhere, not even by a killed run. */
    static Path newFile(String name) {
        try {
            Path files = Files.createDirectories(Path.of("target", "test-files").toAbsolutePath());
            return Files.createTempDirectory(files, "").resolve(name);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    static String segment(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20").replace("*", "%2A");
    }

    String admin() {
        return admin;
    }

    int port() {
        return port;
    }

    /** Empties the topology; tokens and audit stay. */
    void clear() {
        try {
            Servers.postgres()
                    .execute(
                            meta,
                            "truncate anabranch.databases, anabranch.groups, anabranch.buckets, anabranch.tenants,"
                                    + " anabranch.replicas, anabranch.audiences, anabranch.routes;"
                                    + "update anabranch.meta set revision = revision + 1");
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    /** A new token of that role. */
    String token(String role) {
        Answer answer = send("POST", "/v1/tokens", admin, "{\"name\":\"" + role + "-test\",\"role\":\"" + role + "\"}");
        if (answer.status() != 201) {
            throw new AssertionError(answer);
        }
        return answer.text("/token");
    }

    Answer get(String path, String token, String... headers) {
        return send("GET", path, token, "", headers);
    }

    /** As admin. */
    Answer put(String path, String body, String... headers) {
        return send("PUT", path, admin, body, headers);
    }

    /** As admin. */
    Answer delete(String path, String... headers) {
        return send("DELETE", path, admin, "", headers);
    }

    Answer send(String method, String path, String token, String body, String... headers) {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                .timeout(Duration.ofSeconds(20))
                .method(
                        method,
                        body.isEmpty()
                                ? HttpRequest.BodyPublishers.noBody()
                                : HttpRequest.BodyPublishers.ofString(body));
        if (!token.isEmpty()) {
            request.header("Authorization", "Bearer " + token);
        }
        if (!body.isEmpty() && List.of(headers).indexOf("Content-Type") < 0) {
            request.header("Content-Type", "application/json");
        }
        if (headers.length > 0) {
            request.headers(headers);
        }
        try {
            HttpResponse<String> response = CLIENT.send(request.build(), HttpResponse.BodyHandlers.ofString());
            Answer answer = new Answer(method + " " + path, response.statusCode(), response.headers(), response.body());
            ANSWERS.add(answer);
            return answer;
        } catch (IOException e) {
            throw new IllegalStateException(method + " " + path, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /** Shuts down in order, as SIGTERM does. */
    void stop() {
        context.close();
    }

    @Override
    public void close() {
        stop();
    }
}
