// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.spring.web;

import dev.anabranch.devcluster.PostgresServer;
import jakarta.servlet.RequestDispatcher;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.boot.web.server.context.WebServerApplicationContext;
import org.springframework.boot.webmvc.error.ErrorController;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.servlet.HandlerExceptionResolver;
import org.springframework.web.servlet.ModelAndView;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;


@ExtendWith(OutputCaptureExtension.class)
class WebTest {
    private static PostgresServer server;
    private static ConfigurableApplicationContext standard;

    @BeforeAll
    static void start() throws Exception {
        server = PostgresServer.start("web");
        server.createDatabase("web");
        server.execute("web", "create table note (id bigint generated always as identity, customer_id text, text text)");
        standard = run(
                WebApplication.class, "anabranch.web.path-pattern=/who/{tenant}", "anabranch.web.exclude=/free/**,/error");
    }

    @AfterAll
    static void stop() {
        standard.close();
        server.close();
    }

    @Test
    void bindsTheHeadersTenantForTheRequestAlone() throws Exception {
        assertThat(get(standard, "/who/acme", "X-Customer-ID: acme")).endsWith("\r\n\r\nacme");
        // Platform threads are used again: nothing of the last request may be left on them.
        for (int i = 0; i < 50; i++) {
            assertThat(get(standard, "/free")).endsWith("\r\n\r\nnobody");
            assertThat(get(standard, "/needs", "X-Customer-ID: t" + i)).endsWith("\r\n\r\nt" + i);
        }
    }

    @Test
    void asynchronousResultsBelongToTheTenantToo() throws Exception {
        assertThat(get(standard, "/async", "X-Customer-ID: acme")).endsWith("acme");
        assertThat(get(standard, "/future", "X-Customer-ID: acme")).endsWith("acme");
    }

    @Test
    void aMappingBesidesThePatternMustAgreeToo() throws Exception {
        assertThat(get(standard, "/other/acme", "X-Customer-ID: acme")).endsWith("acme");
        assertThat(get(standard, "/other/acme", "X-Customer-ID: evil"))
                .startsWith("HTTP/1.1 403 ")
                .contains("\"tenant_conflict\"")
                .contains("for tenant 'evil' by the header X-Customer-ID, and the path names 'acme'");
        assertThat(get(standard, "/two/1/of/acme", "X-Customer-ID: evil")).startsWith("HTTP/1.1 403 ");
    }

    @Test
    void jdbcClientAndTransactionsRunForTheTenant() throws Exception {
        assertThat(send(standard, "POST", "/jdbc", "X-Customer-ID: sql")).endsWith("\r\n\r\n1");
        String failed = send(standard, "POST", "/jdbc?fail=1", "X-Customer-ID: sql");
        assertThat(failed)
                .startsWith("HTTP/1.1 500 ")
                .contains("application/problem+json", "\"code\":\"internal\"")
                .doesNotContain("select password", "IllegalState", "\tat ");
        assertThat(send(standard, "POST", "/jdbc", "X-Customer-ID: sql")).endsWith("\r\n\r\n2");
    }

    @Test
    void aStatementWithoutATenantIsRefusedAndSaysHowToNameOne() throws Exception {
        assertThat(get(standard, "/free/sql"))
                .startsWith("HTTP/1.1 400 ")
                .contains("\"tenant_not_bound\"", "Send the tenant's id in the header X-Customer-ID.");
    }

    @Test
    void theLibrarysFailuresAreFoundHoweverTheyAreWrapped() throws Exception {
        assertThat(get(standard, "/wrapped", "X-Customer-ID: a"))
                .startsWith("HTTP/1.1 503 ")
                .contains("\"directory_unavailable\"", "Retry-After: ")
                .doesNotContain("http://dir");
        assertThat(get(standard, "/swallow", "X-Customer-ID: a"))
                .startsWith("HTTP/1.1 503 ")
                .contains("\"database_unavailable\"")
                .doesNotContain("db7");
        assertThat(get(standard, "/filter-fails", "X-Customer-ID: a"))
                .startsWith("HTTP/1.1 503 ")
                .contains("\"database_unavailable\"")
                .doesNotContain("db7");
    }

    @Test
    void aTenantThatTheApplicationLostIsNotTheCallersFault(CapturedOutput output) throws Exception {
        assertThat(get(standard, "/lost", "X-Customer-ID: a"))
                .startsWith("HTTP/1.1 500 ")
                .contains("\"internal\"")
                .doesNotContain("tenant_not_bound", "X-Customer-ID");
        assertThat(get(standard, "/mixed", "X-Customer-ID: a"))
                .startsWith("HTTP/1.1 500 ")
                .contains("\"internal\"")
                .doesNotContain("tenant_conflict", "secret-neighbour");
        assertThat(output.getAll())
                .containsPattern("ERROR.*Answered 500 internal: No tenant is bound.*TenantContext.propagating")
                .containsPattern("ERROR.*Answered 500 internal: .*secret-neighbour");
        assertThat(get(standard, "/free/lost")).startsWith("HTTP/1.1 400 ");
    }

