// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.benchmarks;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.anabranch.Anabranch;
import dev.anabranch.Settings;
import dev.anabranch.TopologySource;
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
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import javax.sql.DataSource;

/** The table that is asked, the two pools that ask it, and the query: the same for both. */
final class Notes {
    static final int ROWS = 10_000;
    static final int POOL = 10;

    private static final String QUERY = "select body from note where customer_id = ? and id = ?";

    private Notes() {}

    /** Makes the table with {@value #ROWS} rows for each of two tenants. */
    static void create(Endpoint endpoint) throws SQLException {
        try (HikariDataSource pool = bare(endpoint);
                Connection connection = pool.getConnection();
                var statement = connection.createStatement()) {
            statement.execute("create table note (customer_id text, id int, body text, primary key (customer_id, id))");
            statement.execute("insert into note select c, i, 'body of ' || i from unnest(array['1', '2']) c,"
                    + " generate_series(1, " + ROWS + ") i");
            statement.execute("vacuum analyze note");
        }
    }

    /** HikariCP as anybody would set it up. */
    static HikariDataSource bare(Endpoint endpoint) {
        HikariConfig config = new HikariConfig();
        config.setJdbcUrl(endpoint.jdbcUrl());
        config.setUsername(endpoint.user());
        config.setPassword(endpoint.password().reveal());
        config.setMaximumPoolSize(POOL);
        config.setMinimumIdle(0);
        return new HikariDataSource(config);
    }

    /** The library over the same database, tenants placed by hash. */
    static Anabranch routed(Endpoint endpoint) {
        Group group = new Group.Sharded(
                Group.DEFAULT, BucketMap.evenly(List.of("main")), Map.of(), Group.Tenants.ANY);
        return Anabranch.open(Settings.of(new TopologySource.Fixed(new Topology(
                1,
                new ShardKey("customer_id", KeyType.TEXT),
                Map.of("main", new Database("main", endpoint, null)),
                Map.of(Group.DEFAULT, group)))));
    }

    static String ask(DataSource source, String tenant, int id) throws SQLException {
        try (Connection connection = source.getConnection();
                PreparedStatement query = connection.prepareStatement(QUERY)) {
            query.setString(1, tenant);
            query.setInt(2, id);
            try (ResultSet rows = query.executeQuery()) {
                rows.next();
                return rows.getString(1);
            }
        }
    }

    /** What {@link Rounds} hands to the forks. */
    static Endpoint endpoint() {
        return new Endpoint(
                Flavor.POSTGRES,
                "127.0.0.1",
                Integer.getInteger("notes.port"),
                "postgres",
                "postgres",
                Secret.of(System.getProperty("notes.password")),
                Map.of());
    }
}
