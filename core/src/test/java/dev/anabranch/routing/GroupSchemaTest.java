// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.routing;

import dev.anabranch.Anabranch;
import dev.anabranch.Servers;
import dev.anabranch.Settings;
import dev.anabranch.TopologySource;
import dev.anabranch.devcluster.MariaDbServer;
import dev.anabranch.topology.Database;
import dev.anabranch.topology.Endpoint;
import dev.anabranch.topology.Flavor;
import dev.anabranch.topology.Group;
import dev.anabranch.topology.GroupSchema;
import dev.anabranch.topology.KeyType;
import dev.anabranch.topology.Secret;
import dev.anabranch.topology.ShardKey;
import dev.anabranch.topology.Topology;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/** Several groups with a schema each, on one database and in one pool. */
class GroupSchemaTest {
    private static @Nullable Database sessionSql;

    private static final ShardKey KEY = new ShardKey("customer_id", KeyType.TEXT);

    @Test
    void findsEachGroupsTablesOnTheSameConnection() throws SQLException {
        Database database = Servers.database(Servers.shared(), "schemas");
        // One connection for all, so that each loan meets what the one before has left.
        Settings settings = Settings.of(new TopologySource.Fixed(topology(database)), "auth", "billing", "plain")
                .withPools(new PoolSettings(1, 1, Duration.ofSeconds(3)));
        try (Anabranch anabranch = Anabranch.open(settings)) {
            execute(anabranch, "plain", "create schema auth");
            execute(anabranch, "plain", "create schema billing");
            execute(anabranch, "auth", "create table item (name text)");
            execute(anabranch, "auth", "insert into item values ('account')");
            execute(anabranch, "billing", "create table item (name text)");
            execute(anabranch, "billing", "insert into item values ('invoice')");

            for (int round = 0; round < 3; round++) {
                assertThat(ask(anabranch, "auth", "select name from item")).isEqualTo("account");
                assertThat(ask(anabranch, "plain", "select count(*) from note")).isEqualTo("0");
                assertThat(ask(anabranch, "plain", "show search_path")).isEqualTo("\"$user\", public");
                assertThat(ask(anabranch, "billing", "select name from item")).isEqualTo("invoice");
            }
            assertThat(anabranch.connections()).isEqualTo(1);
            try (Connection connection = anabranch.dataSource("billing").getConnection()) {
                // Before any statement, as Hibernate asks at start.
                assertThat(connection.getSchema()).isEqualTo("billing");
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "discard all",
        "/* as asked */ SET search_path TO auth",
        "set schema 'auth'",
        "set role session_sql_other",
        "reset all",
        "select 1; -- then\n set search_path = auth",
        "select SET_CONFIG('search_path', 'auth', false)",
        "do $$ begin perform set_config('search_path', 'auth', false); end $$",
        "update pg_settings set setting = 'auth' where name = 'search_path'"
    })
    void whatAStatementSetsDoesNotSendTheNextCallerToOtherTables(String sql) throws SQLException {
        try (Anabranch anabranch = oneConnection()) {
            assertThat(ask(anabranch, "billing", "select name from item")).isEqualTo("invoice");
            for (boolean prepare : new boolean[] {false, true}) {
                run(anabranch, sql, prepare);
                assertThat(ask(anabranch, "billing", "select name from item")).isEqualTo("invoice");
                assertThat(ask(anabranch, "billing", "select current_user")).isEqualTo("session_sql");
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "select name from item",
        "insert into item select 'x' where false",
        "update item set name = name",
        "set local search_path to auth",
        "Set Transaction read only",
        "set constraints all deferred",
        "select set_config('app.tenant', ')', true)",
        "show search_path"
    })
    void anOrdinaryStatementCostsNoConnection(String sql) throws SQLException {
        try (Anabranch anabranch = oneConnection()) {
            String before = ask(anabranch, "billing", "select pg_backend_pid()");
            for (boolean prepare : new boolean[] {false, true}) {
                run(anabranch, sql, prepare);
                assertThat(ask(anabranch, "billing", "select pg_backend_pid()")).isEqualTo(before);
            }
        }
    }

    private static synchronized Anabranch oneConnection() throws SQLException {
        if (sessionSql == null) {
            Database database = Servers.database(Servers.shared(), "session_sql");
            for (String sql : new String[] {
                "create role session_sql_other", "grant session_sql_other to session_sql",
                "create schema auth", "create schema billing",
                "create table auth.item (name text)", "create table billing.item (name text)",
                "insert into auth.item values ('account')", "insert into billing.item values ('invoice')",
                "grant all on schema auth, billing to public",
                "grant all on all tables in schema auth, billing to public"
            }) {
                Servers.shared().execute("session_sql", sql);
            }
            sessionSql = database;
        }
        return Anabranch.open(Settings.of(new TopologySource.Fixed(topology(sessionSql)), "auth", "billing")
                .withPools(new PoolSettings(1, 1, Duration.ofSeconds(3))));
    }

    private static void run(Anabranch anabranch, String sql, boolean prepare) throws SQLException {
        try (Connection connection = anabranch.dataSource("billing").getConnection()) {
            if (prepare) {
                try (PreparedStatement statement = connection.prepareStatement(sql)) {
                    statement.execute();
                }
            } else {
                try (Statement statement = connection.createStatement()) {
                    statement.execute(sql);
                }
            }
        }
    }

    @Test
    void keepsTheOperatorsOfExtensions() throws SQLException {
        Database database = Servers.database(Servers.shared(), "extensions");
        Servers.shared().execute("extensions", "create extension citext");
        try (Anabranch anabranch = Anabranch.open(Settings.of(new TopologySource.Fixed(topology(database)), "auth", "plain"))) {
            execute(anabranch, "plain", "create schema auth");
            execute(anabranch, "auth", "create table account (email citext)");
            execute(anabranch, "auth", "insert into account values ('Ada@example.com')");

            assertThat(ask(anabranch, "auth", "select count(*) from account where email = 'ada@example.com'")).isEqualTo("1");
        }
    }

    @Test
    void isADatabaseOfTheServerWithMariaDb() throws SQLException {
        try (MariaDbServer server = MariaDbServer.start("schemas")) {
            server.createDatabase("shop");
            server.createDatabase("auth");
            server.createUser("shop", Servers.PASSWORD, "shop");
            try (Connection root = server.connect("mysql");
                    Statement grant = root.createStatement()) {
                grant.execute("grant all on auth.* to shop");
            }
            Endpoint at = new Endpoint(
                    Flavor.MARIADB, server.host(), server.port(), "shop", "shop", Secret.of(Servers.PASSWORD), Map.of());
            Settings settings = Settings.of(
                            new TopologySource.Fixed(topology(new Database("schemas", at, null))), "auth", "plain")
                    .withPools(new PoolSettings(1, 1, Duration.ofSeconds(3)));
            try (Anabranch anabranch = Anabranch.open(settings)) {
                assertThat(ask(anabranch, "auth", "select database()")).isEqualTo("auth");
                assertThat(ask(anabranch, "plain", "select database()")).isEqualTo("shop");
                assertThat(ask(anabranch, "auth", "select database()")).isEqualTo("auth");
                for (String sql : new String[] {"USE shop", "# why\n use `shop`", "/*! use shop */"}) {
                    execute(anabranch, "auth", sql);
                    assertThat(ask(anabranch, "auth", "select database()")).as(sql).isEqualTo("auth");
                }
                execute(anabranch, "auth", "set local sql_mode = 'ANSI_QUOTES'");
                assertThat(ask(anabranch, "auth", "select @@sql_mode")).doesNotContain("ANSI");
            }
        }
    }

    @Test
    void preparesAllDatabasesWhenAskedAndTellsWhichCouldNotBe() {
        Database good = Servers.database(Servers.shared(), "good");
        Database down = new Database(
                "down", new Endpoint(Flavor.POSTGRES, "127.0.0.1", 1, "x", "x", Secret.of("x"), Map.of()), null);
        Set<String> seen = ConcurrentHashMap.newKeySet();
        Topology topology = new Topology(
                1,
                KEY,
                Map.of("good", good, "down", down),
                Map.of("a", new Group.Global("a", "good"), "b", new Group.Global("b", "down")));
        Settings settings = Settings.of(new TopologySource.Fixed(topology), "a", "b")
                .withPreparation((database, groups, connection) ->
                        groups.forEach(group -> seen.add(group.name() + " at " + database.name())));
        try (Anabranch anabranch = Anabranch.open(settings)) {
            Map<String, SQLException> refused = anabranch.prepare();

            assertThat(refused).containsOnlyKeys("down");
            assertThat(refused.values()).first().asString().contains("to prepare the database (database down");
            // Not b, which has nothing there.
            assertThat(seen).containsExactly("a at good");
            assertThat(anabranch.prepare()).containsOnlyKeys("down");
            assertThat(seen).hasSize(1);
        }
    }

    private static Topology topology(Database database) {
        return new Topology(1, KEY, Map.of(database.name(), database), Map.of(
                "auth", new Group.Global("auth", database.name(), new GroupSchema("auth", null, null)),
                "billing", new Group.Global("billing", database.name(), new GroupSchema("billing", null, null)),
                "plain", new Group.Global("plain", database.name())));
    }

    private static void execute(Anabranch anabranch, String group, String sql) throws SQLException {
        try (Connection connection = anabranch.dataSource(group).getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private static String ask(Anabranch anabranch, String group, String sql) throws SQLException {
        try (Connection connection = anabranch.dataSource(group).getConnection();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            assertThat(row.next()).isTrue();
            return row.getString(1);
        }
    }
}