    @Test
    void aChangeThatMayHaveBeenMadeIsNotToBeSentAgain(CapturedOutput output) throws Exception {
        for (String whose : List.of("library", "driver")) {
            assertThat(get(standard, "/outcome/" + whose, "X-Customer-ID: a"))
                    .startsWith("HTTP/1.1 500 ")
                    .contains("\"outcome_unknown\"", "Look whether the change is there")
                    .doesNotContain("Retry-After", "db7");
        }
        assertThat(output.getAll()).contains("broke in commit");
    }

    @Test
    void anUnlistedTenantIsRefusedBeforeAnyWork(@TempDir Path folder) throws Exception {
        Path listed = Files.writeString(
                folder.resolve("listed.yaml"),
                """
                databases:
                  one: {url: "%s", user: %s, password: "env:ONE_PASSWORD"}
                groups:
                  default: {kind: sharded, placement: {hash: [one], pinned: {"1": one}}, tenants: listed}
                """
                        .formatted(server.jdbcUrl("web"), server.superuser()));
        ConfigurableApplicationContext context = new SpringApplicationBuilder(WebApplication.class)
                .run(
                        "--server.port=0",
                        "--SHARDING_MODE=standalone",
                        "--SHARDING_CONFIG=" + listed,
                        "--ONE_PASSWORD=" + server.password());
        try (context) {
            assertThat(get(context, "/needs", "X-Customer-ID: 1")).endsWith("\r\n\r\n1");
            assertThat(get(context, "/needs", "X-Customer-ID: 2"))
                    .startsWith("HTTP/1.1 404 ")
                    .contains("\"tenant_unknown\"");
        }
    }

    @Test
    void anUnknownTenantLearnsNothingOfPlacesAndRevisions() throws Exception {
        assertThat(get(standard, "/unlisted", "X-Customer-ID: a"))
                .startsWith("HTTP/1.1 404 ")
                .contains("\"tenant_unknown\"", "Check the tenant's id.")
                .doesNotContain("Revision", "people", "anabranch tenant");
    }

    @Test
    void withoutProblemsSpringsOwnErrorHandlingAnswersAndTheFilterStays() throws Exception {
        try (var context =
                run(WebApplication.class, "anabranch.web.problems=false", "anabranch.web.path-variable=tenant")) {
            assertThat(get(context, "/needs", "X-Customer-ID: acme")).endsWith("\r\n\r\nacme");
            assertThat(get(context, "/needs")).startsWith("HTTP/1.1 400 ").doesNotContain("next_steps");
            assertThat(get(context, "/other/acme", "X-Customer-ID: evil"))
                    .startsWith("HTTP/1.1 403 ")
                    .doesNotContain("next_steps");
            assertThat(get(context, "/swallow", "X-Customer-ID: a")).endsWith("swallowed");
            assertThat(send(context, "POST", "/jdbc?fail=1", "X-Customer-ID: a"))
                    .startsWith("HTTP/1.1 500 ")
                    .contains("\"timestamp\"")
                    .doesNotContain("next_steps");
            assertThat(get(context, "/needs", "X-Customer-ID: a\u0001"))
                    .startsWith("HTTP/1.1 400 ")
                    .doesNotContain("next_steps");
        }
    }

    @Test
    void anErrorControllerOfTheApplicationsOwnIsAsked() throws Exception {
        try (var context = run(OwnErrors.class)) {
            assertThat(send(context, "POST", "/jdbc?fail=1", "X-Customer-ID: a"))
                    .startsWith("HTTP/1.1 500 ")
                    .endsWith("\r\n\r\nmy own page for 500");
            assertThat(get(context, "/unlisted", "X-Customer-ID: a")).contains("\"tenant_unknown\"");
        }
    }

    @Test
    void aResolverOfTheApplicationsOwnIsAskedFirst() throws Exception {
        try (var context = run(OwnErrorResolver.class)) {
            assertThat(send(context, "POST", "/jdbc?fail=1", "X-Customer-ID: a"))
                    .startsWith("HTTP/1.1 418 ");
        }
    }

    @Test
    void whatTomcatRefusesIsAProblemToo() throws Exception {
        assertThat(get(standard, "/needs", "X-Customer-ID: a\u0001"))
                .startsWith("HTTP/1.1 400 ")
                .contains("application/problem+json", "\"bad_request\"");
    }

    @Test
    void theApplicationsOwnHandlersStand() throws Exception {
        assertThat(get(standard, "/own", "X-Customer-ID: a")).endsWith("handled by the application");
    }

    @Test
    void aBrowsersPreflightNeedsNoTenant() throws Exception {
        assertThat(send(
                        standard,
                        "OPTIONS",
                        "/who/a",
                        "Origin: http://x",
                        "Access-Control-Request-Method: POST"))
                .doesNotContain("tenant_not_bound");
    }

