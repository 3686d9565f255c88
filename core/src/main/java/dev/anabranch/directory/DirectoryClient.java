// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.directory;

import dev.anabranch.problem.AnabranchException;
import dev.anabranch.problem.ErrorCode;
import dev.anabranch.tenant.TenantId;
import dev.anabranch.topology.Secret;
import dev.anabranch.topology.Topology;
import dev.anabranch.topology.TopologyJson;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.HttpURLConnection;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/**
 * The directory's HTTP, as far as an application needs it.
 *
 * <p>{@link HttpURLConnection}, because the change stream wants a read timeout between two lines, which tells a dead
 * peer from a quiet one; the directory sends a heartbeat every 5 s.
 */
final class DirectoryClient {
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final int CONNECT_MILLIS = 2_000;
    private static final int ANSWER_MILLIS = 10_000;
    /** A request waits for it. */
    private static final int LOOKUP_MILLIS = 3_000;
    private static final int SILENCE_MILLIS = 15_000;

    private final URI endpoint;
    private final Secret token;
    private final String groups;

    DirectoryClient(URI endpoint, Secret token, List<String> groups) {
        this.endpoint = URI.create(endpoint.toString().replaceAll("/+$", ""));
        this.token = token;
        this.groups = groups.stream().map(group -> "group=" + encode(group)).collect(Collectors.joining("&"));
    }

    /**
     * An answer to {@link #snapshot}.
     *
     * @param topology the topology
     * @param etag what tells it from the next one; null where the directory sent none
     * @param withheld whether the directory keeps the passwords from this token
     */
    record Answer(Topology topology, @Nullable String etag, boolean withheld) {}

    URI endpoint() {
        return endpoint;
    }

    /** The topology, or empty where it is still the one with this tag. */
    Optional<Answer> snapshot(@Nullable String etag) throws IOException {
        HttpURLConnection connection = open("/v1/snapshot?" + groups, ANSWER_MILLIS);
        if (etag != null) {
            connection.setRequestProperty("If-None-Match", etag);
        }
        if (connection.getResponseCode() == HttpURLConnection.HTTP_NOT_MODIFIED) {
            return Optional.empty();
        }
        requireOk(connection, "the snapshot");
        try {
            Topology topology = TopologyJson.read(read(connection));
            boolean withheld = "withheld".equals(connection.getHeaderField("X-Anabranch-Credentials"));
            return Optional.of(new Answer(topology, connection.getHeaderField("ETag"), withheld));
        } catch (AnabranchException e) {
            throw new IOException("its answer is no topology: " + e.problem(), e);
        }
    }

    /** Whether the directory lists the tenant. */
    boolean isListed(String group, TenantId tenant) throws IOException {
        String path = "/v1/groups/" + encode(group) + "/tenants/" + encode(tenant.value());
        HttpURLConnection connection = open(path, LOOKUP_MILLIS);
        // Only the directory's own word is a no: a proxy before it answers 404 too, while it is being replaced.
        if (connection.getResponseCode() == HttpURLConnection.HTTP_NOT_FOUND
                && problem(connection).equals(ErrorCode.TENANT_UNKNOWN.code())) {
            return false;
        }
        requireOk(connection, "the tenant");
        read(connection);
        return true;
    }

    /** Reads the change stream and calls the listener at each change, until the stream ends or this is closed. */
    void follow(Runnable changed, BooleanSupplier closed) throws IOException {
        HttpURLConnection connection = open("/v1/changes", SILENCE_MILLIS);
        connection.setRequestProperty("Accept", "text/event-stream");
        requireOk(connection, "the change stream");
        try (BufferedReader lines =
                new BufferedReader(new InputStreamReader(connection.getInputStream(), StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null && !closed.getAsBoolean(); line = lines.readLine()) {
                if (line.startsWith("data:")) {
                    changed.run();
                }
            }
        } finally {
            connection.disconnect();
        }
    }

    private HttpURLConnection open(String path, int readMillis) throws IOException {
        if (!(URI.create(endpoint + path).toURL().openConnection() instanceof HttpURLConnection connection)) {
            throw new IOException("The endpoint " + endpoint + " is not HTTP");
        }
        connection.setConnectTimeout(CONNECT_MILLIS);
        connection.setReadTimeout(readMillis);
        connection.setInstanceFollowRedirects(false);
        connection.setRequestProperty("Authorization", "Bearer " + token.reveal());
        return connection;
    }

    private void requireOk(HttpURLConnection connection, String what) throws IOException {
        int status = connection.getResponseCode();
        if (status == HttpURLConnection.HTTP_OK) {
            return;
        }
        String problem = problem(connection);
        if (status == HttpURLConnection.HTTP_UNAUTHORIZED || status == HttpURLConnection.HTTP_FORBIDDEN) {
            throw new AnabranchException(
                    ErrorCode.DIRECTORY_REFUSED,
                    "The directory " + endpoint + " refused " + what + " (HTTP " + status + ")",
                    "Give a token of the role app in SHARDING_API_TOKEN or SHARDING_API_TOKEN_FILE; 'anabranch token"
                            + " create --role app' makes one");
        }
        if (problem.equals(ErrorCode.GROUP_UNKNOWN.code())) {
            throw new AnabranchException(
                    ErrorCode.GROUP_UNKNOWN,
                    "The directory " + endpoint + " does not have all of " + groups.replace("group=", "group "),
                    "Open one that it has ('anabranch group list') by its name (fromEnvironment(name); anabranch.group in"
                            + " Spring), or add the group");
        }
        throw new IOException("HTTP " + status + " for " + what);
    }

    /** The code of the problem that the directory tells; empty where the answer is not of the directory's kind. */
    private static String problem(HttpURLConnection connection) throws IOException {
        byte[] body = read(connection);
        String type = connection.getContentType();
        if (type == null || !type.startsWith("application/problem+json")) {
            return "";
        }
        try {
            return JSON.readTree(body).path("code").asString("");
        } catch (JacksonException e) {
            return "";
        }
    }

    /** The answer to its end, so that the connection can be used again. */
    private static byte[] read(HttpURLConnection connection) throws IOException {
        InputStream body =
                connection.getResponseCode() >= 400 ? connection.getErrorStream() : connection.getInputStream();
        if (body == null) {
            return new byte[0];
        }
        try (body) {
            return body.readAllBytes();
        }
    }

    private static String encode(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }
}
