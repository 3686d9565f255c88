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
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A few requests to each of the two services, as a client would send them. */
final class ServicesRequests {
    private static final Duration ANSWER = Duration.ofSeconds(30);
    private static final JsonMapper JSON = JsonMapper.shared();

    private final URI auth;
    private final URI billing;

    ServicesRequests(URI auth, URI billing) {
        this.auth = auth;
        this.billing = billing;
    }

    /** Sends them, and answers with the rows that each service says it has saved, by table. */
    Map<String, Map<String, Integer>> send() {
        try (var http = HttpClient.newBuilder().connectTimeout(ANSWER).build()) {
            var account = post(http, auth, "/accounts", Map.of(
                    "email", "ada@example.com", "name", "Ada", "password", "a-long-enough-passphrase"));
            post(http, billing, "/plans", Map.of(
                    "code", "basic", "name", "Basic", "price_cents", 900, "currency", "EUR"));
            var subscription = post(http, billing, "/subscriptions", Map.of(
                    "account_id", account.path("id").asLong(), "plan", "basic"));
            post(http, billing, "/invoices", Map.of(
                    "subscription_id", subscription.path("id").asLong(),
                    "number", "2026-0001",
                    "lines", List.of(Map.of("description", "Basic, one month", "quantity", 1, "unit_cents", 900))));
        }
        return Map.of(
                "auth", Map.of("account", 1),
                "billing", Map.of("plan", 1, "subscription", 1, "invoice", 1, "invoice_line", 1));
    }

    private static JsonNode post(HttpClient http, URI service, String path, Map<String, ?> body) {
        var request = HttpRequest.newBuilder(service.resolve(path))
                .header("Content-Type", "application/json")
                .timeout(ANSWER)
                .POST(BodyPublishers.ofByteArray(JSON.writeValueAsBytes(body)))
                .build();
        try {
            var answer = http.send(request, BodyHandlers.ofString());
            if (answer.statusCode() != 201) {
                throw CliFailure.failed(
                        "POST " + request.uri() + " is answered with status " + answer.statusCode() + ": " + answer.body(),
                        "See the service's log",
                        null);
            }
            return JSON.readTree(answer.body());
        } catch (IOException e) {
            throw CliFailure.failed("POST " + request.uri() + " is not answered (" + e + ")", "See the service's log", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw CliFailure.failed("Interrupted while requests were being sent", "", e);
        }
    }
}
