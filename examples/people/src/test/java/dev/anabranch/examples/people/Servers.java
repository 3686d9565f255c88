// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.examples.people;

import dev.anabranch.devcluster.DatabaseServer;
import dev.anabranch.devcluster.DevCluster;
import dev.anabranch.devcluster.PostgresServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/** Two PostgreSQL servers and a MariaDB, for all tests of this JVM; they are gone after it. */
final class Servers {
    static final DevCluster CLUSTER =
            DevCluster.builder().postgres("one", "two").mariadb("maria").start();
    static final PostgresServer ONE = CLUSTER.postgres("one");
    static final PostgresServer TWO = CLUSTER.postgres("two");
    static final DatabaseServer MARIA = CLUSTER.mariadb("maria");

    private Servers() {}

    /** A file with customer 1 on the first server, customer 2 on the second, and the others on both. */
    static Path topology(Path folder, String database, String tenants) throws IOException, SQLException {
        ONE.createDatabase(database);
        TWO.createDatabase(database);
        return Files.writeString(
                folder.resolve(database + ".yaml"),
                """
                shardKey: {column: customer_id, type: text}
                databases:
                  one: {url: "%s", user: %s, password: "env:ONE_PASSWORD"}
                  two: {url: "%s", user: %s, password: "env:TWO_PASSWORD"}
                groups:
                  people: {kind: sharded, placement: {hash: [one, two], pinned: {"1": one, "2": two}}, tenants: %s}
                """
                        .formatted(
                                ONE.jdbcUrl(database), ONE.superuser(), TWO.jdbcUrl(database), TWO.superuser(), tenants));
    }

    static String[] sharded(Path topology) {
        return new String[] {
            "SHARDING_MODE=standalone",
            "SHARDING_CONFIG=" + topology,
            "ONE_PASSWORD=" + ONE.password(),
            "TWO_PASSWORD=" + TWO.password(),
            "SHARDING_CONNECTION_TIMEOUT_MS=1000"
        };
    }

    static String[] standalone(DatabaseServer server, String flavor, String database) throws SQLException {
        server.createDatabase(database);
        return new String[] {
            "SHARDING_MODE=standalone",
            "SHARDING_HOST=" + server.host(),
            "SHARDING_PORT=" + server.port(),
            "SHARDING_USER=" + server.superuser(),
            "SHARDING_PASSWORD=" + server.password(),
            "SHARDING_DATABASE=" + database,
            "SHARDING_FLAVOR=" + flavor,
            "SHARDING_IDENTIFIER_FIELD=customer_id"
        };
    }

    /** What the first column of a query has, asked of the server itself. */
    static List<String> ask(DatabaseServer server, String database, String sql) throws SQLException {
        try (var connection = server.connect(database);
                var rows = connection.createStatement().executeQuery(sql)) {
            List<String> all = new ArrayList<>();
            while (rows.next()) {
                all.add(rows.getString(1));
            }
            return all;
        }
    }
}
