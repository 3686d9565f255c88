// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.examples.people;

import dev.anabranch.examples.people.Service.Answer;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

import static org.assertj.core.api.Assertions.assertThat;

/** The service over two PostgreSQL servers. */
class PeopleTest {
    private static final String DATABASE = "people";
    private static Service service;

    @BeforeAll
    static void start(@TempDir Path folder) throws Exception {
        service = Service.start(Servers.sharded(Servers.topology(folder, DATABASE, "any")));
    }

    @AfterAll
    static void stop() {
        service.close();
    }

    @Test
    void anEmptyBodySavesAMadeUpPersonOnTheCustomersOwnDatabase() throws Exception {
        Answer first = service.post("1", "");
        Answer second = service.post("2", "");
        assertThat(first.status()).isEqualTo(201);
        assertThat(first.json().path("customer_id").asString()).isEqualTo("1");
        assertThat(first.json().path("name").asString()).isNotBlank();
        assertThat(first.json().path("address").asString()).isNotBlank();
        assertThat(second.status()).isEqualTo(201);
        assertThat(Servers.ask(Servers.ONE, DATABASE, "select distinct customer_id from person"))
                .contains("1")
                .doesNotContain("2");
        assertThat(Servers.ask(Servers.TWO, DATABASE, "select distinct customer_id from person"))
                .contains("2")
                .doesNotContain("1");
    }

    @Test
    void aBodySavesWhatItSays() throws Exception {
        Answer saved = service.post("body", "{\"name\":\"Zoë 😀\",\"address\":\"Kø 1\",\"customer_id\":\"body\"}");
        assertThat(saved.status()).isEqualTo(201);
        JsonNode listed = service.get("body").json();
        assertThat(listed.path("total").asInt()).isEqualTo(1);
        assertThat(listed.path("people").path(0)).isEqualTo(saved.json());
        assertThat(listed.path("people").path(0).path("name").asString()).isEqualTo("Zoë 😀");
    }

    @Test
    void listsPageByPageInAStableOrderAndCapsTheSize() throws Exception {
        for (int i = 0; i < 5; i++) {
            service.post("paged", "{\"name\":\"n%d\",\"address\":\"a\"}".formatted(i));
        }
        JsonNode second = service.send("GET", "/person/paged?page=1&size=2", "paged", "").json();
        assertThat(second.path("people").findValuesAsString("name")).containsExactly("n2", "n3");
        assertThat(second.path("total").asInt()).isEqualTo(5);
        assertThat(service.send("GET", "/person/paged?size=5000", "paged", "").json().path("size").asInt())
                .isEqualTo(100);
        assertThat(service.send("GET", "/person/paged?page=-1", "paged", "").status()).isEqualTo(400);
        assertThat(service.send("GET", "/person/paged?size=x", "paged", "").status()).isEqualTo(400);
    }

