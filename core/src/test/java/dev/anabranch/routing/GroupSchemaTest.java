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
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/** Several groups with a schema each, on one database and in one pool. */
class GroupSchemaTest {
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
            assertThat(seen).containsExactlyInAnyOrder("a at good", "b at good");
            assertThat(anabranch.prepare()).containsOnlyKeys("down");
            assertThat(seen).hasSize(2);
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
