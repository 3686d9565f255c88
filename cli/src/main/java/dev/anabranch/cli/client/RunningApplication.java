// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.cli.client;

import dev.anabranch.cli.terminal.CliFailure;
import dev.anabranch.cli.terminal.ExitCode;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.Map;
import java.util.stream.Collectors;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** An application that runs, by its actuator endpoint. */
public final class RunningApplication {
    private static final Duration CONNECT = Duration.ofSeconds(5);
    private static final Duration ANSWER = Duration.ofSeconds(20);

    private final URI base;

    /**
     * @param base where its actuator is served, without {@code /actuator}: for example {@code http://127.0.0.1:8080}
     * @throws CliFailure where the text is no such address
     */
    public RunningApplication(String base) {
        URI uri;
        try {
            uri = URI.create(base.replaceFirst("/+$", ""));
        } catch (IllegalArgumentException e) {
            throw notAnAddress(base);
        }
        if (uri.getHost() == null || uri.getRawQuery() != null || !("http".equals(uri.getScheme()) || "https".equals(uri.getScheme()))) {
            throw notAnAddress(base);
        }
        this.base = uri;
    }

    private static CliFailure notAnAddress(String base) {
        return CliFailure.usage("'" + base + "' is no address of an application", "Write it like http://127.0.0.1:8080");
    }

    /** Where it would go, and why: its own routers, replicas and sessions count. */
    public JsonNode explain(Map<String, String> parameters) {
        var query = parameters.entrySet().stream()
                .map(parameter -> Change.escaped(parameter.getKey()) + "=" + Change.escaped(parameter.getValue()))
                .collect(Collectors.joining("&"));
        var request = HttpRequest.newBuilder(URI.create(base + "/actuator/anabranch/explain?" + query))
                .timeout(ANSWER)
                .header("Accept", "application/json")
                .build();
        HttpResponse<byte[]> answer;
        try (var http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).connectTimeout(CONNECT).build()) {
            answer = http.send(request, BodyHandlers.ofByteArray());
        } catch (IOException e) {
            var reason = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
            throw CliFailure.failed(
                    "The application at " + base + " does not answer (" + reason + ")",
                    "Start it, or say where its actuator is: management.server.port may give it a port of its own",
                    e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw CliFailure.failed("Interrupted while asking the application at " + base, "", e);
        }
        return content(answer);
    }

    private JsonNode content(HttpResponse<byte[]> answer) {
        int status = answer.statusCode();
        JsonNode json = null;
        try {
            json = JsonMapper.shared().readTree(answer.body());
        } catch (JacksonException e) {
            // said below
        }
        if (status == 404) {
            throw CliFailure.failed(
                    "The application at " + base + " has no /actuator/anabranch",
                    "Expose it: management.endpoints.web.exposure.include=anabranch",
                    null);
        }
        if (status >= 300) {
            var detail = json == null ? "" : json.path("detail").asString(json.path("message").asString(""));
            throw new CliFailure(
                    ExitCode.ofHttp(status),
                    "The application at " + base + " answers with the HTTP status " + status
                            + (detail.isEmpty() ? "" : " (" + detail.replaceFirst("\\.$", "") + ")"),
                    status == 401 || status == 403
                            ? "Ask it where its actuator is open, such as on management.server.port"
                            : "Correct what it says, or look into its log");
        }
        if (json == null || !json.has("steps")) {
            throw CliFailure.failed(
                    "What " + base + " answers is no explanation of a route",
                    "Check that it is an application with this version of Anabranch",
                    null);
        }
        return json;
    }
}