    @ParameterizedTest
    @ValueSource(strings = {"\"\"", "\" \"", "null", "{}"})
    void aRowWithoutCustomerIsNotSaved(String customerId) throws Exception {
        Answer answer = service.post("guarded", "{\"name\":\"n\",\"address\":\"a\",\"customer_id\":%s}".formatted(customerId));
        assertProblem(answer, 422, "shard_key_missing");
        assertThat(service.get("guarded").json().path("total").asInt()).isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {"\"1\"", "1", "\"GUARDED\"", "\"guarded' or '1'='1\""})
    void aRowOfAnotherCustomerIsNotSaved(String customerId) throws Exception {
        int before = service.get("1").json().path("total").asInt();
        Answer answer = service.post("guarded", "{\"name\":\"n\",\"address\":\"a\",\"customer_id\":%s}".formatted(customerId));
        assertProblem(answer, 422, "shard_key_mismatch");
        assertThat(service.get("guarded").json().path("total").asInt()).isZero();
        assertThat(service.get("1").json().path("total").asInt()).isEqualTo(before);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{", "[]", "{\"name\":\"n\"}", "{\"name\":\"\",\"address\":\"a\"}", "{\"name\":7,\"address\":[]}", "nonsense"
            })
    void aBodyThatIsNoPersonIsABadRequest(String body) throws Exception {
        assertProblem(service.post("bad", body), 400, "bad_request");
        assertThat(service.get("bad").json().path("total").asInt()).isZero();
    }

    @Test
    void tooLongFieldsAreNamed() throws Exception {
        Answer answer = service.post("bad", "{\"name\":\"%s\",\"address\":\"a\"}".formatted("x".repeat(201)));
        assertProblem(answer, 400, "bad_request");
        assertThat(answer.json().path("errors").path(0).path("field").asString()).isEqualTo("name");
    }

    @Test
    void aRequestWithoutTheHeaderIsRefused() throws Exception {
        Answer answer = service.send("POST", "/person/1", "", "");
        assertProblem(answer, 400, "tenant_not_bound");
        assertThat(answer.json().path("next_steps").toString()).contains("X-Customer-ID");
        assertProblem(service.send("GET", "/person/1", "", ""), 400, "tenant_not_bound");
    }

    @Test
    void aHeaderThatDisagreesWithThePathIsRefused() throws Exception {
        assertProblem(service.send("POST", "/person/2", "1", ""), 403, "tenant_conflict");
        assertProblem(service.send("GET", "/person/2?page=0", "1", ""), 403, "tenant_conflict");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/person/%32", "/person//2", "/person/2;x=1", "/person;x=1/2", "//person/2", "/person/2/", "/person/./2",
                "/person/1/../2", "/person/%2e/2", "/%70erson/2", "/person/2%3B1", "/PERSON/2", "/person/2%00",
                "/actuator/../person/2", "/actuator/..;/person/2", "/v3/api-docs/%2e%2e/%2e%2e/person/2", "/person/1%2f2",
                "/person/..%2f2", "/person\\2", "/person/%5c2", "/error/..;x/person/2", "/person/1/%2e%2e/2", "/person/2%2f"
            })
    void noSpellingOfThePathReachesAnotherCustomer(String path) throws Exception {
        service.post("2", "");
        List<String> before = Servers.ask(Servers.TWO, DATABASE, "select count(*) from person where customer_id = '2'");
        int mine = service.get("1").json().path("total").asInt();
        String answer = service.raw("POST " + path + " HTTP/1.1", "X-Customer-ID: 1", "Content-Length: 0");
        assertThat(answer).matches("(?s)HTTP/1.1 40[0345] .*");
        assertThat(service.raw("GET " + path + " HTTP/1.1", "X-Customer-ID: 1")).matches("(?s)HTTP/1.1 40[0345] .*");
        assertThat(Servers.ask(Servers.TWO, DATABASE, "select count(*) from person where customer_id = '2'"))
                .isEqualTo(before);
        assertThat(service.get("1").json().path("total").asInt()).isEqualTo(mine);
        assertNothingLeaks(answer);
    }

