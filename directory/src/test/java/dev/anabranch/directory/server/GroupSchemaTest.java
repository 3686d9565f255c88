// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.directory.server;

import dev.anabranch.topology.GroupSchema;
import dev.anabranch.topology.Topology;
import dev.anabranch.topology.TopologyJson;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/** The schema that a group owns, as the directory keeps and tells it. */
class GroupSchemaTest {
    private static final String PLAIN = "{\"kind\":\"global\",\"database\":\"shard-1\"}";
    private static final String GROUP = "/v1/groups/billing";

    private static Node node;
    private static String app;

    @BeforeAll
    static void start() {
        node = Node.start(Servers.newDatabase());
        app = node.token("app");
    }

    @BeforeEach
    void fill() {
        node.clear();
        node.put("/v1/databases/shard-1", Servers.body("x", "y"));
        node.put("/v1/databases/shard-2", Servers.body("x2", "y"));
    }

    @AfterAll
    static void stop() {
        node.close();
    }

    private static String with(String schema) {
        return PLAIN.replace("}", ",\"schema\":" + schema + "}");
    }

    private static Optional<GroupSchema> told(String group) {
        Topology topology =
                TopologyJson.read(node.get("/v1/snapshot", app).body().getBytes(StandardCharsets.UTF_8));
        return topology.group(group).schema();
    }

    @Test
    void schemaIsKeptAndToldToApplications() {
        String schema = "{\"name\":\"billing\",\"migrations\":\"db/billing\",\"entities\":\"billing.jar\",\"extra\":\"x.sql\"}";
        Answer added = node.put(GROUP, with(schema));
        assertThat(added.status()).as(added.toString()).isEqualTo(201);
        assertThat(added.json().at("/after/schema").toString()).isEqualTo(schema);
        assertThat(node.get(GROUP, node.admin()).json().at("/schema").toString()).isEqualTo(schema);
        assertThat(node.get("/v1/audit?limit=1", node.admin()).body()).contains("db/billing");
        GroupSchema.Desired desired = new GroupSchema.Desired("billing.jar", null, "x.sql");
        assertThat(told("billing")).contains(new GroupSchema("billing", "db/billing", desired));
        String sharded = "{\"kind\":\"sharded\",\"hash\":[\"shard-2\"],\"schema\":{\"name\":\"people\",\"file\":\"schema.sql\"}}";
        assertThat(node.put("/v1/groups/people", sharded).status()).isEqualTo(201);
        assertThat(told("people"))
                .contains(new GroupSchema("people", null, new GroupSchema.Desired(null, "schema.sql", null)));
        assertThat(node.put(GROUP, with(schema)).json().at("/changed").asBoolean()).isFalse();
        assertThat(node.get("/write/1?group=people", app).text("/schema")).as("for other languages").isEqualTo("people");
    }

    @Test
    void schemaIsNamedOnceAndWhatIsNamedBesideItChanges() {
        node.put(GROUP, PLAIN);
        assertThat(told("billing")).isEmpty();
        Answer named = node.put(GROUP, with("{\"name\":\"billing\"}"));
        assertThat(named.text("/action")).isEqualTo("group.change");
        assertThat(told("billing")).contains(new GroupSchema("billing", null, null));
        node.put(GROUP, with("{\"name\":\"billing\",\"migrations\":\"a\",\"entities\":\"classes\"}"));
        assertThat(node.put(GROUP, PLAIN).json().at("/changed").asBoolean())
                .as("who does not know of schemas takes none away").isFalse();
        node.put(GROUP, with("{\"name\":\"billing\",\"migrations\":\"b\"}"));
        assertThat(told("billing")).contains(new GroupSchema("billing", "b", null));
        for (String query : List.of("", "?force=true")) {
            Answer refused = node.put(GROUP + query, with("{\"name\":\"invoices\"}"));
            assertThat(refused.status()).isEqualTo(409);
            assertThat(refused.problem()).isEqualTo("schema_fixed");
            assertThat(refused.text("/detail")).contains("'billing'", "'invoices'");
        }
        assertThat(told("billing").orElseThrow().name()).isEqualTo("billing");
    }

