// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.routing;

import dev.anabranch.Anabranch;
import dev.anabranch.Servers;
import dev.anabranch.consistency.ReplicaStatus;
import dev.anabranch.devcluster.PostgresServer;
import dev.anabranch.topology.Audience;
import dev.anabranch.topology.Database;
import dev.anabranch.topology.Group;
import dev.anabranch.topology.KeyType;
import dev.anabranch.topology.Replica;
import dev.anabranch.topology.ShardKey;
import dev.anabranch.topology.Topology;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import javax.sql.DataSource;

/** What tests of a database with replicas share. */
final class Replicated {
    static final String WHO = "select inet_server_port()";

    private Replicated() {}

    /** A replica that listens where this standby does, with the login of its database. */
    static Replica replica(String name, PostgresServer standby, String database, String... audiences) {
        return new Replica(name, Servers.endpoint(standby, database, Servers.PASSWORD), Replica.USUAL_WEIGHT, Set.of(audiences));
    }

    static Database database(String name, PostgresServer primary, Replica... replicas) {
        return new Database(name, Servers.endpoint(primary, name, Servers.PASSWORD), null, null, List.of(replicas));
    }

    /** A global group called {@code notes} on the first of the databases. */
    static Topology topology(long revision, Database... databases) {
        return topology(revision, Map.of(), databases);
    }

    static Topology topology(long revision, Map<String, Audience> audiences, Database... databases) {
        Map<String, Database> all = new LinkedHashMap<>();
        for (Database database : databases) {
            all.put(database.name(), database);
        }
        return new Topology(
                revision,
                new ShardKey("customer_id", KeyType.TEXT),
                all,
                Map.of("notes", new Group.Global("notes", databases[0].name())),
                audiences);
    }

    /** Waits until these replicas, and no others, are in rotation. */
    static void awaitInRotation(Anabranch anabranch, String... names) {
        Servers.await("in rotation: " + List.of(names), () -> anabranch.replicas().stream()
                .filter(ReplicaStatus::inRotation)
                .map(ReplicaStatus::replica)
                .toList()
                .equals(List.of(names)));
    }

    /** What a connection that only reads answers in auto-commit mode. */
    static String read(DataSource source, String sql) throws SQLException {
        try (Connection connection = source.getConnection()) {
            connection.setReadOnly(true);
            return ask(connection, sql);
        }
    }

    static int portThatReads(DataSource source) throws SQLException {
        return Integer.parseInt(read(source, WHO));
    }

    static String ask(Connection connection, String sql) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql);
                ResultSet rows = statement.executeQuery()) {
            rows.next();
            return rows.getString(1);
        }
    }

    static void execute(DataSource source, String sql) throws SQLException {
        try (Connection connection = source.getConnection();
                PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.execute();
        }
    }
}
