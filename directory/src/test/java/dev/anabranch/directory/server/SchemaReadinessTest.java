// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.directory.server;

import dev.anabranch.devcluster.MariaDbServer;
import dev.anabranch.devcluster.PostgresServer;
import java.sql.SQLException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/** A database takes a group's tenants when it has the group's schema as far as the others have it. */
class SchemaReadinessTest {
    private static final String SCHEMA = ",\"schema\":{\"name\":\"people\",\"migrations\":\"db/people\"}}";
    private static final String GROUP = "{\"kind\":\"sharded\",\"hash\":[\"shard-1\"]" + SCHEMA;
    private static final String PIN = "/v1/groups/people/tenants/42";
    private static final String TO_SECOND = "{\"database\":\"shard-2\"}";

    private static Node node;
    private String first = "";
    private String second = "";

    @BeforeAll
    static void start() {
        node = Node.start(Servers.newDatabase());
    }

    @BeforeEach
    void fill() {
        node.clear();
        first = Servers.newDatabase();
        second = Servers.newDatabase();
        node.put("/v1/databases/shard-1", Servers.body(first, Servers.postgres().password()));
        node.put("/v1/databases/shard-2", Servers.body(second, Servers.postgres().password()));
        assertThat(node.put("/v1/groups/people", GROUP).status()).isEqualTo(201);
    }

    @AfterAll
    static void stop() {
        node.close();
    }

    /** The history as Flyway writes it, with the schema's own marker and a row that repeats. */
    private static void history(String database, int from, int to) throws SQLException {
        PostgresServer server = Servers.postgres();
        server.execute(database, """
                create schema if not exists people;
                create table if not exists people.flyway_schema_history (installed_rank int not null primary key,
                    version varchar(50), description varchar(200) not null, type varchar(20) not null,
                    script varchar(1000) not null, checksum int, installed_by varchar(100) not null default 'o',
                    installed_on timestamp not null default now(), execution_time int not null default 1,
                    success boolean not null);
                insert into people.flyway_schema_history values
                    (0, null, '<< Flyway Schema Creation >>', 'SCHEMA', '"people"', null, 'o', now(), 0, true),
                    (1000, null, 'repeats', 'SQL', 'R__repeats.sql', 5, 'o', now(), 0, true)
                    on conflict do nothing""");
        for (int version = from; version <= to; version++) {
            server.execute(database, "insert into people.flyway_schema_history values (" + version + ", '" + version
                    + "', 'x', 'SQL', 'V" + version + "__x.sql', " + version * 17 + ", 'o', now(), 1, true)");
        }
    }

    private static void change(String database, String sql) throws SQLException {
        Servers.postgres().execute(database, sql.replace("history", "people.flyway_schema_history"));
    }

    @Test
    void databaseIsBroughtToHeadBeforeItTakesTenants() throws SQLException {
        history(first, 1, 10);
        history(second, 1, 9);
        for (String query : new String[] {"", "?dry_run=true"}) {
            Answer behind = node.put(PIN + query, TO_SECOND);
            assertThat(behind.status()).isEqualTo(409);
            assertThat(behind.problem()).isEqualTo("database_behind");
            assertThat(behind.text("/detail"))
                    .isEqualTo("The schema 'people' of the group 'people' on 'shard-2' has V9, the others have V10");
            assertThat(behind.text("/next_steps/0"))
                    .isEqualTo("anabranch migrate apply --service people --database shard-2");
        }
        assertThat(node.get("/v1/groups/people/tenants/42", node.admin()).text("/database")).isEqualTo("shard-1");
        history(second, 10, 10);
        Answer pinned = node.put(PIN, TO_SECOND);
        assertThat(pinned.status()).as(pinned.toString()).isEqualTo(201);
        assertThat(pinned.json().at("/effects").toString()).contains("as far as on the others (V10)");

        // From now on it is one of the group's, which are migrated one after the other while tenants come.
        history(first, 11, 11);
        assertThat(node.put(PIN.replace("42", "43"), TO_SECOND).status()).isEqualTo(201);
    }

    @Test
    void databaseWithoutTheSchemaIsBehind() throws SQLException {
        history(first, 1, 2);
        assertThat(node.put(PIN, TO_SECOND).text("/detail")).contains("has nothing, the others have V2");
        Servers.postgres().execute(second, "create schema people");
        assertThat(node.put(PIN, TO_SECOND).problem()).isEqualTo("database_behind");
    }

