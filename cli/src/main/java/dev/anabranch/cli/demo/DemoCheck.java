// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.cli.demo;

import dev.anabranch.cli.terminal.CliFailure;
import dev.anabranch.devcluster.PostgresServer;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.Map;

/** Asks each database directly, past service, directory and library, which customers' rows it holds. */
final class DemoCheck {
    private DemoCheck() {}

    /** By database, by customer: how many rows. */
    static Map<String, Map<String, Integer>> count(DemoCluster cluster) {
        Map<String, Map<String, Integer>> found = new LinkedHashMap<>();
        for (var shard : DemoCluster.SHARDS) {
            found.put(shard, count(cluster.shard(shard)));
        }
        return found;
    }

    private static Map<String, Integer> count(PostgresServer server) {
        Map<String, Integer> rows = new LinkedHashMap<>();
        try (var connection = server.connect(DemoCluster.PEOPLE);
                var statement = connection.createStatement()) {
            try (var table = statement.executeQuery("select to_regclass('public.person') is not null")) {
                if (!table.next() || !table.getBoolean(1)) {
                    return rows;
                }
            }
            try (var result = statement.executeQuery(
                    "select coalesce(customer_id, ''), count(*) from public.person group by 1 order by 1")) {
                while (result.next()) {
                    rows.put(result.getString(1), result.getInt(2));
                }
            }
            return rows;
        } catch (SQLException e) {
            throw CliFailure.failed(
                    "The database on " + server.name() + " cannot be asked for its rows (" + e.getMessage() + ")",
                    "See " + server.log(),
                    e);
        }
    }
}
