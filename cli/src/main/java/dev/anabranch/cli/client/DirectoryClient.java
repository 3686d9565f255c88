// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.cli.client;

import dev.anabranch.cli.terminal.CliFailure;
import dev.anabranch.cli.terminal.ExitCode;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.MissingNode;

/**
 * A directory, by its HTTP API. Thread-safe.
 *
 * <p>Every call either has an answer, or throws a {@link CliFailure} that says which endpoint, and what to do: a
 * {@link Refusal} where the directory itself said no.
 */
public final class DirectoryClient {
    private static final Duration CONNECT = Duration.ofSeconds(5);
    private static final Duration ANSWER = Duration.ofSeconds(60);
    private static final JsonMapper JSON = JsonMapper.shared();

    private final URI endpoint;
    private final @Nullable String token;
    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).connectTimeout(CONNECT).build();

    /**
     * @param endpoint for example {@code http://127.0.0.1:8400}
     * @param token what the directory knows the caller by; null to ask without
     */
    public DirectoryClient(URI endpoint, @Nullable String token) {
        this.endpoint = endpoint;
        this.token = token;
    }

    /** Where the directory is. */
    public URI endpoint() {
        return endpoint;
    }

    /** What is at a path, with its query where it has one. */
    public JsonNode get(String path) {
        return send(request(path).GET());
    }

    /**
     * One of a list, to be changed.
     *
     * @param revision the topology's, when it was read: a change that is made from it says so
     * @param json the one; empty where the list has none of that name
     */
    public record Known(long revision, Optional<JsonNode> json) {}

    /** The one of that name in a list; the whole list is read, as its answer has a revision also where the one is not. */
    public Known find(String list, String name) {
        var answer = exchange(request(list).GET());
        var revision = answer.headers().firstValue("ETag").filter(tag -> tag.matches("\"[0-9]{1,18}\""));
        if (revision.isEmpty()) {
            throw CliFailure.failed(
                    "The answer of " + endpoint + " to " + list + " is without a revision (ETag)",
                    "Does a proxy on the way remove it?",
                    null);
        }
        return new Known(
                Long.parseLong(revision.get().replace("\"", "")),
                content(answer).path("items").valueStream()
                        .filter(one -> name.equals(one.path("name").asString("")))
                        .findFirst());
    }

    /** What a change would do; nothing is done. */
    public Outcome plan(Change change, @Nullable String reason) {
        return Outcome.of(send(request(change, change.check() ? "dry_run=true&check=true" : "dry_run=true", reason)));
    }

    /**
     * Makes a change. One that may be sent again, as it has a key, is sent again where no answer comes.
     *
     * @param planned the revision that the change was planned at; refused if the directory has another by now
     */
    public JsonNode apply(Change change, @Nullable String reason, OptionalLong planned) {
        var request = request(change, "", reason);
        planned.ifPresent(revision -> request.setHeader(Change.IF_MATCH, "\"" + revision + "\""));
        try {
            return send(request);
        } catch (Unanswered lost) {
            if (!change.headers().containsKey(Change.IDEMPOTENCY_KEY)) {
                throw lost;
            }
            // it may have been made: then this is refused, with the name of what was made
            return send(request);
        }
    }

    private HttpRequest.Builder request(Change change, String query, @Nullable String reason) {
        var parameters = new ArrayList<String>();
        if (!query.isEmpty()) {
            parameters.add(query);
        }
        if (change.force()) {
            parameters.add("force=true");
        }
        var path = parameters.isEmpty() ? change.path() : change.path() + "?" + String.join("&", parameters);
        BodyPublisher body = BodyPublishers.noBody();
        var request = request(path);
        if (change.body() != null) {
            body = BodyPublishers.ofByteArray(JSON.writeValueAsBytes(change.body()));
            request.header("Content-Type", "application/json");
        }
        if (reason != null) {
            request.header("X-Reason", headerValue(reason));
        }
        change.headers().forEach(request::setHeader);
        return request.method(change.method(), body);
    }

    /** As it is where it is plain ASCII, else as RFC 8187 has it: a header carries nothing more. */
    private static String headerValue(String text) {
        boolean plain = text.chars().allMatch(c -> c >= ' ' && c <= '~');
        return plain ? text : "UTF-8''" + Change.escaped(text);
    }

    private HttpRequest.Builder request(String path) {
        var base = endpoint.toString();
        var request = HttpRequest.newBuilder(URI.create(
                        (base.endsWith("/") ? base.substring(0, base.length() - 1) : base) + path))
                .timeout(ANSWER)
                .header("Accept", "application/json");
        if (token != null) {
            request.header("Authorization", "Bearer " + token);
        }
        return request;
    }

    private JsonNode send(HttpRequest.Builder request) {
        return content(exchange(request));
    }

    private HttpResponse<byte[]> exchange(HttpRequest.Builder request) {
        HttpResponse<byte[]> answer;
        try {
            answer = http.send(request.build(), BodyHandlers.ofByteArray());
        } catch (IOException e) {
            throw new Unanswered(
                    "The directory at " + endpoint + " does not answer (" + reason(e) + ")",
                    "Start one with 'anabranch serve', or say where it is: --endpoint or SHARDING_API_ENDPOINT",
                    e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw CliFailure.failed("Interrupted while asking the directory at " + endpoint, "", e);
        }
        if (answer.statusCode() >= 300) {
            throw refusal(answer.statusCode(), answer.body());
        }
        return answer;
    }

    private JsonNode content(HttpResponse<byte[]> answer) {
        return json(answer.body()).orElseThrow(() -> CliFailure.failed(
                "The answer of " + endpoint + " is not JSON", "Check that it is an Anabranch directory", null));
    }

    /** No answer came: whether anything was done, nobody knows. */
    private static final class Unanswered extends CliFailure {
        private static final long serialVersionUID = 1L;

        Unanswered(String problem, String nextStep, IOException cause) {
            super(ExitCode.FAILED, problem, nextStep, cause);
        }
    }

    private Refusal refusal(int status, byte[] body) {
        var problem = json(body).orElse(MissingNode.getInstance());
        var steps = new ArrayList<String>();
        for (var step : problem.path("next_steps")) {
            // the API's words in this command line's
            steps.add(step.asString()
                    .replace("the request with force=true", "the command with --force")
                    .replace("force=true", "--force"));
        }
        var detail = problem.path("detail").asString(problem.path("title").asString("HTTP status " + status));
        if (steps.isEmpty() && ExitCode.ofHttp(status) == ExitCode.NOT_ALLOWED) {
            steps.addAll(List.of("Use a token that may: --token-file or ANABRANCH_TOKEN_FILE"));
        }
        return new Refusal(status, problem.path("code").asString("http_" + status), bare(detail), bare(String.join(". ", steps)));
    }

    private static Optional<JsonNode> json(byte[] body) {
        if (body.length == 0) {
            return Optional.of(MissingNode.getInstance());
        }
        try {
            return Optional.of(JSON.readTree(body));
        } catch (JacksonException e) {
            return Optional.empty();
        }
    }

    private static String reason(IOException e) {
        return e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
    }

    private static String bare(String sentence) {
        return sentence.endsWith(".") ? sentence.substring(0, sentence.length() - 1) : sentence;
    }
}
