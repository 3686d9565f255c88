// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.acceptance;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** One caller with a cookie of its own, who meets another instance of the service each time. Not thread-safe. */
final class ReviewsClient {
    private static final String COOKIE = "anabranch-consistency=";

    private final HttpClient http;
    private final List<URI> instances;
    private String cookie = "";

    ReviewsClient(HttpClient http, List<URI> instances) {
        this.http = http;
        this.instances = instances;
    }

    /** What was answered, and by which database servers. */
    record Answer(int status, JsonNode body, List<String> servers) {
        boolean fromReplica() {
            return servers.stream().anyMatch(server -> server.startsWith("reviews-replica"));
        }
    }

    Answer post(String path, String body) throws IOException, InterruptedException {
        return send("POST", path, body);
    }

    Answer put(String path, String body) throws IOException, InterruptedException {
        return send("PUT", path, body);
    }

    Answer get(String path) throws IOException, InterruptedException {
        return send("GET", path, "");
    }

    /** The value of a meter of one instance, for one replica. */
    double meter(URI instance, String name, String replica) throws IOException, InterruptedException {
        URI meter = instance.resolve("/actuator/metrics/" + name + "?tag=replica:" + replica);
        HttpResponse<String> answer = http.send(HttpRequest.newBuilder(meter).build(), BodyHandlers.ofString());
        JsonNode measured = JsonMapper.shared().readTree(answer.body()).path("measurements");
        return measured.path(0).path("value").asDouble(-1);
    }

    private Answer send(String method, String path, String body) throws IOException, InterruptedException {
        URI instance = instances.get(ThreadLocalRandom.current().nextInt(instances.size()));
        HttpRequest.Builder request = HttpRequest.newBuilder(instance.resolve(path))
                .timeout(Duration.ofSeconds(30))
                .method(method, body.isEmpty() ? BodyPublishers.noBody() : BodyPublishers.ofString(body));
        if (!body.isEmpty()) {
            request.header("Content-Type", "application/json");
        }
        if (!cookie.isEmpty()) {
            request.header("Cookie", cookie);
        }
        HttpResponse<String> answer = http.send(request.build(), BodyHandlers.ofString());
        for (String set : answer.headers().allValues("Set-Cookie")) {
            if (set.startsWith(COOKIE)) {
                cookie = set.split(";", 2)[0];
            }
        }
        return new Answer(
                answer.statusCode(),
                JsonMapper.shared().readTree(answer.body()),
                answer.headers().allValues("X-Served-By"));
    }
}
