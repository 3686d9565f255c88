// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.cli.demo;

import dev.anabranch.cli.terminal.CliFailure;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** One caller with a cookie, who meets the other instance with each request. Not thread-safe. */
final class ReviewsRequests implements AutoCloseable {
    private static final Duration ANSWER = Duration.ofSeconds(30);
    private static final String COOKIE = "anabranch-consistency=";
    private static final JsonMapper JSON = JsonMapper.shared();

    private final HttpClient http = HttpClient.newBuilder().connectTimeout(ANSWER).build();
    private final List<URI> instances;
    private final Map<String, Integer> readsByServer = new TreeMap<>();
    private final List<String> failures = new ArrayList<>();
    private String cookie = "";
    private int requests;

    ReviewsRequests(List<URI> instances) {
        this.instances = List.copyOf(instances);
    }

    /** An answer, and the database servers that it came from. */
    record Answer(int status, JsonNode body, List<String> servers) {
        String from() {
            return String.join(", ", servers);
        }
    }

    /** Reads; with the cookie, unless it is dropped for this once. */
    Answer get(String path, boolean withCookie) {
        var answer = send("GET", path, null, withCookie);
        answer.servers().forEach(server -> readsByServer.merge(server, 1, Integer::sum));
        return answer;
    }

    /** Writes, and keeps the cookie that comes back. */
    Answer write(String method, String path, Map<String, ?> body) {
        return send(method, path, body, true);
    }

    /** What each instance says of a replica: whether all of them give it reads, or none does. */
    boolean allSay(String replica, boolean inRotation) {
        return instances.stream().allMatch(instance -> {
            var gauge = exchange(HttpRequest.newBuilder(instance.resolve(
                            "/actuator/metrics/anabranch.replica.in.rotation?tag=replica:" + replica))
                    .timeout(ANSWER)
                    .build(), false);
            return gauge.body().path("measurements").path(0).path("value").asDouble(-1) == (inRotation ? 1 : 0);
        });
    }

    /** How often each server has answered a read. */
    Map<String, Integer> readsByServer() {
        return Map.copyOf(readsByServer);
    }

    /** Requests that were not answered with success. */
    List<String> failures() {
        return List.copyOf(failures);
    }

    private Answer send(String method, String path, @Nullable Map<String, ?> body, boolean withCookie) {
        var request = HttpRequest.newBuilder(instances.get(requests++ % instances.size()).resolve(path))
                .timeout(ANSWER)
                .method(
                        method,
                        body == null ? BodyPublishers.noBody() : BodyPublishers.ofByteArray(JSON.writeValueAsBytes(body)));
        if (body != null) {
            request.header("Content-Type", "application/json");
        }
        if (withCookie && !cookie.isEmpty()) {
            request.header("Cookie", cookie);
        }
        var answer = exchange(request.build(), withCookie);
        if (answer.status() >= 300) {
            failures.add(method + " " + path + " is answered with status " + answer.status() + ": " + answer.body());
        }
        return answer;
    }

    private Answer exchange(HttpRequest request, boolean keepsCookie) {
        try {
            var answer = http.send(request, BodyHandlers.ofString());
            for (var set : answer.headers().allValues("Set-Cookie")) {
                if (keepsCookie && set.startsWith(COOKIE)) {
                    cookie = set.split(";", 2)[0];
                }
            }
            return new Answer(
                    answer.statusCode(), JSON.readTree(answer.body()), answer.headers().allValues("X-Served-By"));
        } catch (IOException e) {
            throw CliFailure.failed(
                    request.method() + " " + request.uri() + " is not answered (" + e + ")", "See the service's log", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw CliFailure.failed("Interrupted while requests were being sent", "", e);
        }
    }

    @Override
    public void close() {
        http.close();
    }
}
