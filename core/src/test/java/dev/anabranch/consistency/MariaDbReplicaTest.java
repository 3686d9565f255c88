// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.consistency;

import dev.anabranch.Servers;
import dev.anabranch.consistency.ServerChoice.Why;
import dev.anabranch.devcluster.DevCluster;
import dev.anabranch.devcluster.MariaDbServer;
import dev.anabranch.devcluster.ServerOptions;
import dev.anabranch.topology.Database;
import dev.anabranch.topology.Endpoint;
import dev.anabranch.topology.Flavor;
import dev.anabranch.topology.Replica;
import dev.anabranch.topology.Secret;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

import static dev.anabranch.consistency.Cluster.any;
import static dev.anabranch.consistency.Cluster.needs;
import static dev.anabranch.consistency.ReplicaChooserTest.until;
import static org.assertj.core.api.Assertions.assertThat;

/** On a MariaDB server that replicates to another one with global transaction ids. */
class MariaDbReplicaTest {
    private static final Duration SOON = Duration.ofSeconds(10);

    private static DevCluster cluster;
    private static MariaDbServer main;
    private static MariaDbServer replica;
    private static Database database;

    @BeforeAll
    static void start() throws SQLException {
        ServerOptions options = ServerOptions.defaults().withSetting("log_bin", "binlog");
        cluster = DevCluster.builder()
                .mariadb("main", options.withSetting("server_id", "1"))
                .mariadb("main-replica-1", options.withSetting("server_id", "2"))
                .start();
        main = cluster.mariadb("main");
        replica = cluster.mariadb("main-replica-1");
        replica.execute(
                "mysql",
                "change master to master_host = '127.0.0.1', master_port = " + main.port()
                        + ", master_user = 'copier', master_password = '" + Servers.PASSWORD
                        + "', master_use_gtid = slave_pos, master_connect_retry = 1"
                        // which dev-cluster's servers do without
                        + ", master_ssl = 0, master_ssl_verify_server_cert = 0");
        main.execute("mysql", "create user 'copier'@'%' identified by '" + Servers.PASSWORD + "'");
        main.execute("mysql", "grant replication slave on *.* to 'copier'@'%'");
        replica.execute("mysql", "start slave");
        main.createDatabase("shop");
        main.createUser("shop", Servers.PASSWORD, "shop");
        main.execute("shop", "create table item (id bigint)");
        database = new Database(
                "main", endpoint(main), null, null, List.of(new Replica("main-replica-1", endpoint(replica))));
    }

    @AfterAll
    static void stop() {
        cluster.close();
    }

    @Test
    void neverChoosesAReplicaThatLacksTheWriteAndFindsTheFreshOne() throws SQLException {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        try (ReplicaMonitor monitor =
                        new ReplicaMonitor(ReplicaSettings.DEFAULT, Cluster::connect, Cluster.topology(database));
                Connection primary = main.connect("shop", "shop", Servers.PASSWORD);
                PreparedStatement insert = primary.prepareStatement("insert into item values (?)")) {
            ReplicaChooser chooser = new ReplicaChooser(monitor);
            until("in rotation", SOON, () -> !chooser.choose(database, any()).isPrimary());
            int byReplica = 0;
            try (Connection behind = replica.connect("shop", "shop", Servers.PASSWORD)) {
                for (int i = 1; i <= 200; i++) {
                    insert.setLong(1, i);
                    insert.execute();
                    Mark mark = monitor.markNow("main");
                    LockSupport.parkNanos(random.nextInt(15_000_000));
                    if (!chooser.choose(database, needs(mark)).isPrimary()) {
                        byReplica++;
                        assertThat(Cluster.highest(behind)).as("seed %d, pair %d", seed, i).isEqualTo(i);
                    }
                }
                Mark last = monitor.markNow("main");
                until("visible", SOON, () -> !chooser.choose(database, needs(last)).isPrimary());
            }
            assertThat(byReplica).as("reads by the replica").isPositive();

            replica.execute("mysql", "stop slave sql_thread");
            try {
                insert.setLong(1, 1_000);
                insert.execute();
                Mark mark = monitor.markNow("main");
                // The role may not ask whether it replicates; what it lacks tells all the same.
                for (int i = 0; i < 50; i++) {
                    assertThat(chooser.choose(database, needs(mark)).why()).isEqualTo(Why.NONE_NEW_ENOUGH);
                    LockSupport.parkNanos(5_000_000);
                }
                replica.execute("mysql", "grant slave monitor on *.* to 'shop'@'%'");
                monitor.update(Cluster.topology(new Database("main", endpoint(main), null)));
                monitor.update(Cluster.topology(database));
                until("out", SOON, () -> "it does not apply what it receives (0)".equals(reason(chooser)));
            } finally {
                replica.execute("mysql", "start slave sql_thread");
            }
            until("back", SOON, () -> reason(chooser) == null);
            Mark mark = monitor.markNow("main");
            until("visible", SOON, () -> !chooser.choose(database, needs(mark)).isPrimary());
        }
    }

    private static @Nullable String reason(ReplicaChooser chooser) {
        return chooser.status(database).getFirst().reason();
    }

    private static Endpoint endpoint(MariaDbServer server) {
        return new Endpoint(
                Flavor.MARIADB, server.host(), server.port(), "shop", "shop", Secret.of(Servers.PASSWORD), Map.of());
    }
}
