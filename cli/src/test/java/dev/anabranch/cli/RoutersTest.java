// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.cli;

import dev.anabranch.devcluster.PostgresServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

import static org.assertj.core.api.Assertions.assertThat;

/** What an application's routers and a topology with replicas change for {@code migrate} and {@code explain}. */
class RoutersTest {
    private static PostgresServer server;
    private static int count;

    @TempDir Path folder;
    private Path config = Path.of("");

    @BeforeAll
    static void startServer() {
        server = PostgresServer.start("routers");
    }

    @AfterAll
    static void stopServer() {
        server.close();
    }

    @BeforeEach
    void configure() throws Exception {
        count++;
        var text = new StringBuilder("databases:\n");
        for (var name : List.of("one", "two", "spare", "elsewhere")) {
            server.createDatabase(name + count, server.superuser());
            text.append("  ").append(name).append(": {url: \"").append(server.jdbcUrl(name + count)).append("\", user: ")
                    .append(server.superuser()).append(", password: \"env:P\"");
            if (name.equals("one")) {
                // nothing listens there: who migrated a replica would fail
                text.append(", replicas: [{url: \"jdbc:postgresql://127.0.0.1:1/x\", weight: 2},")
                        .append(" {name: reports, url: \"jdbc:postgresql://127.0.0.1:1/x\", audiences: [internal]}]");
            }
            text.append("}\n");
        }
        text.append("""
                audiences: {internal: {readOnly: true}}
                groups:
                  shop: {kind: global, database: one, audiences: {public: two}, schema: shop, migrations: shop}
                  other: {kind: global, database: elsewhere, schema: other}
                """);
        config = Files.writeString(folder.resolve("anabranch.yaml"), text.toString());
        file("create table product (id bigint primary key);");
    }

    private void file(String sql) throws IOException {
        Files.writeString(Files.createDirectories(folder.resolve("shop")).resolve("V1__begin.sql"), sql);
    }

    /** A folder that names the test's router, whose class is on the class path. */
    private String routers() throws IOException {
        var services = Files.createDirectories(folder.resolve("routers/META-INF/services"));
        Files.writeString(services.resolve("dev.anabranch.routing.DatabaseRouter"), ShopRouter.class.getName());
        return folder.resolve("routers").toString();
    }

    private Invocation call(String... arguments) {
        List<String> line = new ArrayList<>(List.of(arguments));
        line.addAll(List.of("--config", config.toString()));
        return Invocation.in(Map.of("P", server.password()), line.toArray(String[]::new));
    }

    private static List<String> names(JsonNode document) {
        return document.path("databases").valueStream().map(row -> row.path("database").asString()).toList();
    }

    @Test
    void migratesAGlobalGroupOnItsRoutesToo() {
        var applied = call("migrate", "apply", "--service", "shop", "--yes", "--json");

        assertThat(applied.exit()).as(applied.err()).isZero();
        assertThat(names(applied.json().path("result"))).containsExactly("one", "two");
        assertThat(call("migrate", "status", "--service", "shop", "--at-head").exit()).isZero();
    }

    @Test
    void saysWhatARouterLeavesOutAndAdds() throws IOException {
        var plan = call("migrate", "plan", "--service", "shop", "--json", "--routers", routers());
        var applied = call("migrate", "apply", "--service", "shop", "--yes", "--json", "--routers", routers());
        var status = call("migrate", "status", "--json", "--routers", routers());

        assertThat(plan.exit()).as(plan.err()).isZero();
        assertThat(plan.err())
                .contains("shop: two is left out by the router 'ShopRouter'")
                .contains("shop: spare is added by the router 'ShopRouter'");
        assertThat(applied.exit()).as(applied.err()).isZero();
        for (var document : List.of(plan.json(), applied.json().path("result"), status.json())) {
            assertThat(names(document)).containsExactly("one", "spare");
            assertThat(document.path("routed")).hasSize(2);
            assertThat(document.path("routed").path(0).path("router").asString()).isEqualTo("ShopRouter");
        }
        assertThat(call("migrate", "status", "--service", "shop", "--database", "two", "--json").json()
                        .path("databases").path(0).path("state").asString())
                .isEqualTo("missing");
        var refused = call("migrate", "apply", "--service", "shop", "--database", "two", "--yes", "--routers", routers());
        assertThat(refused.exit()).isEqualTo(2);
    }

