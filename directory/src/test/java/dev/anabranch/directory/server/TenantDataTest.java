// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.directory.server;

import dev.anabranch.devcluster.MariaDbServer;
import dev.anabranch.devcluster.PostgresServer;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
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
    void tableThatCannotBeReadWithCertaintyIsNamedAndNeverTakenForEmpty() throws SQLException {
        PostgresServer server = Servers.postgres();
        server.createRole("blind_" + first, "blind-password");
        server.execute(first, "grant usage on schema app to blind_" + first
                + "; create schema closed; create table closed.person (customer_id text);"
                + "insert into closed.person values ('42')");
        node.put(
                "/v1/databases/shard-1",
                Servers.body(first, "blind-password").replace("\"user\":\"" + server.superuser(), "\"user\":\"blind_" + first));
        Map<String, String> steps = new LinkedHashMap<>();
        steps.put("app.odd", "grant select on all tables in schema app to blind_" + first);
        steps.put("closed.person", "drop schema closed cascade; create table app.hidden (customer_id text);"
                + "insert into app.hidden values ('42'); grant select on app.hidden to blind_" + first
                + "; alter table app.hidden enable row level security");
        steps.put("app.hidden", "create policy p on app.hidden using (customer_id = current_setting('app.other', true))");
        steps.put("app.hidden:", "drop policy p on app.hidden;"
                + "create policy p on app.hidden using (customer_id = current_setting('anabranch.tenant'));"
                + "create policy q on app.hidden as restrictive using (customer_id <> '42')");
        steps.put("(in app.hidden", "drop policy q on app.hidden");
        for (Map.Entry<String, String> step : steps.entrySet()) {
            Answer unknown = node.put(PIN, "{\"database\":\"shard-2\"}");
            assertThat(unknown.status()).isEqualTo(409);
            assertThat(unknown.problem()).as(step.getKey()).isEqualTo("tenant_data_unknown");
            assertThat(unknown.text("/detail")).contains(step.getKey().replace(":", ""), "shard-1");
            server.execute(first, step.getValue());
        }
        assertThat(node.put(PIN, "{\"database\":\"shard-2\"}").problem()).isEqualTo("tenant_has_data");
        assertThat(node.put(PIN.replace("42", "43"), "{\"database\":\"shard-2\"}").status()).isEqualTo(201);
    }

    @Test
    void tableThatIsLockedIsUnknownAndItsServerNotUnreachable() throws SQLException {
        try (Connection holder = Servers.postgres().connect(first);
                Statement statement = holder.createStatement()) {
            holder.setAutoCommit(false);
            statement.execute("lock table app.person in access exclusive mode");
            Answer unknown = node.put(PIN, "{\"database\":\"shard-2\"}");
            assertThat(unknown.problem()).isEqualTo("tenant_data_unknown");
            assertThat(unknown.text("/detail")).contains("app.person");
            holder.rollback();
        }
    }

    @Test
    void partitionsAreLookedThroughWithTheirParent() throws SQLException {
        Servers.postgres().execute(first, "create table app.parted (customer_id text) partition by list (customer_id);"
                + "create table app.part partition of app.parted for values in ('42');"
                + "insert into app.parted values ('42')");
        assertThat(node.put(PIN, "{\"database\":\"shard-2\"}").text("/detail")).contains("app.parted");
    }

    @Test
    void passwordIsNotGivenInTheClearToWhoeverAsksForIt() throws Exception {
        StringBuilder heard = new StringBuilder();
        Thread server;
        try (ServerSocket asking = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            server = Thread.ofVirtual().start(() -> {
                while (true) {
                    try (Socket client = asking.accept()) {
                        client.setSoTimeout(2_000);
                        InputStream in = client.getInputStream();
                        byte[] bytes = new byte[4096];
                        in.read(bytes);
                        // No TLS here; then authentication with a password in the clear.
                        client.getOutputStream().write('N');
                        in.read(bytes);
                        client.getOutputStream().write(new byte[] {'R', 0, 0, 0, 8, 0, 0, 0, 3});
                        int read = in.read(bytes);
                        synchronized (heard) {
                            heard.append(new String(bytes, 0, Math.max(0, read), StandardCharsets.ISO_8859_1));
                        }
                    } catch (IOException e) {
                        if (asking.isClosed()) {
                            return;
                        }
                    }
                }
            });
            node.put(
                    "/v1/databases/shard-1",
                    Servers.body(first, "overheard-3077")
                            .replace("\"port\":" + Servers.postgres().port(), "\"port\":" + asking.getLocalPort()));
            assertThat(node.put(PIN, "{\"database\":\"shard-2\"}").problem()).isEqualTo("database_unreachable");
        }
        server.join();
        synchronized (heard) {
            assertThat(heard.toString()).doesNotContain("overheard-3077");
        }
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
            mariadb.execute("app", "create table numbered (customer_id bigint)");
            mariadb.execute("app", "insert into numbered values (0), (44)");
            mariadb.createDatabase("other");
            mariadb.execute("other", "create table person (customer_id varchar(128))");
            mariadb.execute("other", "insert into person values ('43')");
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
                for (String tenant : new String[] {"43", "44x", "x"}) {
                    Answer free = node.put(PIN.replace("42", tenant) + "?dry_run=true", "{\"database\":\"shard-2\"}");
                    assertThat(free.status()).as(free.toString()).isEqualTo(200);
                }
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
