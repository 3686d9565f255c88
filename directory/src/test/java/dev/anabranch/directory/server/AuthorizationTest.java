// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.directory.server;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;

class AuthorizationTest {
    private static Node node;
    private static String viewerId = "";
    private static final Map<String, String> TOKENS = new TreeMap<>();

    @BeforeAll
    static void start() {
        node = Node.start(Servers.newDatabase());
        Stream.of("viewer", "app", "migrator", "operator", "admin").forEach(role -> TOKENS.put(role, node.token(role)));
        viewerId = node.get("/v1/tokens", node.admin()).text("/items/1/id");
        String body = Servers.body("x", "y");
        node.put("/v1/databases/shard-1", body);
        node.put("/v1/groups/people", "{\"kind\":\"sharded\",\"hash\":[\"shard-1\"]}");
        node.put("/v1/groups/owning", "{\"kind\":\"global\",\"database\":\"shard-1\",\"schema\":{\"name\":\"own\"}}");
    }

    @AfterAll
    static void stop() {
        node.close();
    }

    @ParameterizedTest(name = "{0} {1}")
    @CsvSource(delimiter = '|', textBlock = """
            # method | path                                | body                                        | allowed
            GET      | /v1/snapshot                        |                                             | viewer app migrator operator admin
            GET      | /v1/status                          |                                             | viewer app migrator operator admin
            HEAD     | /v1/changes                         |                                             | viewer app migrator operator admin
            GET      | /v1/groups/people/tenants           |                                             | viewer app migrator operator admin
            GET      | /v1/groups/people/tenants/1         |                                             | viewer app migrator operator admin
            PUT      | /v1/groups/people/tenants/1         | {}                                          | operator admin
            DELETE   | /v1/groups/people/tenants/1         |                                             | operator admin
            PUT      | /v1/groups/people/tenants/1?force=true | {}                                       | admin
            PUT      | /v1/groups/people/tenants/1?force   | {}                                          | admin
            GET      | /v1/databases                       |                                             | viewer operator admin
            GET      | /v1/databases/shard-1               |                                             | viewer operator admin
            PUT      | /v1/databases/shard-2               | {"flavor":"postgres","host":"h","database":"d","user":"u","password":"env:ANABRANCH_DB_X"} | operator admin
            DELETE   | /v1/databases/shard-2               |                                             | operator admin
            GET      | /v1/groups                          |                                             | viewer operator admin
            GET      | /v1/groups/people                   |                                             | viewer operator admin
            GET      | /v1/groups/owning/migrations        |                                             | viewer migrator operator admin
            PUT      | /v1/groups/other                    | {"kind":"global","database":"shard-1"}      | operator admin
            DELETE   | /v1/groups/not-there                |                                             | operator admin
            DELETE   | /v1/groups/people?force=true&dry_run=true |                                       | admin
            GET      | /v1/tokens                          |                                             | admin
            POST     | /v1/tokens?dry_run=true             | {"name":"n","role":"viewer"}                | admin
            DELETE   | /v1/tokens/{viewer}?dry_run=true    |                                             | admin
            GET      | /v1/audit                           |                                             | admin
            GET      | /write/1?group=people               |                                             | app migrator
            GET      | /read/1?group=people                |                                             | app migrator
            """)
    void endpointIsForItsRolesAlone(String method, String path, String body, String allowed) {
        String sent = body == null ? "" : body;
        String target = path.replace("{viewer}", viewerId);
        List<String> roles = List.of(allowed.split(" ", -1));
        assertThat(TOKENS.keySet()).containsAll(roles);
        for (Map.Entry<String, String> token : TOKENS.entrySet()) {
            Answer answer = node.send(method, target, token.getValue(), sent);
            if (roles.contains(token.getKey())) {
                assertThat(answer.status()).as(token.getKey() + " " + answer).isBetween(200, 399);
            } else {
                assertThat(answer.status()).as(token.getKey() + " " + answer).isEqualTo(403);
                assertThat(answer.problem()).isEqualTo("not_allowed");
            }
        }
        Answer nobody = node.send(method, target, "", sent);
        assertThat(nobody.status()).isEqualTo(401);
        assertThat(nobody.header("WWW-Authenticate")).isEqualTo("Bearer");
        if (!method.equals("HEAD")) {
            assertThat(nobody.problem()).isEqualTo("unauthenticated");
        }
    }