    @Test
    void refusesAJarWithoutARouter() throws IOException {
        var empty = Files.createDirectories(folder.resolve("empty")).toString();

        assertThat(call("migrate", "plan", "--service", "shop", "--routers", empty).err()).contains("no router in");
        assertThat(call("migrate", "plan", "--service", "shop", "--routers", empty + "-not").exit()).isEqualTo(2);
    }

    @Test
    void refusesAForeignKeyThatCrossesDatabases() throws IOException {
        file("create table product (id bigint primary key, owner bigint references other.person (id));");

        var applied = call("migrate", "apply", "--service", "shop", "--yes");
        var lint = call("migrate", "lint", "--service", "shop", "--offline");

        assertThat(applied.exit()).isEqualTo(3);
        assertThat(applied.err()).contains("'product' of the group 'shop'", "'person' of the group 'other'", "V1__begin.sql:1");
        assertThat(lint.exit()).isEqualTo(3);
        assertThat(lint.out()).contains("error neighbour-reference").contains("'person' of the group 'other'");
    }

    @Test
    void explainsWhichRouterDecidesAndWhoMayAnswer() throws IOException {
        var write = call("explain", "--group", "shop", "--json", "--routers", routers());
        var read = call("explain", "--group", "shop", "--read", "--json");
        var routed = call("explain", "--group", "shop", "--read", "--json", "--routers", routers());
        var published = call("explain", "--group", "shop", "--audience", "public", "--json");
        var internal = call("explain", "--group", "shop", "--audience", "internal", "--json");

        assertThat(write.json().path("router").asString()).as(write.err()).isEqualTo("topology");
        assertThat(write.json().path("steps").path(0).path("router").asString()).isEqualTo("ShopRouter");
        assertThat(routed.json().path("router").asString()).isEqualTo("ShopRouter");
        assertThat(routed.json().path("database").asString()).isEqualTo("spare");
        assertThat(published.json().path("database").asString()).isEqualTo("two");
        assertThat(roles(read)).containsExactly(
                "one: when no replica may", "one-replica-1: while it is in rotation and new enough",
                "reports: no: kept for others");
        assertThat(roles(internal)).containsExactly(
                "one: no: replicas are kept for the audience", "one-replica-1: no: kept for others",
                "reports: while it is in rotation and new enough");
        assertThat(internal.json().path("access").asString()).as("the audience only reads").isEqualTo("read");
        assertThat(call("explain", "--group", "shop", "--audience", "nobody").exit()).isEqualTo(1);
        assertThat(call("explain", "--group", "shop", "--read").out()).contains("reports", "topology", "MAY ANSWER");
    }

    private static List<String> roles(Invocation explained) {
        return explained.json().path("servers").valueStream()
                .map(one -> one.path("name").asString() + ": " + one.path("role").asString())
                .toList();
    }

    @Test
    void asksARunningApplication() throws IOException {
        var answer = "{\"access\":\"read\",\"steps\":[{\"router\":\"AppRouter\",\"answer\":null,\"reason\":\"passed\"},"
                + "{\"router\":\"topology\",\"answer\":\"main\",\"reason\":\"global\"}],\"database\":\"main\","
                + "\"server\":\"main-b\",\"why\":\"replica\",\"detail\":\"1 of 1\",\"revision\":7}";
        try (var application = new FakeDirectory(asked -> asked.target().contains("group=none")
                ? FakeDirectory.Answer.refused(400, "group_unknown")
                : asked.target().contains("group=") ? FakeDirectory.Answer.ok(answer) : FakeDirectory.Answer.refused(404, ""))) {
            var base = application.endpoint() + "/";
            var shown = Invocation.of("explain", "4 2", "-g", "shop", "--read", "--audience", "a", "--application", base);

            assertThat(shown.exit()).as(shown.err()).isZero();
            assertThat(shown.out()).contains("main-b", "AppRouter", "(passes)", "topology", "1 of 1");
            assertThat(application.asked.getFirst().target())
                    .isEqualTo("/actuator/anabranch/explain?access=read&group=shop&tenant=4%202&audience=a");
            assertThat(application.asked.getFirst().headers()).doesNotContainKey("Authorization");
            assertThat(Invocation.of("explain", "-g", "none", "--application", base).err()).contains("It says no");
            assertThat(Invocation.of("explain", "--application", base).err()).contains("exposure.include=anabranch");
        }
        var gone = Invocation.of("explain", "42", "--application", "http://127.0.0.1:1");
        assertThat(gone.exit()).isEqualTo(1);
        assertThat(gone.err()).contains("does not answer");
        assertThat(Invocation.of("explain", "42", "--application", "nonsense").exit()).isEqualTo(2);
    }
}
