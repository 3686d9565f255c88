// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.spring.web;

import dev.anabranch.devcluster.DevCluster;
import dev.anabranch.devcluster.PostgresServer;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.boot.web.server.context.WebServerApplicationContext;
import org.springframework.context.ConfigurableApplicationContext;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** Audience and session of a request, over a primary with one standby. */
@ExtendWith(OutputCaptureExtension.class)
class ScopesTest {
    private static final HttpClient CLIENT = HttpClient.newHttpClient();
    private static final String COOKIE = "anabranch-consistency";
    private static final Duration LIMIT = Duration.ofSeconds(20);
    private static DevCluster cluster;
    private static String config;
    private static ConfigurableApplicationContext standard;

    @BeforeAll
    static void start(@TempDir Path folder) throws Exception {
        cluster = DevCluster.builder().postgres("scopes").standby("scopes-1", "scopes").start();
        PostgresServer primary = cluster.postgres("scopes");
        PostgresServer replica = cluster.postgres("scopes-1");
        primary.createDatabase("scopes");
        primary.execute("scopes", "create table note (id bigint generated always as identity, text text)");
        replica.awaitCaughtUp(LIMIT);
        config = "--SHARDING_CONFIG=" + Files.writeString(
                folder.resolve("scopes.yaml"),
                """
                databases:
                  main: {url: "%s", user: %s, password: "%s", replicas: [{url: "%s"}]}
                audiences: {public: {readOnly: true}, draft: {}, internal: {}}
                groups:
                  default: {kind: global, database: main}
                """
                        .formatted(
                                primary.jdbcUrl("scopes"), primary.superuser(), primary.password(),
                                replica.jdbcUrl("scopes")));
        standard = run(
                "anabranch.consistency.keys=0123456789abcdef0123456789abcdef",
                "anabranch.web.audience.rules[0].audience=draft",
                "anabranch.web.audience.rules[0].role=EDITOR",
                "anabranch.web.audience.rules[1].audience=public",
                "anabranch.web.audience.rules[1].path=/public/**",
                "anabranch.web.audience.rules[2].audience=internal",
                "anabranch.web.audience.rules[2].header=X-Internal",
                "anabranch.web.audience.rules[2].value=yes",
                "anabranch.web.audience.rules[3].header=X-Audience",
                "anabranch.web.audience.rules[3].allowed=public,internal",
                "management.endpoints.web.exposure.include=anabranch,health",
                "management.endpoint.health.show-details=always");
    }

    @AfterAll
    static void stop() {
        standard.close();
        cluster.close();
    }

    @Test
    void theFirstRuleThatMatchesSaysTheAudience() throws Exception {
        assertThat(get("/audience").body()).isEqualTo("nobody");
        assertThat(get("/audience", "Test-Role", "EDITOR").body()).isEqualTo("draft");
        assertThat(get("/public/audience").body()).isEqualTo("public");
        assertThat(get("/public/audience", "Test-Role", "EDITOR").body()).isEqualTo("draft");
        assertThat(get("/audience", "X-Internal", "yes").body()).isEqualTo("internal");
        assertThat(get("/audience", "X-Internal", "no").body()).isEqualTo("nobody");
        assertThat(get("/audience", "X-Audience", "public").body()).isEqualTo("public");
        HttpResponse<String> refused = get("/audience", "X-Audience", "draft");
        assertThat(refused.statusCode()).isEqualTo(400);
        assertThat(refused.body()).contains("\"audience_unknown\"", "Send one of [public, internal]");
    }