    @Test
    void whatFailedOrIsMissingOrDiffersIsSeen() throws SQLException {
        history(first, 1, 3);
        history(second, 1, 3);
        change(second, "update history set success = false where version = '3'");
        assertThat(node.put(PIN, TO_SECOND).text("/detail")).contains("has V2, the others have V3");
        change(second, "update history set success = true; delete from history where version = '2'");
        assertThat(node.put(PIN, TO_SECOND).text("/detail")).contains("[V2] is not among it");
        history(second, 2, 2);
        change(second, "update history set checksum = 1 where version = '2'");
        Answer other = node.put(PIN, TO_SECOND);
        assertThat(other.problem()).isEqualTo("database_behind");
        assertThat(other.text("/detail")).contains("other files").contains("[V2]");
        change(second, "update history set checksum = 34 where version = '2'");
        assertThat(node.put(PIN + "?dry_run=true", TO_SECOND).status()).isEqualTo(200);
        change(second, "delete from history where version in ('1', '2'); insert into history values"
                + " (1, '2', 'b', 'BASELINE', 'b', null, 'o', now(), 0, true)");
        assertThat(node.put(PIN + "?dry_run=true", TO_SECOND).status()).as("begun at V2").isEqualTo(200);
        history(second, 4, 5);
        assertThat(node.put(PIN, TO_SECOND).status()).as("ahead").isEqualTo(201);
    }

    @Test
    void nothingIsAskedWhereNoneHasAHistoryOrNoMigrationsAreNamed() throws SQLException {
        assertThat(node.put(PIN + "?dry_run=true", TO_SECOND).status()).as("no history").isEqualTo(200);
        history(first, 1, 2);
        assertThat(node.put(PIN, TO_SECOND).problem()).isEqualTo("database_behind");
        node.put("/v1/groups/people", GROUP.replace(",\"migrations\":\"db/people\"", ""));
        assertThat(node.put(PIN, TO_SECOND).status()).as("no migrations").isEqualTo(201);
    }

    @Test
    void groupIsNotMadeOnDatabasesOfUnevenStanding() throws SQLException {
        history(first, 1, 2);
        node.delete("/v1/groups/people?force=true");
        String both = GROUP.replace("[\"shard-1\"]", "[\"shard-1\",\"shard-2\"]");
        Answer refused = node.put("/v1/groups/people", both);
        assertThat(refused.problem()).isEqualTo("database_behind");
        assertThat(refused.text("/detail")).contains("'shard-2' has nothing, the others have V2");
        assertThat(refused.text("/next_steps/0")).contains("[shard-1]");
        assertThat(node.put("/v1/groups/people", GROUP).status()).isEqualTo(201);
        assertThat(node.put("/v1/groups/people", both).problem()).isEqualTo("buckets_in_use");
        Answer forced = node.put("/v1/groups/people?force=true&dry_run=true", both);
        assertThat(forced.json().at("/effects").toString()).contains("Forced: The schema 'people'", "has nothing");
        history(second, 1, 2);
        assertThat(node.put("/v1/groups/people?force=true", both).json().at("/effects").toString())
                .contains("as far as").doesNotContain("Forced");
    }

    @Test
    void unreachableDatabaseIsRefusedAndForcedByAdminsAlone() throws SQLException {
        history(first, 1, 2);
        node.put("/v1/databases/shard-2", Servers.body("not_there", "wrong-password-3391"));
        Answer refused = node.put(PIN, TO_SECOND);
        assertThat(refused.status()).isEqualTo(503);
        assertThat(refused.problem()).isEqualTo("database_unreachable");
        assertThat(refused.text("/detail")).contains("'shard-2'", "'people'", "SQLState");
        assertThat(refused.body()).doesNotContain("3391");
        Answer forced = node.put(PIN + "?force=true", TO_SECOND);
        assertThat(forced.status()).isEqualTo(201);
        assertThat(forced.json().at("/effects").toString()).contains("Forced: The database 'shard-2' could not be asked");
    }

