// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.examples.auth;

import dev.anabranch.examples.auth.Service.Answer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

import static org.assertj.core.api.Assertions.assertThat;

/** The API, over PostgreSQL. No request names a tenant. */
class AuthTest {
    private static final String PASSWORD = "correct horse battery";
    private static Service service;
    private static Database database;

    @BeforeAll
    static void start() throws Exception {
        database = Database.create("auth_api");
        service = Service.start(database.arguments());
    }

    @AfterAll
    static void stop() {
        service.close();
    }

    @Test
    void opensAnAccountOnceForAnAddressHoweverItIsWritten() throws Exception {
        Answer opened = open("Ada@Example.org");
        assertThat(opened.status()).as(opened.body()).isEqualTo(201);
        assertThat(opened.json().path("email").asString()).isEqualTo("ada@example.org");
        assertThat(opened.body()).doesNotContain(PASSWORD, "password");
        assertProblem(open("ada@EXAMPLE.org"), 409, "email_taken");
        Answer shown = service.get("/accounts/" + opened.json().path("id").asInt());
        assertThat(shown.json().path("email").asString()).isEqualTo("ada@example.org");
        assertThat(shown.json().path("created_at").isMissingNode()).isFalse();
        assertProblem(service.get("/accounts/999999"), 404, "not_found");
        assertThat(database.ask("select password_hash from auth.account")).noneMatch(hash -> hash.contains(PASSWORD));
    }

    @Test
    void logsInAndOut() throws Exception {
        open("grace@example.org");
        assertProblem(logIn("grace@example.org", "wrong password"), 401, "unauthorized");
        assertProblem(logIn("nobody@example.org", PASSWORD), 401, "unauthorized");
        Answer session = logIn("Grace@example.org", PASSWORD);
        assertThat(session.status()).as(session.body()).isEqualTo(201);
        String bearer = "Bearer " + session.json().path("token").asString();
        Answer current = service.get("/sessions/current", "Authorization", bearer);
        assertThat(current.json().path("email").asString()).isEqualTo("grace@example.org");
        assertThat(service.send("DELETE", "/sessions/current", "", "Authorization", bearer).status()).isEqualTo(204);
        assertProblem(service.get("/sessions/current", "Authorization", bearer), 401, "unauthorized");
        assertProblem(service.get("/sessions/current"), 401, "unauthorized");
    }

    @Test
    void showsAnApiKeyOnceAndRevokesIt() throws Exception {
        int account = open("keys@example.org").json().path("id").asInt();
        String keys = "/accounts/" + account + "/api-keys";
        Answer made = service.post(keys, "{\"name\":\"ci\"}");
        assertThat(made.status()).as(made.body()).isEqualTo(201);
        String key = made.json().path("key").asString();
        assertThat(key).hasSizeGreaterThan(40);
        assertProblem(service.post(keys, "{\"name\":\"ci\"}"), 409, "name_taken");
        assertThat(service.get(keys).body()).doesNotContain(key);
        String one = keys + "/" + made.json().path("id").asInt();
        assertThat(service.send("DELETE", one, "").status()).isEqualTo(204);
        JsonNode listed = service.get(keys).json();
        assertThat(listed.size()).isEqualTo(1);
        assertThat(listed.path(0).path("revoked_at").asString("")).isNotEmpty();
        assertProblem(service.send("DELETE", keys + "/999999", ""), 404, "not_found");
        assertProblem(service.post("/accounts/999999/api-keys", "{\"name\":\"x\"}"), 404, "not_found");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{", "[]", "{}",
                "{\"email\":\"no address\",\"name\":\"n\",\"password\":\"long enough for all\"}",
                "{\"email\":\"a@b.example\",\"name\":\" \",\"password\":\"long enough for all\"}",
                "{\"email\":\"a@b.example\",\"name\":\"n\",\"password\":\"short\"}"
            })
    void aBodyThatIsNoAccountIsABadRequest(String body) throws Exception {
        assertProblem(service.post("/accounts", body), 400, "bad_request");
        assertThat(database.ask("select 1 from auth.account where email = 'a@b.example'")).isEmpty();
    }

    @Test
    void describesItself() throws Exception {
        JsonNode api = service.get("/v3/api-docs").json();
        assertThat(api.path("info").path("title").asString()).isEqualTo("Auth");
        assertThat(api.path("paths").propertyNames())
                .containsExactlyInAnyOrder(
                        "/accounts",
                        "/accounts/{account}",
                        "/accounts/{account}/api-keys",
                        "/accounts/{account}/api-keys/{key}",
                        "/sessions",
                        "/sessions/current");
        assertThat(service.get("/swagger-ui/index.html").status()).isEqualTo(200);
        assertThat(service.get("/actuator/health").json().path("status").asString()).isEqualTo("UP");
    }

    private static Answer open(String email) throws Exception {
        return service.post(
                "/accounts", "{\"email\":\"%s\",\"name\":\"Somebody\",\"password\":\"%s\"}".formatted(email, PASSWORD));
    }

    private static Answer logIn(String email, String password) throws Exception {
        return service.post("/sessions", "{\"email\":\"%s\",\"password\":\"%s\"}".formatted(email, password));
    }

    private static void assertProblem(Answer answer, int status, String code) {
        assertThat(answer.status()).as(answer.body()).isEqualTo(status);
        assertThat(answer.type()).startsWith("application/problem+json");
        assertThat(answer.code()).isEqualTo(code);
        assertThat(answer.json().path("next_steps").isEmpty()).isFalse();
    }
}
