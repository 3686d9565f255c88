// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.examples.reviews;

import dev.anabranch.devcluster.DevCluster;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.web.server.context.WebServerApplicationContext;
import org.springframework.context.ConfigurableApplicationContext;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import static org.assertj.core.api.Assertions.assertThat;

/** The service in this JVM, on the topology that is shipped with it. */
class ReviewsTest {
    private static final HttpClient HTTP = HttpClient.newHttpClient();
    private static final String PASSWORD = "migrates-42";

    private static DevCluster servers;
    private static ConfigurableApplicationContext service;
    private static URI endpoint;
    private static String cookie = "";

    @BeforeAll
    static void start(@TempDir Path folder) throws Exception {
        servers = DevCluster.builder()
                .postgres("main", "reviews")
                .standby("reviews-replica-1", "reviews")
                .standby("reports", "reviews")
                .start();
        String topology = Files.readString(Path.of("..", "reviews.yaml"));
        for (List<String> place : List.of(
                List.of("main", "5432"),
                List.of("reviews", "5433"),
                List.of("reviews-replica-1", "5434"),
                List.of("reviews-replica-1", "5435"),
                List.of("reports", "5436"))) {
            int port = servers.postgres(place.getFirst()).port();
            assertThat(topology).contains("127.0.0.1:" + place.getLast());
            topology = topology.replace("127.0.0.1:" + place.getLast(), "127.0.0.1:" + port);
        }
        for (String name : List.of("main", "reviews")) {
            servers.postgres(name).createRole("migrator", PASSWORD);
            servers.postgres(name).execute("postgres", "alter role migrator createrole");
        }
        servers.postgres("main").createDatabase("shop", "migrator");
        servers.postgres("reviews").createDatabase("reviews", "migrator");
        service = new SpringApplicationBuilder(ReviewsApplication.class)
                .run(
                        "--SHARDING_MODE=standalone",
                        "--SHARDING_CONFIG=" + Files.writeString(folder.resolve("anabranch.yaml"), topology),
                        "--REVIEWS_PASSWORD=reviews-42",
                        "--MIGRATOR_PASSWORD=" + PASSWORD,
                        // The entities of each group and its migrations agree.
                        "--spring.jpa.hibernate.ddl-auto=validate",
                        "--PORT=0");
        int port = Objects.requireNonNull(((WebServerApplicationContext) service).getWebServer()).getPort();
        endpoint = URI.create("http://127.0.0.1:" + port);
    }

    @AfterAll
    static void stop() {
        service.close();
        servers.close();
    }

    private record Answer(int status, JsonNode json, List<String> servers) {}

    private static Answer send(String method, String path, String body) throws IOException, InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(endpoint.resolve(path))
                .timeout(Duration.ofSeconds(20))
                .header("Content-Type", "application/json")
                .header("Cookie", cookie)
                .method(method, HttpRequest.BodyPublishers.ofString(body));
        HttpResponse<String> answer = HTTP.send(request.build(), HttpResponse.BodyHandlers.ofString());
        answer.headers().firstValue("Set-Cookie").ifPresent(set -> cookie = set.split(";", 2)[0]);
        JsonNode json = JsonMapper.shared().readTree(answer.body());
        return new Answer(answer.statusCode(), json, answer.headers().allValues("X-Served-By"));
    }

    @Test
    void aReviewIsADraftUntilAnEditorPublishesIt() throws Exception {
        long product = send("POST", "/products", "{\"name\": \"Lamp\"}").json().path("id").asLong();
        Answer written = send("POST", "/products/" + product + "/reviews", "{\"stars\": 5, \"text\": \"Bright.\"}");
        assertThat(written.status()).isEqualTo(201);
        assertThat(written.servers()).contains("reviews");
        long review = written.json().path("id").asLong();

        assertThat(send("GET", "/products/" + product + "/reviews", "").json()).isEmpty();
        assertThat(send("GET", "/moderation/drafts", "").json().findValuesAsString("text")).contains("Bright.");
        assertThat(send("POST", "/moderation/drafts/" + review + "/publish", "").status()).isEqualTo(200);
        assertThat(send("GET", "/products/" + product + "/reviews", "").json().findValuesAsString("text"))
                .containsExactly("Bright.");
        Answer report = send("GET", "/reports/products", "");
        assertThat(report.servers()).containsExactly("reports");
        assertThat(report.json().path(0).path("product_id").asLong()).isEqualTo(product);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            POST | /products/999999/reviews | {"stars": 5, "text": "x"} | 404
            POST | /products/1/reviews | {"stars": 9, "text": "x"} | 400
            POST | /products/1/reviews | {"stars": 5} | 400
            GET  | /reviews/999999 | | 404
            POST | /moderation/drafts/999999/publish | | 404
            POST | /products | {"name": " "} | 400
            """)
    void whatCannotBeAnsweredIsAProblem(String method, String path, String body, int status) throws Exception {
        Answer answer = send(method, path, body == null ? "" : body);

        assertThat(answer.status()).isEqualTo(status);
        assertThat(answer.json().path("status").asInt()).isEqualTo(status);
    }

    @Test
    void hasAPageOfItsApi() throws Exception {
        assertThat(send("GET", "/v3/api-docs", "").json().path("paths").propertyNames())
                .contains("/products/{product}/reviews", "/moderation/drafts", "/reports/products");
    }
}