    @Test
    void anEncodedPathOfTheSameCustomerIsTheSame() throws Exception {
        int before = service.get("1").json().path("total").asInt();
        assertThat(service.send("POST", "/person/%31", "1", "").status()).isEqualTo(201);
        assertThat(service.send("POST", "/person/1;x=2", "1", "").status()).isEqualTo(201);
        assertThat(service.get("1").json().path("total").asInt()).isEqualTo(before + 2);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "'; drop table person; --", "1' or '1'='1", "\" or \"\"=\"", "$(reboot)", "%", "_", "a b", "..x", "null",
                "1 union select 1", "😀", "日本", "é", "{customer}", "${jndi:x}", "a;b", "a?b", "a#b", "%31", "a\"b", "<b>", "ID",
                "id"
            })
    void anIdThatLooksLikeSomethingElseIsDataAndNothingElse(String id) throws Exception {
        String path = "/person/" + URLEncoder.encode(id, StandardCharsets.UTF_8).replace("+", "%20").replace(".", "%2E");
        String answer = service.raw("POST " + path + " HTTP/1.1", "X-Customer-ID: " + id, "Content-Length: 0");
        assertThat(answer).startsWith("HTTP/1.1 201 ");
        String listed = service.raw("GET " + path + " HTTP/1.1", "X-Customer-ID: " + id);
        assertThat(listed).startsWith("HTTP/1.1 200 ").contains("\"total\":1");
        String quoted = id.replace("'", "''");
        String count = "select count(*) from person where customer_id = '" + quoted + "'";
        assertThat(List.of(
                        Servers.ask(Servers.ONE, DATABASE, count).getFirst(),
                        Servers.ask(Servers.TWO, DATABASE, count).getFirst()))
                .containsExactlyInAnyOrder("0", "1");
    }

    @Test
    void anIdOfAPathIsDataInTheHeader() throws Exception {
        // A slash cannot stand in one segment of a path; the header alone carries it, and disagrees with any path.
        String answer = service.raw("POST /person/x HTTP/1.1", "X-Customer-ID: ../../x", "Content-Length: 0");
        assertThat(answer).startsWith("HTTP/1.1 403 ").contains("\"tenant_conflict\"");
    }

    @Test
    void anIdThatIsTooLongOrHasForbiddenCharactersIsRefused() throws Exception {
        String longest = "x".repeat(128);
        assertThat(service.post(longest, "").status()).isEqualTo(201);
        assertProblem(service.post(longest + "x", ""), 400, "tenant_invalid");
        for (String forbidden : List.of("a\u0085b", "a\u2028b", "\u00a0a", "a\ue000b", "a\tb", "")) {
            String answer = service.raw("POST /person/1 HTTP/1.1", "X-Customer-ID: " + forbidden, "Content-Length: 0");
            assertThat(answer).startsWith("HTTP/1.1 400 ").contains("\"tenant_invalid\"", "application/problem+json");
        }
        String relative = service.raw("POST /person/%2E%2E HTTP/1.1", "X-Customer-ID: ..", "Content-Length: 0");
        assertThat(relative).startsWith("HTTP/1.1 400 ").contains("\"tenant_invalid\"");
        assertThat(service.raw("POST /person/a%0Ab HTTP/1.1", "X-Customer-ID: 1", "Content-Length: 0"))
                .startsWith("HTTP/1.1 400 ")
                .contains("\"tenant_invalid\"");
    }

    @ParameterizedTest
    @ValueSource(strings = {"a\u0001b", "a\u0000b", "a\u007fb"})
    void whatTomcatRefusesByItselfIsAProblemToo(String id) throws Exception {
        String answer = service.raw("POST /person/1 HTTP/1.1", "X-Customer-ID: " + id, "Content-Length: 0");
        assertThat(answer).startsWith("HTTP/1.1 400 ").contains("application/problem+json", "\"bad_request\"");
        assertNothingLeaks(answer);
        assertThat(service.raw("POST /person/..%2f1 HTTP/1.1", "X-Customer-ID: 1"))
                .startsWith("HTTP/1.1 400 ")
                .contains("application/problem+json");
    }

    @Test
    void twoHeadersThatDifferAreRefused() throws Exception {
        String answer =
                service.raw("POST /person/1 HTTP/1.1", "X-Customer-ID: 1", "X-Customer-ID: 2", "Content-Length: 0");
        assertThat(answer).startsWith("HTTP/1.1 400 ").contains("\"tenant_invalid\"");
        assertThat(service.raw("POST /person/1 HTTP/1.1", "X-Customer-ID: 1", "X-Customer-ID: 1", "Content-Length: 0"))
                .startsWith("HTTP/1.1 201 ");
    }

    @Test
    void whatIsNotThereIsAProblemToo() throws Exception {
        assertProblem(service.send("GET", "/nothing", "1", ""), 404, "not_found");
        assertProblem(service.send("DELETE", "/person/1", "1", ""), 405, "method_not_allowed");
        String text = service.raw("PUT /v3/api-docs HTTP/1.1", "Content-Length: 0");
        assertThat(text).startsWith("HTTP/1.1 405 ").contains("\"method_not_allowed\"");
    }

    @Test
    void describesItselfAndItsHeader() throws Exception {
        JsonNode api = service.send("GET", "/v3/api-docs", "", "").json();
        for (String method : List.of("get", "post")) {
            JsonNode parameters = api.path("paths").path("/person/{customer}").path(method).path("parameters");
            assertThat(parameters.findValuesAsString("name")).contains("X-Customer-ID", "customer");
        }
        assertThat(service.send("GET", "/swagger-ui/index.html", "", "").status()).isEqualTo(200);
    }

    private static void assertProblem(Answer answer, int status, String code) {
        assertThat(answer.status()).as(answer.body()).isEqualTo(status);
        assertThat(answer.type()).startsWith("application/problem+json");
        assertThat(answer.code()).isEqualTo(code);
        assertThat(answer.json().path("status").asInt()).isEqualTo(status);
        assertThat(answer.json().path("next_steps").isEmpty()).isFalse();
        assertNothingLeaks(answer.body());
    }

    static void assertNothingLeaks(String answer) {
        assertThat(answer)
                .doesNotContain(Servers.ONE.password(), Servers.TWO.password(), "\tat ", "Exception", "insert into", "select ");
    }
}
