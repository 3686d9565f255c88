// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.devcluster;

import java.sql.SQLException;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class MariaDbReplicaTest {
    private static final Duration LIMIT = Duration.ofSeconds(20);

    private static DevCluster cluster;
    private static MariaDbServer primary;
    private static MariaDbServer replica;

    @BeforeAll
    static void start() throws SQLException {
        cluster = DevCluster.builder()
                .mariadb("maria", ServerOptions.defaults().replicating(1))
                .mariadb("maria-replica", ServerOptions.defaults().replicating(2))
                .start();
        primary = cluster.mariadb("maria");
        replica = cluster.mariadb("maria-replica");
        replica.follow(primary);
        primary.createDatabase("app");
        primary.createUser("app", "app-password", "app");
        primary.execute("app", "create table note (id int primary key)");
    }

    @AfterAll
    static void close() {
        cluster.close();
    }

    @Test
    void appliesWhatThePrimaryWrites() throws SQLException {
        primary.execute("app", "insert into note values (1)");

        Await.until("the row", LIMIT, () -> has(1));
        assertThat(text(replica, "select @@gtid_slave_pos")).isEqualTo(text(primary, "select @@gtid_binlog_pos"));
    }

    @Test
    void appliesLaterWhereItIsDelayedOrPaused() throws SQLException {
        primary.execute("app", "insert into note values (2)");
        Await.until("the row", LIMIT, () -> has(2));

        replica.pauseReplay();
        primary.execute("app", "insert into note values (3)");
        assertThat(has(3)).isFalse();
        replica.resumeReplay();
        Await.until("the row", LIMIT, () -> has(3));

        replica.delay(Duration.ofSeconds(2));
        long began = System.nanoTime();
        primary.execute("app", "insert into note values (4)");
        Await.until("the row", LIMIT, () -> has(4));
        assertThat(Duration.ofNanos(System.nanoTime() - began)).isGreaterThan(Duration.ofSeconds(1));
        replica.delay(Duration.ZERO);
    }

    private static boolean has(int id) {
        try {
            return "1".equals(text(replica, "select count(*) from app.note where id = " + id));
        } catch (SQLException notYetThere) {
            return false;
        }
    }

    private static String text(MariaDbServer server, String sql) throws SQLException {
        try (var connection = server.connect("mysql");
                var statement = connection.createStatement();
                var rows = statement.executeQuery(sql)) {
            rows.next();
            return rows.getString(1);
        }
    }
}
