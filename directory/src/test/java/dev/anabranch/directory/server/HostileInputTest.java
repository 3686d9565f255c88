// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.directory.server;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

class HostileInputTest {
    private static Node node;
    private static String app;

    @BeforeAll
    static void start() {
        node = Node.start(Servers.newDatabase());
        app = node.token("app");
        String empty = Servers.newDatabase();
        for (String name : List.of("shard-1", "shard-2")) {
            node.put("/v1/databases/" + name, Servers.body(empty, Servers.postgres().password()));
        }
        node.put("/v1/groups/people", "{\"kind\":\"sharded\",\"hash\":[\"shard-1\",\"shard-2\"],\"tenants\":\"listed\"}");
    }

    @AfterAll
    static void stop() {
        node.close();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "../../etc/passwd",
                "a/b",
                "a\\b",
                "'; drop table x;--",
                "Łódź",
                "a;b=c",
                "100%",
                "%2F",
                "a+b c",
                "?x#y",
                "\"quoted\"",
                "<script>alert(1)</script>",
                "😀",
                "${jndi:ldap://x}",
                "{tenant}",
                "a//b"
            })
    void tenantIdIsDataAndNothingElse(String tenant) {
        String path = "/v1/groups/people/tenants/" + Node.segment(tenant);
        assertThat(node.get(path, app).problem()).isEqualTo("tenant_unknown");
        assertThat(node.put(path, "{\"database\":\"shard-2\"}").status()).isEqualTo(201);
        Answer found = node.get(path, app);
        assertThat(found.text("/tenant")).isEqualTo(tenant);
        assertThat(found.text("/database")).isEqualTo("shard-2");
        assertThat(node.get("/v1/groups/people/tenants", app).json().at("/items"))
                .anySatisfy(item -> assertThat(item.at("/tenant").asString()).isEqualTo(tenant));
        assertThat(node.get("/v1/snapshot", app).json().at("/groups/people/pinned").get(tenant).asString())
                .isEqualTo("shard-2");
        assertThat(node.get("/write/" + Node.segment(tenant), app).text("/name")).isEqualTo("shard-2");
        assertThat(node.delete(path).status()).isEqualTo(200);
        assertThat(node.get(path, app).problem()).isEqualTo("tenant_unknown");
    }

    @Test
    void whatIsNoTenantIdIsRefused() {
        for (String tenant : List.of(" x", "x ", "a\nb", "a\u0001b", "x".repeat(129), "\ue000", "a\u2028b", ".", "..")) {
            Answer answer = node.get("/v1/groups/people/tenants/" + Node.segment(tenant), app);
            assertThat(answer.status()).as(tenant).isEqualTo(400);
            assertThat(answer.problem()).as(tenant).isEqualTo("tenant_invalid");
        }
        assertThat(node.get("/write/" + "x".repeat(129), app).problem()).isEqualTo("tenant_invalid");
        assertThat(node.get("/v1/groups/people/tenants/a%00b", app).status()).isEqualTo(400);
        assertThat(node.get("/v1/groups/people/tenants?after=%00", app).problem()).isEqualTo("request_invalid");
    }

    @Test
    void everyErrorIsAProblem() {
        String admin = node.admin();
        assertThat(node.get("/v1/nothing", admin).problem()).isEqualTo("not_found");
        assertThat(node.send("PATCH", "/v1/databases/x", admin, "{}").problem()).isEqualTo("method_not_allowed");
        assertThat(node.send("PATCH", "/v1/databases/x", admin, "{}").header("Allow")).contains("PUT");
        assertThat(node.put("/v1/databases/x", "a=b", "Content-Type", "text/plain").problem())
                .isEqualTo("media_type_unsupported");
        assertThat(node.get("/v1/changes", admin, "Accept", "image/png").problem()).isEqualTo("not_acceptable");
        assertThat(node.put("/v1/databases/x", "{\"host\": ").problem()).isEqualTo("request_invalid");
        assertThat(node.put("/v1/databases/x", "[]").problem()).isEqualTo("request_invalid");
        assertThat(node.put("/v1/databases/x", "null").problem()).isEqualTo("request_invalid");
        assertThat(node.put("/v1/databases/x", "").problem()).isIn("request_invalid", "media_type_unsupported");
        Answer unknown = node.put("/v1/databases/x", "{\"pasword\":\"typo-in-the-name-3981\"}");
        assertThat(unknown.problem()).isEqualTo("request_invalid");
        assertThat(unknown.body()).contains("pasword").doesNotContain("3981");
        Answer type = node.put("/v1/databases/x", "{\"port\":\"secret-in-the-wrong-place-77\"}");
        assertThat(type.text("/detail")).contains("port").doesNotContain("77");
        assertThat(node.get("/v1/audit?limit=many", admin).problem()).isEqualTo("request_invalid");
        assertThat(node.put("/v1/groups/people?dry_run=maybe", "{}").problem()).isEqualTo("request_invalid");
        assertThat(node.get("/problems/none", "").problem()).isEqualTo("not_found");
    }

    @Test
    void bodyBeyondTheLimitIsRefusedAnnouncedOrNot() throws IOException {
        String large = "{\"host\":\"" + "x".repeat(70_000) + "\"}";
        Answer announced = node.put("/v1/databases/x", large);
        assertThat(announced.status()).isEqualTo(413);
        assertThat(announced.problem()).isEqualTo("request_too_large");
        String chunked = raw("PUT /v1/databases/x HTTP/1.1\r\nAuthorization: Bearer " + node.admin()
                + "\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked",
                Integer.toHexString(large.length()) + "\r\n" + large + "\r\n0\r\n\r\n");
        assertThat(chunked).startsWith("HTTP/1.1 413").contains("request_too_large");
    }

    @Test
    void serverRefusesWithProblemsToo() throws IOException {
        for (String line : List.of(
                "GET /v1/status{ HTTP/1.1",
                "GET /v1/%zz HTTP/1.1",
                "GET /v1/%00 HTTP/1.1",
                "GET /v1/" + "x".repeat(20_000) + " HTTP/1.1",
                "G@T / HTTP/1.1")) {
            String answer = raw(line);
            assertThat(answer).as(line.substring(0, 10)).startsWith("HTTP/1.1 4");
            assertThat(answer)
                    .as(line.substring(0, 10))
                    .contains("application/problem+json", "\"next_steps\"")
                    .doesNotContain("Tomcat", "<html", "at org.");
        }
    }

    private static String raw(String line) throws IOException {
        return raw(line, "");
    }

    private static String raw(String line, String body) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), node.port())) {
            socket.setSoTimeout(5_000);
            OutputStream out = socket.getOutputStream();
            out.write((line + "\r\nHost: localhost\r\nConnection: close\r\n\r\n" + body).getBytes(StandardCharsets.ISO_8859_1));
            out.flush();
            InputStream in = socket.getInputStream();
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
