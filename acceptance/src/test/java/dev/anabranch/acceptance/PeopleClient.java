// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.acceptance;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The people service over HTTP, as its users see it. */
final class PeopleClient implements AutoCloseable {
    private final HttpClient http = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(30))
            .build();
    private final URI endpoint;

    PeopleClient(URI endpoint) {
        this.endpoint = endpoint;
    }

    /** Saves a made-up person for a customer. */
    HttpResponse<String> save(String customer) throws IOException {
        return send(request("/person/" + customer, customer).POST(HttpRequest.BodyPublishers.noBody()));
    }

    HttpResponse<String> list(String customer) throws IOException {
        return send(request("/person/" + customer, customer).GET());
    }

    HttpResponse<String> get(String path) throws IOException {
        return send(HttpRequest.newBuilder(endpoint.resolve(path)).timeout(Duration.ofSeconds(60)));
    }

    /** The revision of the topology that the service routes by. */
    long revision() {
        try {
            JsonNode meter = JsonMapper.shared()
                    .readTree(get("/actuator/metrics/anabranch.topology.revision").body());
            return meter.path("measurements").path(0).path("value").asLong(-1);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    /** How many people a customer has, by the service's own word. */
    int count(String customer) throws IOException {
        HttpResponse<String> answer = list(customer);
        if (answer.statusCode() != 200) {
            throw new IOException("HTTP " + answer.statusCode() + ": " + answer.body());
        }
        return JsonMapper.shared().readTree(answer.body()).path("total").asInt();
    }

    private HttpRequest.Builder request(String path, String customer) {
        return HttpRequest.newBuilder(endpoint.resolve(path))
                .header("X-Customer-ID", customer)
                .timeout(Duration.ofSeconds(60));
    }

    private HttpResponse<String> send(HttpRequest.Builder request) throws IOException {
        try {
            return http.send(request.build(), HttpResponse.BodyHandlers.ofString());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(e);
        }
    }

    @Override
    public void close() {
        http.shutdownNow();
    }
}
