// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.directory.server;

import dev.anabranch.tenant.TenantId;
import dev.anabranch.topology.Group;
import dev.anabranch.topology.Placement;
import dev.anabranch.topology.Topology;
import dev.anabranch.topology.TopologyJson;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class TopologyApiTest {
    private static final String SHARDED = "{\"kind\":\"sharded\",\"hash\":[\"shard-1\",\"shard-2\"],\"tenants\":\"any\"}";

    private static Node node;
    private static String app;
    private static String empty;

    @BeforeAll
    static void start() {
        node = Node.start(Servers.newDatabase());
        app = node.token("app");
        empty = Servers.newDatabase();
    }

    @BeforeEach
    void fill() {
        node.clear();
        for (String name : List.of("shard-1", "shard-2", "shard-3")) {
            String body = Servers.body(empty, Servers.postgres().password());
            assertThat(node.put("/v1/databases/" + name, body).status()).isEqualTo(201);
        }
        assertThat(node.put("/v1/groups/people", SHARDED).status()).isEqualTo(201);
        String global = "{\"kind\":\"global\",\"database\":\"shard-3\"}";
        assertThat(node.put("/v1/groups/billing", global).status()).isEqualTo(201);
    }

    @AfterAll
    static void close() {
        node.close();
    }

    private static Topology snapshot(String query, String token) {
        return TopologyJson.read(node.get("/v1/snapshot" + query, token).body().getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void snapshotHoldsGroupsAskedForAndTheirDatabasesOnly() {
        Topology people = snapshot("?group=people", app);
        assertThat(people.groups()).containsOnlyKeys("people");
        assertThat(people.databases()).containsOnlyKeys("shard-1", "shard-2");
        assertThat(snapshot("?group=people&group=billing", app).groups()).containsOnlyKeys("people", "billing");
        assertThat(snapshot("", app).groups()).containsOnlyKeys("people", "billing");
        assertThat(node.get("/v1/snapshot?group=nobody", app).problem()).isEqualTo("group_unknown");
    }

    @Test
    void passwordsAreForAppsAlone() {
        String password = Servers.postgres().password();
        assertThat(snapshot("", app).database("shard-1").primary().password().reveal()).isEqualTo(password);
        for (String role : List.of("viewer", "operator", "admin")) {
            Answer answer = node.get("/v1/snapshot", node.token(role));
            assertThat(answer.status()).isEqualTo(200);
            assertThat(answer.body()).doesNotContain("password").doesNotContain(password);
            assertThat(answer.header("X-Anabranch-Credentials")).isEqualTo("withheld");
        }
    }

    @Test
    void snapshotIsNotSentAgainUntilSomethingChanges() {
        Answer first = node.get("/v1/snapshot?group=people", app);
        String etag = first.header("ETag");
        assertThat(etag).startsWith("\"" + first.revision() + "-");
        Answer again = node.get("/v1/snapshot?group=people", app, "If-None-Match", etag);
        assertThat(again.status()).isEqualTo(304);
        assertThat(again.body()).isEmpty();
        node.put("/v1/groups/people/tenants/42", "{\"database\":\"shard-3\"}");
        Answer changed = node.get("/v1/snapshot?group=people", app, "If-None-Match", etag);
        assertThat(changed.status()).isEqualTo(200);
        assertThat(changed.revision()).isGreaterThan(first.revision());
        Answer viewer = node.get("/v1/snapshot?group=people", node.token("viewer"));
        assertThat(viewer.header("ETag")).isNotEqualTo(node.get("/v1/snapshot?group=people", app).header("ETag"));
    }

    @Test
    void lookupAgreesWithSnapshot() {
        node.put("/v1/groups/people/tenants/pinned-one", "{\"database\":\"shard-3\"}");
        Group.Sharded people = (Group.Sharded) snapshot("", app).group("people");
        for (String tenant : List.of("pinned-one", "42", "Łódź", "a")) {
            Answer answer = node.get("/v1/groups/people/tenants/" + Node.segment(tenant), app);
            Placement placement = people.place(new TenantId(tenant), snapshot("", app).shardKey().type());
            assertThat(answer.text("/database")).isEqualTo(placement.database());
            assertThat(answer.text("/reason")).isEqualTo(placement.reason());
            assertThat(answer.text("/tenant")).isEqualTo(tenant);
            assertThat(answer.text("/group")).isEqualTo("people");
        }
        assertThat(node.get("/v1/groups/people/tenants/pinned-one", app).text("/placement")).isEqualTo("pinned");
        assertThat(node.get("/v1/groups/people/tenants/42", app).text("/placement")).isEqualTo("hash");
        assertThat(node.get("/v1/groups/billing/tenants/42", app).problem()).isEqualTo("group_not_sharded");
    }

    @Test
    void addressesSayWhereToConnect() {
        node.put("/v1/groups/people/tenants/42", "{\"database\":\"shard-3\"}");
        for (String path : List.of("/write/42", "/read/42", "/write/42?group=people")) {
            Answer answer = node.get(path, app);
            assertThat(answer.status()).isEqualTo(200);
            assertThat(answer.text("/host")).isEqualTo("127.0.0.1");
            assertThat(answer.json().at("/port").asInt()).isEqualTo(Servers.postgres().port());
            assertThat(answer.text("/flavor")).isEqualTo("postgres");
            assertThat(answer.text("/user")).isEqualTo(Servers.postgres().superuser());
            assertThat(answer.text("/password")).isEqualTo(Servers.postgres().password());
            assertThat(answer.text("/name")).isEqualTo("shard-3");
            assertThat(answer.text("/group")).isEqualTo("people");
            assertThat(answer.text("/database")).startsWith("db");
        }
        assertThat(node.get("/write/42?group=billing", app).text("/name")).isEqualTo("shard-3");
        node.put("/v1/groups/second", SHARDED);
        Answer unclear = node.get("/write/42", app);
        assertThat(unclear.problem()).isEqualTo("group_needed");
        assertThat(unclear.body()).contains("people", "second", "billing");
    }

    @Test
    void unlistedTenantIsUnknownWhereOnlyListedOnesAreServed() {
        node.put("/v1/groups/people", SHARDED.replace("any", "listed"));
        assertThat(node.get("/v1/groups/people/tenants/42", app).problem()).isEqualTo("tenant_unknown");
        assertThat(node.get("/write/42", app).status()).isEqualTo(404);
        Answer listed = node.put("/v1/groups/people/tenants/42", "{}");
        assertThat(listed.status()).isEqualTo(201);
        assertThat(listed.text("/action")).isEqualTo("tenant.list");
        assertThat(node.get("/v1/groups/people/tenants/42", app).json().at("/listed").asBoolean()).isTrue();
        assertThat(node.get("/write/42", app).status()).isEqualTo(200);
        node.delete("/v1/groups/people/tenants/42");
        assertThat(node.get("/v1/groups/people/tenants/42", app).problem()).isEqualTo("tenant_unknown");
    }

    @Test
    void listsTenantsInParts() {
        List<String> ids = List.of("a", "B", "c", "Ł", "ż");
        ids.forEach(id -> node.put("/v1/groups/people/tenants/" + Node.segment(id), "{}"));
        List<String> seen = new ArrayList<>();
        String after = "";
        do {
            Answer page = node.get("/v1/groups/people/tenants?limit=2&after=" + Node.segment(after), app);
            page.json().at("/items").forEach(item -> seen.add(item.at("/tenant").asString()));
            after = page.text("/next");
        } while (!after.isEmpty());
        assertThat(seen).containsExactly("B", "a", "c", "Ł", "ż");
        assertThat(node.get("/v1/groups/people/tenants?limit=0", app).problem()).isEqualTo("request_invalid");
    }

    @Test
    void repeatedChangesChangeNothing() {
        for (String[] change : new String[][] {
            {"/v1/groups/people/tenants/42", "{\"database\":\"shard-3\"}"},
            {"/v1/groups/people/tenants/43", "{}"},
            {"/v1/groups/people", SHARDED},
            {"/v1/databases/shard-1", Servers.body("elsewhere", "env:ANABRANCH_DB_FOR_TEST")}
        }) {
            node.put(change[0], change[1]);
            Answer again = node.put(change[0], change[1]);
            assertThat(again.status()).isEqualTo(200);
            assertThat(again.json().at("/changed").asBoolean()).as(again.toString()).isFalse();
            assertThat(again.revision()).isEqualTo(node.get("/v1/status", app).revision());
        }
        node.delete("/v1/groups/people/tenants/43");
        assertThat(node.delete("/v1/groups/people/tenants/43").json().at("/changed").asBoolean()).isFalse();
    }

    @Test
    void dryRunTellsTheChangeAndMakesNone() {
        long before = node.get("/v1/status", app).revision();
        Answer plan = node.put("/v1/groups/people/tenants/42?dry_run=true", "{\"database\":\"shard-3\"}");
        assertThat(plan.status()).isEqualTo(200);
        assertThat(plan.json().at("/dry_run").asBoolean()).isTrue();
        assertThat(plan.json().at("/changed").asBoolean()).isTrue();
        assertThat(plan.text("/after/database")).isEqualTo("shard-3");
        node.put("/v1/databases/shard-9?dry_run=true", Servers.body("x", "y"));
        node.delete("/v1/groups/billing?dry_run=true&force=true");
        node.send("POST", "/v1/tokens?dry_run=true", node.admin(), "{\"name\":\"nobody\",\"role\":\"app\"}");
        assertThat(node.get("/v1/status", app).revision()).isEqualTo(before);
        assertThat(node.get("/v1/databases/shard-9", node.admin()).problem()).isEqualTo("database_unknown");
        assertThat(node.get("/v1/groups/billing", node.admin()).status()).isEqualTo(200);
        assertThat(node.get("/v1/tokens", node.admin()).body()).doesNotContain("nobody");
        assertThat(node.delete("/v1/databases/shard-1?dry_run=true").problem()).isEqualTo("database_in_use");
    }

    @Test
    void changeIsRefusedWhenSomebodyElseWasFaster() {
        Answer seen = node.get("/v1/databases/shard-1", node.admin());
        String etag = seen.header("ETag");
        node.put("/v1/groups/people/tenants/1", "{}");
        Answer late = node.put("/v1/groups/people/tenants/2", "{}", "If-Match", etag);
        assertThat(late.status()).isEqualTo(412);
        assertThat(late.problem()).isEqualTo("revision_conflict");
        String now = node.get("/v1/snapshot", app).header("ETag");
        assertThat(node.put("/v1/groups/people/tenants/2", "{}", "If-Match", now).status()).isEqualTo(201);
        assertThat(node.put("/v1/groups/people/tenants/3", "{}", "If-Match", "12").problem())
                .isEqualTo("request_invalid");
    }

    @Test
    void databaseInUseIsNotRemoved() {
        node.put("/v1/groups/people/tenants/42", "{\"database\":\"shard-3\"}");
        Answer refused = node.delete("/v1/databases/shard-3");
        assertThat(refused.status()).isEqualTo(409);
        assertThat(refused.problem()).isEqualTo("database_in_use");
        assertThat(refused.text("/detail")).contains("0 buckets", "1 pinned", "1 global", "[billing, people]");
        assertThat(node.delete("/v1/databases/shard-1").text("/detail")).contains("2048 buckets", "[people]");
        node.delete("/v1/groups/people/tenants/42");
        node.delete("/v1/groups/billing?force=true");
        assertThat(node.delete("/v1/databases/shard-3").status()).isEqualTo(200);
        assertThat(node.get("/v1/databases/shard-3", node.admin()).status()).isEqualTo(404);
    }

    @Test
    void addedDatabaseMovesNoTenant() {
        Group before = snapshot("", app).group("people");
        node.put("/v1/databases/shard-4", Servers.body("x", "y"));
        assertThat(snapshot("", app).group("people")).isEqualTo(before);
    }

    @Test
    void bucketsKeepTheirDatabaseUnlessForced() {
        String wider = SHARDED.replace("\"shard-2\"", "\"shard-2\",\"shard-3\"");
        assertThat(node.put("/v1/groups/people", wider).problem()).isEqualTo("buckets_in_use");
        assertThat(node.put("/v1/groups/billing", "{\"kind\":\"global\",\"database\":\"shard-1\"}").problem())
                .isEqualTo("buckets_in_use");
        String operator = node.token("operator");
        Answer forced = node.send("PUT", "/v1/groups/people?force=true", operator, wider);
        assertThat(forced.problem()).isEqualTo("not_allowed");
        assertThat(node.put("/v1/groups/people?force=true", wider).text("/effects/0")).contains("buckets");
        assertThat(snapshot("?group=people", app).databases()).hasSize(3);
    }

    @Test
    void groupThatListsTenantsIsNotRemoved() {
        node.put("/v1/groups/people/tenants/42", "{}");
        assertThat(node.delete("/v1/groups/people").problem()).isEqualTo("group_in_use");
        node.delete("/v1/groups/people/tenants/42");
        assertThat(node.delete("/v1/groups/people").problem()).as("or a new one has other homes").isEqualTo("buckets_in_use");
        assertThat(node.delete("/v1/groups/billing").problem()).isEqualTo("buckets_in_use");
        assertThat(node.send("DELETE", "/v1/groups/billing?force=true", node.token("operator"), "").problem())
                .isEqualTo("not_allowed");
        assertThat(node.send("DELETE", "/v1/groups/billing", node.token("operator"), "").problem())
                .isEqualTo("buckets_in_use");
        node.put("/v1/groups/people/tenants/42", "{}");
        assertThat(node.delete("/v1/groups/people?force=true").status()).isEqualTo(200);
        assertThat(node.get("/v1/groups/people", node.admin()).problem()).isEqualTo("group_unknown");
    }

    @Test
    void malformedDatabasesAndGroupsAreRefused() {
        String good = Servers.body("x", "y");
        for (String bad : List.of(
                "{}",
                good.replace("127.0.0.1", "host/with?parts"),
                good.replace("\"postgres\"", "\"oracle\""),
                good.replace("\"database\":\"x\"", "\"database\":\"x?user=root\""),
                good.replace("}", ",\"properties\":{\"socketFactory\":\"evil.Class\"}}"),
                good.replace("}", ",\"properties\":{\"a&password\":\"x\"}}"),
                good.replace("}", ",\"properties\":{\"options\":\"-c x=y\"}}"),
                good.replace("}", ",\"properties\":{\"SSLMODE\":\"require\"}}"),
                good.replace("}", ",\"properties\":{\"sslMode\":\"disable\"}}"),
                good.replace("}", ",\"properties\":{\"sslmode\":\"require&socketFactory=x\"}}"),
                good.replace("}", ",\"properties\":{\"sslrootcert\":\"/a/../b\"}}"),
                good.replace("}", ",\"properties\":{\"sslrootcert\":\"http://x/y\"}}"),
                good.replace("}", ",\"properties\":{\"loggerFile\":\"/tmp/x\"}}"),
                good.replace("\"database\":\"x\"", "\"database\":\"" + "x".repeat(256) + "\""),
                good.replace("}", ",\"region\":\"" + "x".repeat(256) + "\"}"),
                good.replace("\"password\":\"y\"", "\"password\":\"" + "x".repeat(1025) + "\""),
                good.replace("\"password\":\"y\"", "\"password\":\"\""),
                good.replace("\"password\":\"y\"", "\"password\":\"env:ANABRANCH_CREDENTIAL_KEY\""),
                good.replace("\"password\":\"y\"", "\"password\":\"file:relative/path\""),
                good.replace("\"user\":\"" + Servers.postgres().superuser(), "\"user\":\"a\\u0000b"))) {
            Answer answer = node.put("/v1/databases/shard-9", bad);
            assertThat(answer.status()).as(bad).isEqualTo(400);
            assertThat(answer.problem()).isNotBlank();
        }
        for (String bad : List.of(
                "{}",
                "{\"kind\":\"sharded\"}",
                "{\"kind\":\"sharded\",\"hash\":[]}",
                "{\"kind\":\"sharded\",\"hash\":[\"shard-1\",\"shard-1\"]}",
                "{\"kind\":\"sharded\",\"hash\":[null]}",
                "{\"kind\":\"global\",\"hash\":[\"shard-1\"]}",
                "{\"kind\":\"other\",\"database\":\"shard-1\"}")) {
            assertThat(node.put("/v1/groups/new", bad).status()).as(bad).isEqualTo(400);
        }
        assertThat(node.put("/v1/groups/new", "{\"kind\":\"global\",\"database\":\"none\"}").problem())
                .isEqualTo("database_unknown");
        assertThat(node.put("/v1/groups/people/tenants/1", "{\"database\":\"none\"}").problem())
                .isEqualTo("database_unknown");
        assertThat(node.put("/v1/databases/" + Node.segment("../x"), good).problem()).isEqualTo("configuration_invalid");
    }

    @Test
    void harmlessDriverPropertiesAreSentToApplications() {
        String properties = ",\"properties\":{\"sslmode\":\"verify-full\",\"sslrootcert\":\"/etc/ssl/own-ca.pem\","
                + "\"ApplicationName\":\"people 2\",\"targetServerType\":\"primary\"}}";
        assertThat(node.put("/v1/databases/shard-1", Servers.body("x", "y").replace("}", properties)).status())
                .isEqualTo(200);
        assertThat(snapshot("", app).database("shard-1").primary().properties())
                .containsEntry("sslrootcert", "/etc/ssl/own-ca.pem");
        String mysql = Servers.body("x", "y").replace("\"postgres\"", "\"mysql\"");
        assertThat(node.put("/v1/databases/shard-1", mysql.replace("}", ",\"properties\":{\"sslMode\":\"trust\"}}"))
                        .status())
                .isEqualTo(200);
        assertThat(node.put("/v1/databases/shard-1", mysql.replace("}", ",\"properties\":{\"sslmode\":\"require\"}}"))
                        .problem())
                .isEqualTo("configuration_invalid");
    }

    @Test
    void groupsAreReadWholeWhileTheyChange() throws InterruptedException {
        String other = SHARDED.replace("[\"shard-1\",\"shard-2\"]", "[\"shard-3\"]");
        Thread changes = Thread.ofVirtual().start(() -> {
            for (int i = 0; i < 60; i++) {
                node.put("/v1/groups/people?force=true", i % 2 == 0 ? other : SHARDED);
                node.delete("/v1/groups/people?force=true");
            }
        });
        try {
            while (changes.isAlive()) {
                assertThat(node.get("/v1/groups", node.admin()).status()).isEqualTo(200);
            }
        } finally {
            changes.join();
        }
    }

    @Test
    void everyChangeIsAudited() {
        node.put("/v1/groups/people/tenants/42", "{\"database\":\"shard-3\"}", "X-Reason", "ticket 4711");
        Answer audit = node.get("/v1/audit?limit=2", node.admin());
        assertThat(audit.text("/items/0/action")).isEqualTo("tenant.pin");
        assertThat(audit.text("/items/0/subject")).isEqualTo("people/42");
        assertThat(audit.text("/items/0/who")).isEqualTo("admin");
        assertThat(audit.text("/items/0/who_id")).isEqualTo(node.get("/v1/tokens", node.admin()).text("/items/0/id"));
        assertThat(audit.text("/items/0/why")).isEqualTo("ticket 4711");
        assertThat(audit.text("/items/0/details/after/database")).isEqualTo("shard-3");
        assertThat(audit.json().at("/items/0/revision").asLong()).isEqualTo(node.get("/v1/status", app).revision());
        Answer older = node.get("/v1/audit?limit=2&before=" + audit.text("/next"), node.admin());
        assertThat(older.text("/items/0/id")).isNotEqualTo(audit.text("/items/1/id"));
        assertThat(Output.text()).contains("tenant.pin people/42 by admin: revision");
    }

    @Test
    void reasonsBeyondAsciiAreReadAsTheCommandLineWritesThem() {
        node.put("/v1/groups/people/tenants/43", "{}", "X-Reason", "UTF-8''Gr%C3%B6%C3%9Fe%20100%25%20+1");

        assertThat(node.get("/v1/audit?limit=1", node.admin()).text("/items/0/why")).isEqualTo("Größe 100% +1");
        assertThat(node.put("/v1/groups/people/tenants/43", "{}", "X-Reason", "UTF-8''%zz").problem())
                .isEqualTo("request_invalid");
    }
}
