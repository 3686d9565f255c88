// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.consistency;

import dev.anabranch.Servers;
import dev.anabranch.devcluster.DevCluster;
import dev.anabranch.devcluster.PostgresServer;
import dev.anabranch.topology.Database;
import dev.anabranch.topology.Endpoint;
import dev.anabranch.topology.KeyType;
import dev.anabranch.topology.Replica;
import dev.anabranch.topology.ShardKey;
import dev.anabranch.topology.Topology;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A primary and two standbys, and a database {@code shop} there whose role can do nothing special. */
final class Cluster implements AutoCloseable {
    static final String ONE = "main-replica-1";
    static final String TWO = "main-replica-2";

    final DevCluster servers = DevCluster.builder()
            .postgres("main")
            .standby(ONE, "main")
            .standby(TWO, "main")
            .start();
    final PostgresServer main = servers.postgres("main");
    final PostgresServer one = servers.postgres(ONE);
    final PostgresServer two = servers.postgres(TWO);

    Cluster() throws SQLException {
        main.createRole("shop", Servers.PASSWORD);
        main.createDatabase("shop", "shop");
        write(main, "create table item (id bigint)");
        one.awaitCaughtUp(Duration.ofSeconds(10));
        two.awaitCaughtUp(Duration.ofSeconds(10));
    }

    static Endpoint endpoint(PostgresServer server) {
        return Servers.endpoint(server, "shop", Servers.PASSWORD);
    }

    Database database() {
        return database(main, new Replica(ONE, endpoint(one)), new Replica(TWO, endpoint(two)));
    }

    static Database database(PostgresServer primary, Replica... replicas) {
        return new Database("main", endpoint(primary), null, null, List.of(replicas));
    }

    static Topology topology(Database database) {
        return new Topology(
                0, new ShardKey("customer_id", KeyType.TEXT), Map.of(database.name(), database), Map.of());
    }

    static Connection connect(String server, Endpoint endpoint) throws SQLException {
        Properties login = new Properties();
        login.setProperty("user", endpoint.user());
        login.setProperty("password", endpoint.password().reveal());
        return DriverManager.getConnection(endpoint.jdbcUrl(), login);
    }

    static void write(PostgresServer server, String sql) {
        try (Connection connection = connect("", endpoint(server));
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    static long highest(Endpoint endpoint) {
        try (Connection connection = connect("", endpoint)) {
            return highest(connection);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    static long highest(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("select coalesce(max(id), 0) from item")) {
            row.next();
            return row.getLong(1);
        }
    }

    /** How many connections the role has there. */
    static int connections(PostgresServer server) {
        try (Connection connection = server.connect("postgres");
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(
                        "select count(*) from pg_stat_activity where usename = 'shop'")) {
            row.next();
            return row.getInt(1);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    static ReadNeeds any() {
        return needs(null);
    }

    static ReadNeeds needs(@Nullable Mark required) {
        return new ReadNeeds(null, ConsistencyMode.SESSION, required, Set.of(), null);
    }

    static ReadNeeds needs(@Nullable Mark required, ConsistencyMode mode) {
        return new ReadNeeds(null, mode, required, Set.of(), null);
    }

    @Override
    public void close() {
        servers.close();
    }
}