    @Test
    void aWriteIsInTheCookieOfItsAnswerAndAReadTellsNothing() throws Exception {
        assertThat(get("/session").headers().allValues("Set-Cookie")).isEmpty();
        HttpResponse<String> written = post("/write/5");
        assertThat(written.headers().allValues("Set-Cookie"))
                .singleElement()
                .asString()
                .startsWith(COOKIE + "=")
                .contains("Path=/", "Max-Age=40", "HttpOnly", "SameSite=Lax")
                .doesNotContain("Secure");
        HttpResponse<String> read = get("/session", "Cookie", cookie(written));
        assertThat(read.body()).isEqualTo("{main=Mark[timeline=1, micros=5]}");
        assertThat(read.headers().allValues("Set-Cookie")).isEmpty();
        HttpResponse<String> older = post("/write/3", "Cookie", cookie(written));
        assertThat(older.headers().allValues("Set-Cookie")).isEmpty();
        HttpResponse<String> again = post("/write/9", "Cookie", cookie(written));
        assertThat(get("/session", "Cookie", cookie(again)).body()).contains("micros=9");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/big", "/fails", "/redirects", "/teapot", "/prints", "/later", "/streams"})
    void theTokenReachesTheClientHoweverTheAnswerIsWritten(String path) throws Exception {
        HttpResponse<String> answer = post(path);
        assertThat(get("/session", "Cookie", cookie(answer)).body()).isEqualTo("{main=Mark[timeline=1, micros=7]}");
    }

    @Test
    void aWriteAfterTheAnswerHasGoneIsToldToTheOperator(CapturedOutput output) throws Exception {
        long before = counts().late();
        HttpResponse<String> answer = post("/too-late");
        assertThat(answer.body()).isEqualTo("begun");
        assertThat(answer.headers().allValues("Set-Cookie")).isEmpty();
        await(() -> counts().late() == before + 1);
        assertThat(output.getAll()).contains("The answer to POST /too-late was on its way before the request's last write");
    }

    @Test
    void aForgedHeaderIsRefusedAndAForgedCookieReadsFromThePrimary() throws Exception {
        HttpResponse<String> header = get("/session", "X-Consistency-Token", "forged");
        assertThat(header.statusCode()).isEqualTo(400);
        assertThat(header.body()).contains("\"consistency_token_invalid\"");

        long before = counts().forged();
        HttpResponse<String> served = get("/session", "Cookie", COOKIE + "=forged");
        assertThat(served.statusCode()).isEqualTo(200);
        assertThat(served.body()).startsWith("STRONG {main=Mark[timeline=0, micros=");
        assertThat(counts().forged()).isEqualTo(before + 1);
        // What it had written nobody knows: the next request must see all writes up to this one.
        assertThat(get("/session", "Cookie", cookie(served)).body()).startsWith("{main=Mark[timeline=0, micros=");
    }

    @Test
    void theHeaderIsReadBesideTheCookie() throws Exception {
        String nine = cookie(post("/write/9")).substring(COOKIE.length() + 1);
        String five = cookie(post("/write/5"));
        assertThat(get("/session", "Cookie", five, "X-Consistency-Token", nine).body()).contains("micros=9");
    }

    @Test
    void otherCarriers() throws Exception {
        try (ConfigurableApplicationContext context = run("anabranch.consistency.carrier=header")) {
            String token = call(context, "POST", "/write/5").headers().firstValue("X-Consistency-Token").orElseThrow();
            assertThat(call(context, "GET", "/session", "X-Consistency-Token", token).body()).contains("micros=5");
        }
        try (ConfigurableApplicationContext context = run("anabranch.consistency.carrier=http-session")) {
            HttpResponse<String> written = call(context, "POST", "/write/5");
            assertThat(written.headers().allValues("Set-Cookie")).singleElement().asString().startsWith("JSESSIONID=");
            String session = cookie(written);
            call(context, "POST", "/too-late", "Cookie", session);
            assertThat(call(context, "GET", "/session", "Cookie", session).body()).contains("micros=7");
        }
        for (String without : List.of("anabranch.consistency.carrier=none", "anabranch.consistency.scope=tenant")) {
            try (ConfigurableApplicationContext context = run(without)) {
                assertThat(call(context, "GET", "/session", "X-Consistency-Token", "forged").body()).isEqualTo("none");
            }
        }
    }

    @Test
    void nobodyReadsOlderThanWhatItHasWrittenAndOthersReadFromTheStandby() throws Exception {
        PostgresServer replica = cluster.postgres("scopes-1");
        await(() -> notes().endsWith("true"));
        replica.delay(Duration.ofSeconds(1));
        try {
            int before = count(notes());
            for (int i = 1; i <= 5; i++) {
                HttpResponse<String> written = post("/note");
                String mine = get("/notes", "Cookie", cookie(written)).body();
                assertThat(mine).isEqualTo(before + i + " false");
            }
            // A caller without the token is another one.
            assertThat(notes()).endsWith("true");
            String token = cookie(post("/note"));
            await(() -> get("/notes", "Cookie", token).body().equals(before + 6 + " true"));
        } finally {
            replica.delay(Duration.ZERO);
        }
    }

    @Test
    void operatorsSeeRoutesAndReplicas() throws Exception {
        HttpResponse<String> route = get("/actuator/anabranch/explain?access=write");
        assertThat(route.statusCode()).isEqualTo(200);
        assertThat(route.body())
                .contains("\"access\":\"write\"", "\"router\":\"topology\"", "\"database\":\"main\"", "\"why\":\"write\"")
                .doesNotContain("jdbc", "password");
        await(() -> get("/actuator/anabranch/explain?access=read").body().contains("\"server\":\"main-replica-1\""));
        assertThat(get("/actuator/anabranch/explain?group=nobody").statusCode()).isEqualTo(400);
        assertThat(get("/actuator/anabranch/explain?access=look").statusCode()).isEqualTo(400);
        assertThat(get("/actuator/anabranch/other").statusCode()).isEqualTo(404);
        assertThat(get("/actuator/health").body()).contains("\"replicas\":{\"main-replica-1\":{\"inRotation\":true");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "rules[0].audience=draft | names neither a role nor a path nor a header",
        "rules[0].header=X-Audience | does not say which values",
        "rules[0].path=/a,rules[0].allowed=draft | has a value and no header",
        "rules[0].path=/a | does not say one audience",
        "rules[0].path=/{a,rules[0].audience=draft | is no pattern",
        "rules[0].role=a,rules[0].audience=nobody | which the topology does not have",
        "default=nobody | which the topology does not have",
    })
    void aRuleThatCannotBeMeantSoKeepsTheApplicationFromStarting(String rules, String problem, CapturedOutput output) {
        String[] properties = rules.split(",", -1);
        for (int i = 0; i < properties.length; i++) {
            properties[i] = "anabranch.web.audience." + properties[i];
        }
        assertThatThrownBy(() -> run(properties).close()).isInstanceOf(Exception.class);
        assertThat(output.getAll()).contains("APPLICATION FAILED TO START", problem);
    }

