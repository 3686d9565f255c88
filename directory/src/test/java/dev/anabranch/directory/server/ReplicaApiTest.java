// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.directory.server;

import dev.anabranch.topology.Group;
import dev.anabranch.topology.Replica;
import dev.anabranch.topology.Topology;
import dev.anabranch.topology.TopologyJson;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class ReplicaApiTest {
    private static final String MAIN = "/v1/databases/main";
    private static final String REPLICAS = MAIN + "/replicas";
    private static final String GLOBAL = "{\"kind\":\"global\",\"database\":\"main\"}";

    private static Node node;
    private static String meta;
    private static String app;

    @BeforeAll
    static void start() {
        meta = Servers.newDatabase();
        node = Node.start(meta);
        app = node.token("app");
    }

    @AfterAll
    static void close() {
        node.close();
    }

    @BeforeEach
    void fill() {
        node.clear();
        for (String name : List.of("main", "published")) {
            String body = database("db." + name, "app-secret", "");
            assertThat(node.put("/v1/databases/" + name, body).status()).isEqualTo(201);
        }
        assertThat(node.put("/v1/groups/catalog", GLOBAL).status()).isEqualTo(201);
    }

    private static String database(String host, String password, String more) {
        return "{\"flavor\":\"postgres\",\"host\":\"" + host + "\",\"database\":\"app\",\"user\":\"app\",\"password\":\""
                + password + "\"" + more + "}";
    }

    private static String replica(String host, String more) {
        return "{\"host\":\"" + host + "\",\"user\":\"reader\",\"password\":\"reader-secret\"" + more + "}";
    }

    private static void add(String name, String host, String more) {
        assertThat(node.put(REPLICAS + "/" + name, replica(host, more)).status()).isEqualTo(201);
    }

    private static Topology snapshot(String token) {
        return TopologyJson.read(
                node.get("/v1/snapshot", token).body().getBytes(StandardCharsets.UTF_8));
    }

    private static String operator() {
        return node.token("operator");
    }

    @Test
    void aReplicaIsPartOfTheSnapshotWithItsOwnLogin() {
        add("reports", "db2", ",\"weight\":3,\"audiences\":[\"internal\"]");
        node.put("/v1/audiences/internal", "{\"read_only\":true}");
        Topology topology = snapshot(app);
        Replica replica = topology.database("main").replica("reports").orElseThrow();
        assertThat(replica.endpoint().host()).isEqualTo("db2");
        assertThat(replica.endpoint().database()).isEqualTo("app");
        assertThat(replica.endpoint().user()).isEqualTo("reader");
        assertThat(replica.endpoint().password().reveal()).isEqualTo("reader-secret");
        assertThat(replica.weight()).isEqualTo(3);
        assertThat(replica.audiences()).containsExactly("internal");
        assertThat(topology.audience("internal").readOnly()).isTrue();
    }

    @Test
    void aReplicasPasswordIsForAppsAloneAndSealedWhereItLies() throws SQLException {
        add("reports", "db2", "");
        for (String role : List.of("viewer", "operator", "admin")) {
            assertThat(node.get("/v1/snapshot", node.token(role)).body()).contains("reports").doesNotContain("reader-secret");
        }
        Answer told = node.get(REPLICAS + "/reports", operator());
        assertThat(told.text("/credential")).isEqualTo("encrypted");
        assertThat(told.header("ETag")).matches("\"\\d+\"");
        assertThat(node.get(REPLICAS, operator()).text("/items/0/name")).isEqualTo("reports");
        assertThat(node.get(REPLICAS, app).status()).isEqualTo(403);
        Servers.postgres().execute(meta, "do $$ begin assert 'sealed:v1:' = all (select left(credential, 10) from"
                + " anabranch.replicas) and 1 = (select count(*) from anabranch.replicas), 'in the clear'; end $$");
        assertThat(node.get("/v1/audit?limit=50", node.admin()).body()).contains("replica.add").doesNotContain("reader-secret");
    }

    @Test
    void eachChangeIsARevisionAndTheSameAgainIsNone() {
        add("reports", "db2", "");
        Answer more = node.put(REPLICAS + "/reports", "{\"host\":\"db2\",\"user\":\"reader\",\"weight\":5}");
        assertThat(more.status()).isEqualTo(200);
        assertThat(more.text("/action")).isEqualTo("replica.change");
        assertThat(snapshot(app).database("main").replica("reports").orElseThrow().endpoint().password().reveal())
                .isEqualTo("reader-secret");
        Answer again = node.put(REPLICAS + "/reports", "{\"host\":\"db2\",\"user\":\"reader\",\"weight\":5}");
        assertThat(again.json().at("/changed").asBoolean()).isFalse();
        assertThat(again.revision()).isEqualTo(more.revision());
        Answer stale = node.put(
                REPLICAS + "/reports", replica("db2", ""), "If-Match", "\"" + (more.revision() - 1) + "\"");
        assertThat(stale.problem()).isEqualTo("revision_conflict");
        assertThat(node.delete(REPLICAS + "/reports").revision()).isEqualTo(more.revision() + 1);
        assertThat(snapshot(app).database("main").replicas()).isEmpty();
    }

    @Test
    void whatNoTopologyAcceptsIsRefused() {
        add("reports", "db2", "");
        assertThat(node.put("/v1/databases/published/replicas/reports", replica("db2", "")).problem()).isEqualTo("name_taken");
        assertThat(node.put(REPLICAS + "/published", replica("db2", "")).problem()).isEqualTo("name_taken");
        assertThat(node.put("/v1/databases/reports", database("db9", "x", "")).problem()).isEqualTo("name_taken");
        assertThat(node.put(REPLICAS + "/r2", replica("db2", ",\"flavor\":\"mariadb\"")).problem())
                .isEqualTo("configuration_invalid");
        assertThat(node.put(MAIN, "{\"flavor\":\"mariadb\",\"host\":\"db.main\",\"database\":\"app\",\"user\":\"app\","
                        + "\"password\":\"p\"}").problem())
                .isEqualTo("configuration_invalid");
        for (String weight : List.of("0", "1001", "-1")) {
            assertThat(node.put(REPLICAS + "/r2", replica("db2", ",\"weight\":" + weight)).problem())
                    .isEqualTo("configuration_invalid");
        }
        assertThat(node.put(REPLICAS + "/r2", replica("db2", ",\"audiences\":[\"a b\"]")).problem())
                .isEqualTo("configuration_invalid");
        assertThat(node.put(REPLICAS + "/r2", replica("db2/x?", "")).problem()).isEqualTo("configuration_invalid");
        assertThat(node.put(REPLICAS + "/r2", replica("db2", "").replace("reader-secret", "file:/etc/passwd")).problem())
                .isEqualTo("credential_reference_refused");
        assertThat(node.put(REPLICAS + "/r2", "{\"host\":\"db2\"}").problem()).isEqualTo("credential_required");
        assertThat(node.put(REPLICAS + "/r2", "{}").problem()).isEqualTo("replica_incomplete");
        assertThat(node.put("/v1/databases/none/replicas/r2", replica("db2", "")).problem()).isEqualTo("database_unknown");
        assertThat(node.get(REPLICAS + "/r2", operator()).problem()).isEqualTo("replica_unknown");
        assertThat(snapshot(app).database("main").replicas()).hasSize(1);
    }

    @Test
    void aStoredPasswordIsNotSentToAnotherAddressUnasked() {
        add("reports", "db2", "");
        Answer moved = node.put(REPLICAS + "/reports", "{\"host\":\"elsewhere\",\"user\":\"reader\"}");
        assertThat(moved.problem()).isEqualTo("credential_required");
    }

    @Test
    void aReferenceOfTheDatabaseServesItsReplicas() {
        String reference = "file:" + Node.newSecret("from-file");
        assertThat(node.put("/v1/databases/third", database("db3", reference, "")).status()).isEqualTo(201);
        assertThat(node.put("/v1/databases/third/replicas/third-b", "{\"host\":\"db3b\"}").status()).isEqualTo(201);
        Replica replica = snapshot(app).database("third").replica("third-b").orElseThrow();
        assertThat(replica.endpoint().password().reveal()).isEqualTo("from-file");
        assertThat(replica.endpoint().user()).isEqualTo("app");
        assertThat(node.delete("/v1/databases/third").text("/effects/0")).contains("'third-b' goes with it");
    }

    @Test
    void routesByAudienceAreServedAndHoldTheirDatabase() {
        Answer routed = node.put("/v1/groups/catalog", GLOBAL.replace("}", ",\"audiences\":{\"public\":\"published\"}}"));
        assertThat(routed.status()).isEqualTo(200);
        assertThat(routed.text("/after/audiences/public")).isEqualTo("published");
        assertThat(routed.text("/effects/0")).contains("'public' uses 'published' and no longer 'main'");
        assertThat(((Group.Global) snapshot(app).group("catalog")).databaseFor("public")).isEqualTo("published");
        assertThat(node.put("/v1/groups/catalog", GLOBAL).json().at("/changed").asBoolean()).isFalse();
        assertThat(node.delete("/v1/databases/published").problem()).isEqualTo("database_in_use");
        assertThat(node.delete("/v1/audiences/public").problem()).isEqualTo("audience_in_use");
        assertThat(node.get("/read/42?group=catalog&audience=public", app).text("/name")).isEqualTo("published");
        assertThat(node.get("/write/42?group=catalog&audience=public", app).text("/name")).isEqualTo("published");
        assertThat(node.get("/read/42?group=catalog", app).text("/name")).isEqualTo("main");
        assertThat(node.put("/v1/groups/catalog", GLOBAL.replace("}", ",\"audiences\":{\"public\":\"none\"}}")).problem())
                .isEqualTo("database_unknown");
        assertThat(node.put("/v1/groups/catalog", GLOBAL.replace("}", ",\"audiences\":{}}")).status()).isEqualTo(200);
        assertThat(node.delete("/v1/databases/published").status()).isEqualTo(200);
    }

    @Test
    void anAudienceIsKeptWhileSomethingNamesIt() {
        assertThat(node.put("/v1/audiences/internal", "{\"read_only\":true}").status()).isEqualTo(201);
        add("reports", "db2", ",\"audiences\":[\"internal\"]");
        assertThat(node.delete("/v1/audiences/internal").problem()).isEqualTo("audience_in_use");
        assertThat(node.get("/v1/audiences/internal", operator()).text("/replicas/0")).isEqualTo("reports");
        assertThat(node.delete(REPLICAS + "/reports").text("/effects/0")).contains("'internal' any more");
        assertThat(node.delete("/v1/audiences/internal").status()).isEqualTo(200);
        assertThat(node.get("/v1/audiences/internal", operator()).problem()).isEqualTo("audience_unknown");
    }

    @Test
    void readsListTheReplicasThatMayAnswer() {
        node.put("/v1/audiences/internal", "{\"read_only\":true}");
        add("main-b", "db2", ",\"weight\":2");
        add("reports", "db3", ",\"audiences\":[\"internal\"]");
        Answer read = node.get("/read/42?group=catalog", app);
        assertThat(read.text("/name")).isEqualTo("main");
        assertThat(read.json().at("/replicas")).hasSize(1);
        assertThat(read.text("/replicas/0/host")).isEqualTo("db2");
        assertThat(read.text("/replicas/0/password")).isEqualTo("reader-secret");
        assertThat(read.json().at("/replicas/0/weight").asInt()).isEqualTo(2);
        Answer internal = node.get("/read/42?group=catalog&audience=internal", app);
        assertThat(internal.text("/host")).as("never the primary").isEqualTo("db3");
        assertThat(internal.json().at("/replicas")).hasSize(1);
        assertThat(node.get("/write/42?group=catalog", app).json().has("replicas")).isFalse();
        assertThat(node.get("/write/42?group=catalog&audience=internal", app).problem()).isEqualTo("read_only");
        assertThat(node.get("/read/42?group=catalog&audience=nobody", app).problem()).isEqualTo("audience_unknown");
    }

    @Test
    void aReplicaBecomesThePrimaryInOneChange() {
        add("main-b", "db2", "");
        Answer plan = node.send("POST", MAIN + "/promote?dry_run=true", node.admin(), "{\"replica\":\"main-b\"}");
        assertThat(plan.status()).isEqualTo(200);
        assertThat(snapshot(app).database("main").primary().host()).isEqualTo("db.main");
        Answer done = node.send(
                "POST", MAIN + "/promote", node.admin(), "{\"replica\":\"main-b\",\"keep_old_as\":\"main-old\"}");
        assertThat(done.text("/action")).isEqualTo("database.promote");
        assertThat(done.revision()).isEqualTo(plan.revision() + 1);
        Topology topology = snapshot(app);
        assertThat(topology.database("main").primary().host()).isEqualTo("db2");
        assertThat(topology.database("main").primary().user()).isEqualTo("app");
        assertThat(topology.database("main").primary().password().reveal()).isEqualTo("app-secret");
        assertThat(topology.database("main").replica("main-b")).isEmpty();
        Replica old = topology.database("main").replica("main-old").orElseThrow();
        assertThat(old.endpoint().host()).isEqualTo("db.main");
        assertThat(old.endpoint().password().reveal()).isEqualTo("app-secret");
        assertThat(node.send("POST", MAIN + "/promote", node.admin(), "{\"replica\":\"main-b\"}").problem())
                .isEqualTo("replica_unknown");
    }

    @Test
    void theOldPrimaryIsNotKeptUnderTheNameOfTheReplicaThatTakesItsPlace() {
        add("main-b", "db2", "");
        // The same request once more would lead back to it.
        Answer swapped = node.send(
                "POST", MAIN + "/promote", node.admin(), "{\"replica\":\"main-b\",\"keep_old_as\":\"main-b\"}");
        assertThat(swapped.problem()).isEqualTo("name_taken");
        assertThat(snapshot(app).database("main").primary().host()).isEqualTo("db.main");
    }

    @Test
    void aSnapshotOfSomeGroupsNamesTheAudiencesOfAll() {
        assertThat(node.put("/v1/groups/elsewhere", "{\"kind\":\"global\",\"database\":\"published\"}").status())
                .isEqualTo(201);
        add("reports", "db2", ",\"audiences\":[\"internal\"]");
        Topology part = TopologyJson.read(
                node.get("/v1/snapshot?group=elsewhere", app).body().getBytes(StandardCharsets.UTF_8));
        assertThat(part.databases()).containsOnlyKeys("published");
        assertThat(part.audience("internal").readOnly()).isFalse();
    }

    @Test
    void anEncryptedPasswordGoesToAReplicasAddressOnlyForWhoMayHaveItSentThere() {
        add("main-b", "db2", "");
        String promotion = "{\"replica\":\"main-b\"}";
        Answer refused = node.send("POST", MAIN + "/promote", operator(), promotion);
        assertThat(refused.problem()).isEqualTo("credential_required");
        assertThat(node.send("POST", MAIN + "/promote", node.token("viewer"), promotion).status()).isEqualTo(403);
        String given = promotion.replace("}", ",\"password\":\"app-secret\"}");
        assertThat(node.send("POST", MAIN + "/promote", operator(), given).status()).isEqualTo(200);
        assertThat(snapshot(app).database("main").primary().password().reveal()).isEqualTo("app-secret");
    }

    @Test
    void anOperatorPromotesAReplicaWithTheDatabasesOwnPasswordOrReference() {
        String same = "{\"host\":\"db2\",\"user\":\"app\",\"password\":\"app-secret\"}";
        assertThat(node.put(REPLICAS + "/main-b", same).status()).isEqualTo(201);
        assertThat(node.send("POST", MAIN + "/promote", operator(), "{\"replica\":\"main-b\"}").status()).isEqualTo(200);
        String reference = "file:" + Node.newSecret("from-file");
        node.put("/v1/databases/third", database("db3", reference, ""));
        node.put("/v1/databases/third/replicas/third-b", replica("db3b", ""));
        Answer promoted =
                node.send("POST", "/v1/databases/third/promote", operator(), "{\"replica\":\"third-b\"}");
        assertThat(promoted.status()).isEqualTo(200);
        assertThat(snapshot(app).database("third").primary().password().reveal()).isEqualTo("from-file");
    }

    @Test
    void theDescriptionHasThePathsOfReplicasAndAudiences() {
        String description = node.get("/v3/api-docs", node.admin()).body();
        assertThat(description)
                .contains("/v1/databases/{database}/replicas/{replica}")
                .contains("/v1/databases/{database}/promote")
                .contains("/v1/audiences/{name}")
                .contains("keep_old_as");
    }
}