    @Test
    void historyThatMayNotBeReadIsNotTakenForNone() throws SQLException {
        history(first, 1, 2);
        history(second, 1, 2);
        PostgresServer server = Servers.postgres();
        server.createRole("blind_" + first, "blind-password");
        String blind = Servers.body(first, "blind-password")
                .replace("\"user\":\"" + server.superuser(), "\"user\":\"blind_" + first);
        assertThat(node.put("/v1/databases/shard-1", blind).status()).isEqualTo(200);
        Answer refused = node.put(PIN, TO_SECOND);
        assertThat(refused.status()).isEqualTo(409);
        assertThat(refused.problem()).isEqualTo("schema_unknown");
        assertThat(refused.text("/detail")).contains("[shard-1]", "42501");
        server.execute(first, "grant usage on schema people to blind_" + first
                + "; grant select on all tables in schema people to blind_" + first);
        assertThat(node.put(PIN, TO_SECOND).status()).isEqualTo(201);
    }

    @Test
    void standingOfEachDatabaseIsTold() throws SQLException {
        String viewer = node.token("viewer");
        String path = "/v1/groups/people/migrations";
        assertThat(node.get(path, viewer).json().at("/databases/0").toString())
                .isEqualTo("{\"database\":\"shard-1\",\"state\":\"level\",\"lacks\":[],\"differs\":[]}");
        history(first, 1, 4);
        history(second, 1, 4);
        node.put(PIN, TO_SECOND);
        change(second, "delete from history where version in ('3', '4')");
        node.put("/v1/databases/shard-3", Servers.body("not_there", "x"));
        node.put(PIN.replace("42", "43") + "?force=true", "{\"database\":\"shard-3\"}");
        Answer standing = node.get(path, viewer);
        assertThat(standing.text("/furthest")).isEqualTo("4");
        assertThat(standing.text("/schema")).isEqualTo("people");
        assertThat(standing.text("/databases/0/state")).isEqualTo("level");
        assertThat(standing.json().at("/databases/1").toString()).isEqualTo(
                "{\"database\":\"shard-2\",\"state\":\"behind\",\"version\":\"2\",\"lacks\":[\"3\",\"4\"],\"differs\":[]}");
        assertThat(standing.text("/databases/2/state")).isEqualTo("unreachable");
        assertThat(standing.text("/databases/2/reason")).startsWith("SQLState ");
        node.put("/v1/groups/plain", "{\"kind\":\"global\",\"database\":\"shard-1\"}");
        assertThat(node.get("/v1/groups/plain/migrations", viewer).problem()).isEqualTo("schema_missing");
        assertThat(node.get("/v1/groups/nobody/migrations", viewer).problem()).isEqualTo("group_unknown");
    }

    @Test
    void mariaDbIsAskedInTheDatabaseOfTheSchemasName() throws SQLException {
        history(first, 1, 2);
        try (MariaDbServer mariadb = MariaDbServer.start("directory-history")) {
            mariadb.createDatabase("app");
            String body = Servers.body("app", mariadb.password())
                    .replace("\"flavor\":\"postgres\"", "\"flavor\":\"mariadb\"")
                    .replace("\"port\":" + Servers.postgres().port(), "\"port\":" + mariadb.port())
                    .replace("\"user\":\"" + Servers.postgres().superuser(), "\"user\":\"" + mariadb.superuser());
            node.put("/v1/databases/shard-2", body);
            assertThat(node.put(PIN, TO_SECOND).text("/detail")).contains("has nothing, the others have V2");
            mariadb.createDatabase("people");
            mariadb.execute("people", "create user blind identified by 'blind-password'");
            mariadb.execute("people", "grant all on app.* to blind");
            String blind = body.replace("\"user\":\"" + mariadb.superuser(), "\"user\":\"blind")
                    .replace("\"password\":\"" + mariadb.password(), "\"password\":\"blind-password");
            node.put("/v1/databases/shard-2", blind);
            assertThat(node.put(PIN, TO_SECOND).problem()).as("denied, and not none").isEqualTo("schema_unknown");
            node.put("/v1/databases/shard-2", body);
            mariadb.execute("people", "create table flyway_schema_history (installed_rank int primary key,"
                    + " version varchar(50), type varchar(20), checksum int, success bool)");
            mariadb.execute("people", "insert into flyway_schema_history values (1, '1', 'SQL', 17, true)");
            assertThat(node.put(PIN, TO_SECOND).text("/detail")).contains("has V1, the others have V2");
            mariadb.execute("people", "insert into flyway_schema_history values (2, '2', 'SQL', 34, true)");
            assertThat(node.put(PIN, TO_SECOND).status()).isEqualTo(201);
        }
    }
}