    private static ConsistencyCounts counts() {
        return standard.getBean(ConsistencyCounts.class);
    }

    private static String notes() throws Exception {
        return get("/notes").body();
    }

    private static int count(String notes) {
        return Integer.parseInt(notes.split(" ", 2)[0]);
    }

    private static String cookie(HttpResponse<String> answer) {
        return answer.headers().firstValue("Set-Cookie").orElseThrow().split(";", 2)[0];
    }

    private static HttpResponse<String> get(String path, String... headers) throws Exception {
        return call(standard, "GET", path, headers);
    }

    private static HttpResponse<String> post(String path, String... headers) throws Exception {
        return call(standard, "POST", path, headers);
    }

    private static HttpResponse<String> call(
            ConfigurableApplicationContext context, String method, String path, String... headers) throws Exception {
        int port = Objects.requireNonNull(((WebServerApplicationContext) context).getWebServer()).getPort();
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                .method(method, HttpRequest.BodyPublishers.noBody());
        if (headers.length > 0) {
            request.headers(headers);
        }
        return CLIENT.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    private static ConfigurableApplicationContext run(String... properties) {
        List<String> arguments = new ArrayList<>(List.of(config, "--anabranch.mode=standalone", "--server.port=0"));
        for (String property : properties) {
            arguments.add("--" + property);
        }
        return new SpringApplicationBuilder(ScopesApplication.class).run(arguments.toArray(String[]::new));
    }

    /** A condition that may ask a server. */
    @FunctionalInterface
    private interface Condition {
        boolean holds() throws Exception;
    }

    private static void await(Condition condition) throws Exception {
        long end = System.nanoTime() + LIMIT.toNanos();
        while (!condition.holds()) {
            assertThat(System.nanoTime()).as("the condition holds in time").isLessThan(end);
            LockSupport.parkNanos(20_000_000);
        }
    }
}