    @Test
    void schemaThatCannotBeIsRefused() {
        for (String bad : List.of(
                "{}",
                "{\"migrations\":\"x\"}",
                "{\"name\":\"Billing\"}",
                "{\"name\":\"pg_catalog\"}",
                "{\"name\":\"a; drop table\"}",
                "{\"name\":\"information_schema\"}",
                "{\"name\":\"" + "x".repeat(64) + "\"}",
                "{\"name\":\"billing\",\"extra\":\"x.sql\"}",
                "{\"name\":\"billing\",\"entities\":\"a.jar\",\"file\":\"b.sql\"}",
                "{\"name\":\"billing\",\"migrations\":\"\"}",
                "{\"name\":\"billing\",\"migrations\":\" a\"}",
                "{\"name\":\"billing\",\"migrations\":\"a\\u0000b\"}",
                "{\"name\":\"billing\",\"migrations\":\"a\\nb\"}",
                "{\"name\":\"billing\",\"migrations\":\"" + "x".repeat(1025) + "\"}")) {
            assertThat(node.put(GROUP, with(bad)).problem()).as(bad).isEqualTo("configuration_invalid");
        }
        assertThat(node.put(GROUP, with("{\"name\":\"billing\",\"other\":1}")).problem()).isEqualTo("request_invalid");
        assertThat(node.get(GROUP, node.admin()).status()).isEqualTo(404);
    }

    @Test
    void twoGroupsDoNotOwnOneSchemaOfOneDatabase() {
        String own = with("{\"name\":\"own\"}");
        node.put(GROUP, own);
        Answer second = node.put("/v1/groups/second", own);
        assertThat(second.status()).isEqualTo(409);
        assertThat(second.problem()).isEqualTo("schema_in_use");
        assertThat(second.text("/detail")).contains("billing", "own");
        assertThat(node.put("/v1/groups/third", PLAIN).status()).isEqualTo(201);
        assertThat(node.put("/v1/groups/third", own).problem()).as("named later").isEqualTo("schema_in_use");
        String sharded = "{\"kind\":\"sharded\",\"hash\":[\"shard-2\"],\"schema\":{\"name\":\"own\"}}";
        assertThat(node.put("/v1/groups/elsewhere", sharded).status()).as("another database").isEqualTo(201);
        assertThat(node.put("/v1/groups/elsewhere/tenants/1?force=true", "{\"database\":\"shard-1\"}").problem())
                .as("pinned to it").isEqualTo("schema_in_use");
    }

    @Test
    void twoNamesOfOneDatabaseAreOneForTheSchemasInIt() {
        String own = with("{\"name\":\"own\"}");
        node.put("/v1/databases/alias", Servers.body("x", "y"));
        node.put(GROUP, own);
        String aliased = own.replace("shard-1", "alias");
        Answer second = node.put("/v1/groups/second", aliased);
        assertThat(second.problem()).isEqualTo("schema_in_use");
        assertThat(second.text("/detail")).contains("billing", "own", "alias");
        assertThat(node.put("/v1/groups/second", aliased.replace("\"own\"", "\"other\"")).status())
                .as("a schema each on one database").isEqualTo(201);
        assertThat(node.put("/v1/groups/third", own.replace("shard-1", "shard-2")).status()).isEqualTo(201);
        assertThat(node.put("/v1/databases/shard-2", Servers.body("x", "y")).problem())
                .as("whose address becomes that of another").isEqualTo("schema_in_use");
        assertThat(node.get("/v1/databases/shard-2", node.admin()).text("/database")).isEqualTo("x2");
        assertThat(node.put("/v1/databases/shard-2", Servers.body("x3", "y")).status()).isEqualTo(200);
    }
}