    @Test
    void thePathMayNameTheTenantAlone() throws Exception {
        try (var context = run(
                WebApplication.class,
                "anabranch.web.resolver=path",
                "anabranch.web.path-pattern=/who/{tenant},/two/{thing}/of/{tenant}",
                "anabranch.web.path-variable=tenant",
                "spring.threads.virtual.enabled=true")) {
            assertThat(get(context, "/who/acme")).endsWith("\r\n\r\nacme");
            assertThat(get(context, "/who/%61cme;a=b")).endsWith("\r\n\r\nacme");
            assertThat(get(context, "/two/7/of/acme")).endsWith("7 of acme");
            assertThat(get(context, "/who/acme", "X-Customer-ID: evil")).startsWith("HTTP/1.1 403 ");
            assertThat(get(context, "/needs")).startsWith("HTTP/1.1 400 ").contains("Call a path of the form /who/{tenant}");
        }
    }

    @Test
    void theSubdomainMayNameTheTenant() throws Exception {
        try (var context =
                run(WebApplication.class, "anabranch.web.resolver=subdomain", "anabranch.web.domain=example.com")) {
            assertThat(host(context, "acme.example.com")).endsWith("\r\n\r\nacme");
            assertThat(host(context, "ACME.Example.com:8080")).endsWith("\r\n\r\nacme");
            for (String other : List.of("example.com", "a.b.example.com", "acme.example.org", "acmeexample.com")) {
                assertThat(host(context, other)).startsWith("HTTP/1.1 400 ").contains("\"tenant_not_bound\"");
            }
        }
    }

    @Test
    void anOwnResolverTakesTheirPlace() throws Exception {
        try (var context = run(OwnResolver.class)) {
            assertThat(get(context, "/needs", "Authorization: acme", "X-Customer-ID: ignored")).endsWith("\r\n\r\nacme");
            assertThat(get(context, "/needs", "X-Customer-ID: ignored")).startsWith("HTTP/1.1 400 ");
        }
    }

    @Test
    void anUnclearPatternIsToldAtStart(CapturedOutput output) {
        assertThatThrownBy(() -> run(WebApplication.class, "anabranch.web.path-pattern=/two/{thing}/of/{tenant}")
                        .close())
                .isInstanceOf(Exception.class);
        assertThat(output.getAll())
                .contains("APPLICATION FAILED TO START", "[thing, tenant]", "anabranch.web.path-variable");
    }

    @Test
    void headersAreReadAsTheyWereSent() {
        assertThat(HeaderTenantResolver.decode("acme")).isEqualTo("acme");
        assertThat(HeaderTenantResolver.decode(new String("é😀".getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1)))
                .isEqualTo("é😀");
        assertThat(HeaderTenantResolver.decode("\u00e9")).isEqualTo("\u00e9");
        assertThat(HeaderTenantResolver.decode("日")).isEqualTo("日");
    }

    @Configuration(proxyBeanMethods = false)
    static class OwnResolver extends WebApplication {
        @Bean
        TenantResolver tenantResolver() {
            return request -> Optional.ofNullable(request.getHeader("Authorization"));
        }
    }

    @Configuration(proxyBeanMethods = false)
    static class OwnErrors extends WebApplication {
        @Bean
        OwnErrorController ownErrorController() {
            return new OwnErrorController();
        }
    }

    @RestController
    static class OwnErrorController implements ErrorController {
        @RequestMapping("/error")
        String page(HttpServletRequest request) {
            return "my own page for " + request.getAttribute(RequestDispatcher.ERROR_STATUS_CODE);
        }
    }

    @Configuration(proxyBeanMethods = false)
    static class OwnErrorResolver extends WebApplication {
        /** Without an order. */
        @Bean
        HandlerExceptionResolver ownErrorResolver() {
            return (request, response, handler, failure) -> {
                response.setStatus(418);
                return new ModelAndView();
            };
        }
    }

    private static ConfigurableApplicationContext run(Class<?> application, String... properties) {
        List<String> arguments = new ArrayList<>(List.of(
                "--server.port=0",
                "--SHARDING_MODE=standalone",
                "--SHARDING_HOST=" + server.host(),
                "--SHARDING_PORT=" + server.port(),
                "--SHARDING_USER=" + server.superuser(),
                "--SHARDING_PASSWORD=" + server.password(),
                "--SHARDING_DATABASE=web"));
        for (String property : properties) {
            arguments.add("--" + property);
        }
        return new SpringApplicationBuilder(application).run(arguments.toArray(String[]::new));
    }

    private static String get(ConfigurableApplicationContext context, String path, String... headers)
            throws IOException {
        return send(context, "GET", path, headers);
    }

    private static String host(ConfigurableApplicationContext context, String host) throws IOException {
        return exchange(context, List.of("GET /needs HTTP/1.1", "Host: " + host));
    }

    private static String send(ConfigurableApplicationContext context, String method, String path, String... headers)
            throws IOException {
        List<String> lines = new ArrayList<>(List.of(method + " " + path + " HTTP/1.1", "Host: localhost"));
        lines.addAll(List.of(headers));
        return exchange(context, lines);
    }

    private static String exchange(ConfigurableApplicationContext context, List<String> lines) throws IOException {
        int port = Objects.requireNonNull(((WebServerApplicationContext) context).getWebServer())
                .getPort();
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.setSoTimeout(20_000);
            String request = String.join("\r\n", lines) + "\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
            socket.getOutputStream().write(request.getBytes(StandardCharsets.UTF_8));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
