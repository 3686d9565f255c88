// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.examples.billing;

import dev.anabranch.examples.billing.Service.Answer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

import static org.assertj.core.api.Assertions.assertThat;

/** The API, over PostgreSQL. No request names a tenant. */
class BillingTest {
    private static Service service;

    @BeforeAll
    static void start() throws Exception {
        service = Service.start(Database.create("billing_api").arguments());
    }

    @AfterAll
    static void stop() {
        service.close();
    }

    @Test
    void offersEachPlanOnce() throws Exception {
        assertThat(offer("basic", 900).status()).isEqualTo(201);
        assertProblem(offer("basic", 1000), 409, "code_taken");
        JsonNode plans = service.get("/plans").json();
        assertThat(plans.findValuesAsString("code")).contains("basic");
    }

    @Test
    void subscribesAndCancels() throws Exception {
        offer("monthly", 1500);
        Answer begun = subscribe(71, "monthly");
        assertThat(begun.status()).as(begun.body()).isEqualTo(201);
        JsonNode listed = service.get("/subscriptions?account_id=71").json();
        assertThat(listed.size()).isEqualTo(1);
        assertThat(listed.path(0)).isEqualTo(begun.json());
        String one = "/subscriptions/" + begun.json().path("id").asInt();
        JsonNode cancelled = service.send("DELETE", one, "").json();
        assertThat(cancelled.path("cancelled_on")).isEqualTo(cancelled.path("started_on"));
        assertThat(service.send("DELETE", one, "").json()).isEqualTo(cancelled);
        assertProblem(subscribe(71, "nothing"), 404, "not_found");
        assertProblem(service.send("DELETE", "/subscriptions/999999", ""), 404, "not_found");
    }

    @Test
    void issuesAnInvoiceWithItsLinesInOrder() throws Exception {
        offer("invoiced", 2000);
        int subscription = subscribe(72, "invoiced").json().path("id").asInt();
        String body =
                """
                {"subscription_id": %d, "number": "%s", "lines": [
                  {"description": "November", "quantity": 1, "unit_cents": 2000},
                  {"description": "Seats", "quantity": 3, "unit_cents": 500},
                  {"description": "Credit", "quantity": 1, "unit_cents": -100}]}
                """;
        Answer issued = service.post("/invoices", body.formatted(subscription, "2026-001"));
        assertThat(issued.status()).as(issued.body()).isEqualTo(201);
        assertThat(issued.json().path("total_cents").asLong()).isEqualTo(3400);
        JsonNode shown = service.get("/invoices/2026-001").json();
        assertThat(shown.path("lines").findValuesAsString("description")).containsExactly("November", "Seats", "Credit");
        assertThat(shown.path("total_cents").asLong()).isEqualTo(3400);
        assertThat(shown.path("currency").asString()).isEqualTo("EUR");
        assertProblem(service.post("/invoices", body.formatted(subscription, "2026-001")), 409, "number_taken");
        assertProblem(service.post("/invoices", body.formatted(999_999, "2026-002")), 404, "not_found");
        assertProblem(service.get("/invoices/2026-002"), 404, "not_found");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{", "[]", "{}",
                "{\"code\":\"A B\",\"name\":\"n\",\"price_cents\":1,\"currency\":\"EUR\"}",
                "{\"code\":\"bad\",\"name\":\"n\",\"price_cents\":-1,\"currency\":\"EUR\"}",
                "{\"code\":\"bad\",\"name\":\"n\",\"price_cents\":1,\"currency\":\"euro\"}"
            })
    void aBodyThatIsNoPlanIsABadRequest(String body) throws Exception {
        assertProblem(service.post("/plans", body), 400, "bad_request");
        assertThat(service.get("/plans").json().findValuesAsString("code")).doesNotContain("bad");
    }

    @Test
    void namesTheLineThatIsWrong() throws Exception {
        Answer answer = service.post(
                "/invoices",
                "{\"subscription_id\":1,\"number\":\"1\",\"lines\":[{\"description\":\"d\",\"quantity\":0,\"unit_cents\":1}]}");
        assertProblem(answer, 400, "bad_request");
        assertThat(answer.json().path("errors").path(0).path("field").asString()).isEqualTo("lines[0].quantity");
    }

    @Test
    void describesItself() throws Exception {
        JsonNode api = service.get("/v3/api-docs").json();
        assertThat(api.path("info").path("title").asString()).isEqualTo("Billing");
        assertThat(api.path("paths").propertyNames())
                .containsExactlyInAnyOrder(
                        "/plans", "/subscriptions", "/subscriptions/{subscription}", "/invoices", "/invoices/{number}");
        assertThat(service.get("/swagger-ui/index.html").status()).isEqualTo(200);
        assertThat(service.get("/actuator/health").json().path("status").asString()).isEqualTo("UP");
    }

    private static Answer offer(String code, int cents) throws Exception {
        return service.post(
                "/plans",
                "{\"code\":\"%s\",\"name\":\"A plan\",\"price_cents\":%d,\"currency\":\"EUR\"}".formatted(code, cents));
    }

    private static Answer subscribe(int account, String plan) throws Exception {
        return service.post("/subscriptions", "{\"account_id\":%d,\"plan\":\"%s\"}".formatted(account, plan));
    }

    private static void assertProblem(Answer answer, int status, String code) {
        assertThat(answer.status()).as(answer.body()).isEqualTo(status);
        assertThat(answer.type()).startsWith("application/problem+json");
        assertThat(answer.code()).isEqualTo(code);
        assertThat(answer.json().path("next_steps").isEmpty()).isFalse();
    }
}
