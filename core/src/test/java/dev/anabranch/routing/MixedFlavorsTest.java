// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.routing;

import dev.anabranch.Anabranch;
import dev.anabranch.Servers;
import dev.anabranch.Settings;
import dev.anabranch.TopologySource;
import dev.anabranch.devcluster.MariaDbServer;
import dev.anabranch.tenant.TenantContext;
import dev.anabranch.tenant.TenantId;
import dev.anabranch.topology.BucketMap;
import dev.anabranch.topology.Database;
import dev.anabranch.topology.Endpoint;
import dev.anabranch.topology.Flavor;
import dev.anabranch.topology.Group;
import dev.anabranch.topology.KeyType;
import dev.anabranch.topology.Secret;
import dev.anabranch.topology.ShardKey;
import dev.anabranch.topology.Topology;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/** Through plain JDBC, one group may have databases of several flavors. */
class MixedFlavorsTest {
    private static MariaDbServer server;
    private static Anabranch anabranch;

    @BeforeAll
    static void open() throws SQLException {
        server = MariaDbServer.start("mixed");
        server.createDatabase("shop");
        server.createUser("shop", Servers.PASSWORD, "shop");
        Database postgres = Servers.database(Servers.shared(), "mixed");
        Database mariadb = database("maria", Flavor.MARIADB);
        // The flavor of MySQL takes the same wire, with MariaDB's connector where no other is there.
        Database mysql = database("my", Flavor.MYSQL);
        Group group = new Group.Sharded(
                Group.DEFAULT,
                BucketMap.evenly(List.of("mixed")),
                Map.of(new TenantId("m"), "maria", new TenantId("y"), "my"),
                Group.Tenants.ANY);
        anabranch = Anabranch.open(Settings.of(new TopologySource.Fixed(new Topology(
                1,
                new ShardKey("customer_id", KeyType.TEXT),
                Map.of("mixed", postgres, "maria", mariadb, "my", mysql),
                Map.of(Group.DEFAULT, group)))));
    }

    private static Database database(String name, Flavor flavor) {
        return new Database(
                name,
                new Endpoint(
                        flavor, server.host(), server.port(), "shop", "shop", Secret.of(Servers.PASSWORD), Map.of()),
                null);
    }

    @AfterAll
    static void close() {
        anabranch.close();
        server.close();
    }

    @Test
    void routesToEachFlavor() throws SQLException {
        assertThat(ask("p", "select version()")).startsWith("PostgreSQL");
        assertThat(ask("m", "select version()")).contains("MariaDB");
        assertThat(ask("y", "select version()")).contains("MariaDB");
    }

    @Test
    void givesTheCatalogBackAsItWas() throws SQLException {
        TenantContext.call("m", () -> {
            try (Connection connection = anabranch.dataSource().getConnection()) {
                connection.setCatalog("information_schema");
                assertThat(ask(connection, "select database()")).isEqualTo("information_schema");
            }
            return null;
        });
        assertThat(ask("m", "select database()")).isEqualTo("shop");
        assertThat(anabranch.databases()).allSatisfy(status -> assertThat(status.active()).isZero());
    }

    private static String ask(String tenant, String sql) throws SQLException {
        DataSource source = anabranch.dataSource();
        return TenantContext.call(tenant, () -> {
            try (Connection connection = source.getConnection()) {
                return ask(connection, sql);
            }
        });
    }

    private static String ask(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            rows.next();
            return rows.getString(1);
        }
    }
}
