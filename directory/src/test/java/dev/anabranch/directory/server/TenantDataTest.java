// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.directory.server;

import dev.anabranch.devcluster.MariaDbServer;
import dev.anabranch.devcluster.PostgresServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.sql.SQLException;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class TenantDataTest {
    private static final String PIN = "/v1/groups/people/tenants/42";

    private static Node node;
    private String first = "";

    @BeforeAll
    static void start() {
        node = Node.start(Servers.newDatabase());
    }

    @BeforeEach
    void fill() throws SQLException {
        PostgresServer server = Servers.postgres();
        node.clear();
        first = Servers.newDatabase();
        String second = Servers.newDatabase();
        for (String database : new String[] {first, second}) {
            server.execute(database, "create schema app; create table app.\"odd\"\"name\" (id bigserial, customer_id bigint);"
                    + "create table app.person (id bigserial, customer_id text not null, name text)");
        }
        node.put("/v1/databases/shard-1", Servers.body(first, server.password()));
        node.put("/v1/databases/shard-2", Servers.body(second, server.password()));
        node.put("/v1/groups/people", "{\"kind\":\"sharded\",\"hash\":[\"shard-1\"]}");
    }

    @AfterAll
    static void stop() {
        node.close();
    }

    @Test
    void tenantWithoutRowsIsPinnedElsewhere() throws SQLException {
        Servers.postgres().execute(first, "insert into app.person (customer_id) values ('43'), ('4'), ('420')");
        Answer pinned = node.put(PIN, "{\"database\":\"shard-2\"}");
        assertThat(pinned.status()).isEqualTo(201);
        assertThat(pinned.text("/effects/0")).isEqualTo("The tenant has no rows on 'shard-1'");
    }

    @Test
    void tenantWithRowsStaysUnlessAdminForces() throws SQLException {
        Servers.postgres().execute(first, "insert into app.person (customer_id) values ('42')");
        Answer refused = node.put(PIN, "{\"database\":\"shard-2\"}");
        assertThat(refused.status()).isEqualTo(409);
        assertThat(refused.problem()).isEqualTo("tenant_has_data");
        assertThat(refused.text("/detail")).contains("app.person", "shard-1", "shard-2");
        assertThat(refused.text("/next_steps/0")).startsWith("Move");
        assertThat(node.put(PIN + "?dry_run=true", "{\"database\":\"shard-2\"}").problem()).isEqualTo("tenant_has_data");
        assertThat(node.put(PIN, "{\"database\":\"shard-1\"}").status()).as("pinned where it is").isEqualTo(201);
        assertThat(node.put(PIN, "{}").status()).as("unpinned where it is").isEqualTo(200);
        String operator = node.token("operator");
        assertThat(node.send("PUT", PIN + "?force=true", operator, "{\"database\":\"shard-2\"}").problem())
                .isEqualTo("not_allowed");
        Answer forced = node.put(PIN + "?force=true", "{\"database\":\"shard-2\"}");
        assertThat(forced.text("/effects/0")).contains("stay behind");
        assertThat(forced.text("/after/database")).isEqualTo("shard-2");
    }

    @Test
    void unpinningIsRefusedWhereRowsWouldStayBehind() throws SQLException {
        node.put(PIN, "{\"database\":\"shard-2\"}");
        assertThat(node.delete(PIN + "?dry_run=true").status()).isEqualTo(200);
        String second = node.get("/v1/databases/shard-2", node.admin()).text("/database");
        Servers.postgres().execute(second, "insert into app.\"odd\"\"name\" (customer_id) values (42)");
        assertThat(node.delete(PIN).problem()).isEqualTo("tenant_has_data");
        assertThat(node.put(PIN, "{}").problem()).isEqualTo("tenant_has_data");
        assertThat(node.delete(PIN + "?force=true").status()).isEqualTo(200);
    }

    @Test
    void idThatIsNoValueOfAColumnHasNoRowsThere() throws SQLException {
        Servers.postgres().execute(first, "insert into app.\"odd\"\"name\" (customer_id) values (42)");
        String path = "/v1/groups/people/tenants/" + Node.segment("not'a number");
        assertThat(node.put(path, "{\"database\":\"shard-2\"}").status()).isEqualTo(201);
    }

    @Test
    void rowsBehindRowLevelSecurityAreSeen() throws SQLException {
        PostgresServer server = Servers.postgres();
        server.createRole("app_" + first, "app-password");
        server.execute(
                first,
                "create table app.secured (customer_id text); insert into app.secured values ('42');"
                        + "alter table app.secured enable row level security;"
                        + "create policy tenant on app.secured using (customer_id = current_setting('anabranch.tenant'));"
                        + "grant usage on schema app to app_" + first + ";"
                        + "grant select on all tables in schema app to app_" + first);
        node.put(
                "/v1/databases/shard-1",
                Servers.body(first, "app-password").replace("\"user\":\"" + server.superuser(), "\"user\":\"app_" + first));
        Answer refused = node.put(PIN, "{\"database\":\"shard-2\"}");
        assertThat(refused.problem()).isEqualTo("tenant_has_data");
        assertThat(refused.text("/detail")).contains("app.secured");
        assertThat(node.put(PIN.replace("42", "43"), "{\"database\":\"shard-2\"}").status()).isEqualTo(201);
    }

    @Test
    void databaseThatHangsHoldsUpNobodyForLong() throws IOException {
        try (ServerSocket silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            String body = Servers.body(first, "y")
                    .replace("\"port\":" + Servers.postgres().port(), "\"port\":" + silent.getLocalPort());
            node.put("/v1/databases/shard-1", body);
            long started = System.nanoTime();
            Thread change = Thread.ofVirtual().start(() -> node.put(PIN, "{\"database\":\"shard-2\"}"));
            assertThat(node.put(PIN.replace("42", "43"), "{}").status()).as("another change meanwhile").isEqualTo(201);
            assertThat(Duration.ofNanos(System.nanoTime() - started)).isLessThan(Duration.ofSeconds(2));
            Answer answer = node.put(PIN, "{\"database\":\"shard-2\"}");
            assertThat(answer.problem()).isEqualTo("database_unreachable");
            assertThat(Duration.ofNanos(System.nanoTime() - started)).isLessThan(Duration.ofSeconds(8));
            change.join();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void rowsOnMariaDbAreSeenToo() throws SQLException {
        try (MariaDbServer mariadb = MariaDbServer.start("directory-maria")) {
            mariadb.createDatabase("app");
            mariadb.execute("app", "create table person (customer_id varchar(128))");
            mariadb.execute("app", "insert into person values ('42')");
            for (String flavor : new String[] {"mariadb", "mysql"}) {
                node.put(
                        "/v1/databases/shard-1",
                        Servers.body("app", mariadb.password())
                                .replace("\"flavor\":\"postgres\"", "\"flavor\":\"" + flavor + "\"")
                                .replace("\"port\":" + Servers.postgres().port(), "\"port\":" + mariadb.port())
                                .replace("\"user\":\"" + Servers.postgres().superuser(), "\"user\":\"" + mariadb.superuser()));
                Answer refused = node.put(PIN, "{\"database\":\"shard-2\"}");
                assertThat(refused.problem()).as(refused.toString()).isEqualTo("tenant_has_data");
                assertThat(refused.text("/detail")).contains("app.person");
                assertThat(node.put(PIN.replace("42", "43") + "?dry_run=true", "{\"database\":\"shard-2\"}").status())
                        .isEqualTo(200);
            }
        }
    }

    @Test
    void databaseThatCannotBeAskedIsNamed() {
        node.put("/v1/databases/shard-1", Servers.body("not_there", "wrong-password-5512"));
        Answer answer = node.put(PIN, "{\"database\":\"shard-2\"}");
        assertThat(answer.status()).isEqualTo(503);
        assertThat(answer.problem()).isEqualTo("database_unreachable");
        assertThat(answer.text("/detail")).contains("shard-1");
        assertThat(answer.header("Retry-After")).isNotEmpty();
        assertThat(answer.body()).doesNotContain("5512");
        assertThat(node.put(PIN + "?force=true", "{\"database\":\"shard-2\"}").status()).isEqualTo(201);
    }
}
