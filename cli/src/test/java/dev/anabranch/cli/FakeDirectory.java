// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.cli;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.function.Function;

/** Answers requests as a test says, and remembers them. */
final class FakeDirectory implements AutoCloseable {
    /** What came over the wire; a header's first value, by a name in any case. */
    record Asked(String method, String target, Map<String, String> headers, String body) {
        boolean applies() {
            return !method.equals("GET") && !target.contains("dry_run=true");
        }
    }

    /** What goes back. */
    record Answer(int status, String etag, String body) {
        static Answer ok(String body) {
            return new Answer(200, "\"7\"", body);
        }

        static Answer refused(int status, String code) {
            return new Answer(status, "", "{\"code\":\"" + code + "\",\"detail\":\"It says no\"}");
        }
    }

    final List<Asked> asked = new CopyOnWriteArrayList<>();
    private final HttpServer server;

    FakeDirectory(Function<Asked, Answer> answers) throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> answer(exchange, answers));
        server.start();
    }

    /** Stands before a real directory; the hook sees each request before it is passed on. */
    static FakeDirectory before(String endpoint, Consumer<Asked> hook) throws IOException {
        return new FakeDirectory(asked -> {
            hook.accept(asked);
            return forward(endpoint, asked);
        });
    }

    String endpoint() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    /** Calls the command line with a token. */
    Invocation call(String... arguments) {
        return Invocation.in(environment(), arguments);
    }

    Map<String, String> environment() {
        return new HashMap<>(Map.of("SHARDING_API_ENDPOINT", endpoint(), "ANABRANCH_TOKEN", "anab_fake"));
    }

    /** The only request that was meant to change something. */
    Asked applied() {
        return asked.stream().filter(Asked::applies).findFirst().orElseThrow();
    }

    @Override
    public void close() {
        server.stop(0);
    }

    private void answer(HttpExchange exchange, Function<Asked, Answer> answers) throws IOException {
        try (exchange) {
            var headers = new TreeMap<String, String>(String.CASE_INSENSITIVE_ORDER);
            exchange.getRequestHeaders().forEach((name, values) -> headers.put(name, values.getFirst()));
            var body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
            var request = new Asked(exchange.getRequestMethod(), exchange.getRequestURI().toString(), headers, body);
            asked.add(request);
            // what it throws breaks the connection without an answer
            var answer = answers.apply(request);
            if (!answer.etag().isEmpty()) {
                exchange.getResponseHeaders().set("ETag", answer.etag());
            }
            var content = answer.body().getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(answer.status(), content.length == 0 ? -1 : content.length);
            exchange.getResponseBody().write(content);
        }
    }

    private static Answer forward(String endpoint, Asked asked) {
        var request = HttpRequest.newBuilder(URI.create(endpoint + asked.target()))
                .method(asked.method(), BodyPublishers.ofString(asked.body()));
        for (var name : List.of("Authorization", "If-Match", "Content-Type", "Idempotency-Key", "X-Reason")) {
            if (asked.headers().containsKey(name)) {
                request.header(name, asked.headers().get(name));
            }
        }
        try (var client = HttpClient.newHttpClient()) {
            var answer = client.send(request.build(), BodyHandlers.ofString());
            return new Answer(answer.statusCode(), answer.headers().firstValue("ETag").orElse(""), answer.body());
        } catch (IOException e) {
            throw new AssertionError(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }
}