    @Test
    void forceIsTrueOrFalse() {
        for (String token : List.of(node.admin(), TOKENS.getOrDefault("operator", ""))) {
            assertThat(node.send("PUT", "/v1/groups/people/tenants/1?force=1", token, "{}").problem())
                    .isEqualTo("request_invalid");
        }
        for (String role : List.of("viewer", "app", "migrator")) {
            assertThat(node.send("PUT", "/v1/groups/people/tenants/1?force=1", TOKENS.getOrDefault(role, ""), "{}").problem())
                    .isEqualTo("not_allowed");
        }
    }

    @Test
    void streamIsForAllRolesAndForNobodyWithoutToken() {
        for (String token : TOKENS.values()) {
            try (Events events = Events.of(node, token)) {
                Await.until("an event", () -> events.count("event: revision") > 0);
            }
        }
        assertThat(node.get("/v1/changes", "").problem()).isEqualTo("unauthenticated");
        assertThat(node.get("/v1/changes", "anab_wrong").problem()).isEqualTo("unauthenticated");
    }

    @Test
    void onlyPagesAndHealthAreOpen() {
        for (String path : List.of(
                "/actuator/health",
                "/actuator/health/liveness",
                "/actuator/health/readiness",
                "/v3/api-docs",
                "/v3/api-docs/swagger-config",
                "/swagger-ui/index.html",
                "/problems/tenant_has_data")) {
            assertThat(node.get(path, "").status()).as(path).isEqualTo(200);
        }
        assertThat(node.get("/swagger-ui.html", "").status()).isEqualTo(302);
        for (String path : List.of(
                "/",
                "/actuator",
                "/actuator/env",
                "/actuator/beans",
                "/actuator/shutdown",
                "/v3/api-docs/../../v1/snapshot",
                "/swagger-ui/..%2F..%2Fv1/snapshot",
                "/swagger-ui/;/../v1/snapshot",
                "//v1/snapshot",
                "/error",
                "/nothing")) {
            assertThat(node.get(path, "").status()).as(path).isIn(400, 401);
        }
        for (String path : List.of("/actuator/env", "/actuator/beans", "/actuator", "/nothing", "/")) {
            assertThat(node.get(path, node.admin()).problem()).as(path).isEqualTo("not_found");
        }
    }

    @Test
    void revokedTokenEndsAtOnceAndSoDoesItsStream() {
        Answer made = node.send("POST", "/v1/tokens", node.admin(), "{\"name\":\"short\",\"role\":\"app\"}");
        String token = made.text("/token");
        assertThat(token).matches("anab_[A-Za-z0-9_-]{43}");
        try (Events events = Events.of(node, token)) {
            Await.until("an event", () -> events.count("event: revision") > 0);
            assertThat(node.delete("/v1/tokens/" + made.text("/id")).status()).isEqualTo(200);
            assertThat(node.get("/v1/snapshot", token).problem()).isEqualTo("unauthenticated");
            Await.until("the stream ends", events::ended);
        }
        assertThat(node.get("/v1/tokens", node.admin()).body()).contains("revoked_at").doesNotContain(token);
    }

    @Test
    void repeatedIdempotencyKeyMakesNoSecondToken() {
        String body = "{\"name\":\"once\",\"role\":\"viewer\"}";
        Answer first = node.send("POST", "/v1/tokens", node.admin(), body, "Idempotency-Key", "k-1");
        Answer second = node.send("POST", "/v1/tokens", node.admin(), body, "Idempotency-Key", "k-1");
        assertThat(first.status()).isEqualTo(201);
        assertThat(second.problem()).isEqualTo("idempotency_repeated");
        assertThat(second.text("/detail")).contains(first.text("/id"));
        assertThat(second.body()).doesNotContain(first.text("/token"));
        assertThat(node.get("/v1/tokens", node.admin()).body().split("\"once\"", -1)).hasSize(2);
    }

    @Test
    void badTokensAreRefused() {
        for (String body : List.of("{}", "{\"name\":\"x\"}", "{\"name\":\"x\",\"role\":\"root\"}", "{\"name\":\"\",\"role\":\"app\"}")) {
            assertThat(node.send("POST", "/v1/tokens", node.admin(), body).problem()).isEqualTo("configuration_invalid");
        }
        assertThat(node.delete("/v1/tokens/00000000-0000-0000-0000-000000000000").problem()).isEqualTo("token_unknown");
    }
}
