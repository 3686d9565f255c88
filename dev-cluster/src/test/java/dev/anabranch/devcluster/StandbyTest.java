// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.devcluster;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

class StandbyTest {

    private static final Duration LIMIT = Duration.ofSeconds(10);

    private static DevCluster cluster;
    private static PostgresServer main;
    private static PostgresServer replica;

    @BeforeAll
    static void start() throws SQLException {
        // a password that a connection string and a password file could trip over
        cluster = DevCluster.builder()
                .postgres("Main", ServerOptions.defaults().withPassword("it's :a\\ \"secret\"")
                        // so that a slot alone keeps WAL
                        .withSetting("wal_keep_size", "0"))
                .standby("Main-replica-1", "Main")
                .start();
        main = cluster.postgres("Main");
        replica = cluster.postgres("Main-replica-1");
        main.execute("postgres", "create table item (id int)");
    }

    @AfterAll
    static void close() {
        cluster.close();
        assertThat(replica.folder()).doesNotExist();
    }

    @BeforeEach
    void empty() throws SQLException {
        main.execute("postgres", "truncate item");
        replica.awaitCaughtUp(LIMIT);
    }

    @Test
    void takesWhatThePrimaryWritesAndNoWritesOfItsOwn() throws SQLException {
        write(main, 1, 2, 3);

        replica.awaitCaughtUp(LIMIT);

        assertThat(count(replica)).isEqualTo(3);
        assertThat(main.isStandby()).isFalse();
        assertThat(replica.isStandby()).isTrue();
        assertThatThrownBy(() -> write(replica, 4))
                .isInstanceOfSatisfying(SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("25006"));
        assertThat(ask(main, "select application_name from pg_stat_replication join pg_replication_slots"
                + " on active_pid = pid")).isEqualTo("Main-replica-1");
    }

    @Test
    void holdsWritesBackForItsDelayWhichCanChange() throws SQLException {
        replica.delay(Duration.ofMillis(500));
        try {
            var before = System.nanoTime();
            write(main, 1);
            replica.awaitCaughtUp(LIMIT);
            assertThat(Duration.ofNanos(System.nanoTime() - before))
                    .isBetween(Duration.ofMillis(490), Duration.ofSeconds(5));
            assertThat(count(replica)).isEqualTo(1);

            replica.delay(Duration.ofHours(1));
            write(main, 2);
            assertThatThrownBy(() -> replica.awaitCaughtUp(Duration.ofMillis(200)))
                    .isInstanceOf(DevClusterException.class).hasMessageContainingAll("Main-replica-1", "200 ms");
            assertThat(count(replica)).isEqualTo(1);
        } finally {
            replica.delay(Duration.ZERO);
        }
        replica.awaitCaughtUp(LIMIT);
        assertThat(count(replica)).isEqualTo(2);
    }

    @Test
    void replaysNothingWhilePausedAndAllAfterwards() throws SQLException {
        replica.pauseReplay();
        replica.pauseReplay();
        try {
            write(main, 1);
            assertThatThrownBy(() -> replica.awaitCaughtUp(Duration.ofMillis(300)))
                    .isInstanceOf(DevClusterException.class);
            assertThat(count(replica)).isZero();
            assertThatThrownBy(() -> replica.follow(main))
                    .isInstanceOf(IllegalStateException.class).hasMessageContaining("Resume it first");
        } finally {
            replica.resumeReplay();
        }
        replica.awaitCaughtUp(LIMIT);
        assertThat(count(replica)).isEqualTo(1);
    }

    @Test
    void pausesThoughADelayHoldsItUp() throws SQLException {
        replica.delay(Duration.ofHours(1));
        try {
            write(main, 1);
            replica.pauseReplay();
            replica.delay(Duration.ZERO);
            assertThatThrownBy(() -> replica.awaitCaughtUp(Duration.ofMillis(300)))
                    .isInstanceOf(DevClusterException.class);
            assertThat(count(replica)).isZero();
        } finally {
            replica.delay(Duration.ZERO);
            replica.resumeReplay();
        }
        replica.awaitCaughtUp(LIMIT);
        assertThat(count(replica)).isEqualTo(1);
    }

    @Test
    void catchesUpAfterItOrItsPrimaryWasKilled() throws SQLException {
        var port = replica.port();
        replica.delay(Duration.ofMillis(1));
        replica.kill();
        assertThat(replica.isRunning()).isFalse();
        write(main, 1);
        // without the slot, nothing would keep the WAL that the standby lacks
        main.execute("postgres", "select pg_switch_wal(); checkpoint; select pg_switch_wal(); checkpoint");

        replica.restart();
        replica.awaitCaughtUp(LIMIT);

        assertThat(replica.port()).isEqualTo(port);
        assertThat(replica.isStandby()).isTrue();
        assertThat(ask(replica, "show recovery_min_apply_delay")).isEqualTo("1ms");
        assertThat(count(replica)).isEqualTo(1);
        replica.delay(Duration.ZERO);

        main.kill();
        assertThat(count(replica)).isEqualTo(1);
        assertThatThrownBy(() -> replica.awaitCaughtUp(LIMIT))
                .isInstanceOf(DevClusterException.class).hasMessageContainingAll("\"Main\"", "Does it run?");
        main.restart();
        write(main, 2);
        replica.awaitCaughtUp(LIMIT);
        assertThat(count(replica)).isEqualTo(2);
    }

    @Test
    void isWholeThoughThePrimaryWritesWhileItIsCopied() throws Exception {
        main.execute("postgres", "create table big as select n, 0 as step from generate_series(1, 20000) n");
        try (var executor = Executors.newVirtualThreadPerTaskExecutor()) {
            var done = new AtomicBoolean();
            var steps = executor.submit(() -> {
                int step = 0;
                while (!done.get()) {
                    step++;
                    // moves all rows, drops and makes files, and lets WAL start later than what was copied needs it
                    main.execute("postgres", "update big set step = " + step + "; drop table if exists passing;"
                            + " create table passing as select " + step + " as step; checkpoint");
                }
                return step;
            });
            PostgresServer copy;
            try {
                copy = main.standby("copy");
            } finally {
                done.set(true);
            }
            try (copy) {
                int last = steps.get(30, TimeUnit.SECONDS);
                copy.awaitCaughtUp(LIMIT);
                assertThat(last).isGreaterThan(1);
                assertThat(ask(copy, "select count(*) || ' ' || min(step) || ' ' || max(step) from big"))
                        .isEqualTo("20000 " + last + " " + last);
                assertThat(ask(copy, "select step from passing")).isEqualTo(String.valueOf(last));
                assertThat(ask(copy, "select count(*) from pg_ls_dir('pg_replslot')")).isEqualTo("0");
            }
        }
    }

    @Test
    void isNotMadeWhereDataIsOutsideOfTheFolder(@TempDir Path outside) throws Exception {
        var before = slots(main);
        var link = main.dataFolder().resolve("pg_tblspc").resolve("16384");
        Files.createSymbolicLink(link, outside);
        try {
            assertThatThrownBy(() -> main.standby("sharing"))
                    .isInstanceOf(DevClusterException.class).hasMessageContainingAll("\"Main\"", "tablespaces");
            assertThat(slots(main)).isEqualTo(before);
        } finally {
            Files.delete(link);
        }
    }

    @Test
    void runsAsNobodyWhereItsPrimaryDoes() throws Exception {
        assumeTrue(Launcher.isRoot(), "not root");
        var home = Home.ofUser();
        var path = home.servers().resolve(ServerFolder.uniqueName("nobody"));
        try (var primary = PostgresServer.start("nobody", ServerOptions.defaults(), home, path, Lifetime.OWNED,
                        Launcher.NOBODY, Ports::free);
                var standby = primary.standby("nobody-replica")) {
            assertThat(ProcessHandle.of(standby.pid()).orElseThrow().info().user()).contains("nobody");
            try (var files = Files.walk(standby.dataFolder())) {
                assertThat(files).allSatisfy(file -> assertThat(Files.getOwner(file).getName()).isEqualTo("nobody"));
            }
            standby.promote();
            standby.execute("postgres", "create table mine (id int)");
        }
    }

    @Test
    void promotedStandbyTakesWritesAndTheOtherFollowsIt() throws SQLException {
        try (var cluster = DevCluster.builder().postgres("a").standby("b", "a").standby("c", "a").start()) {
            var first = cluster.postgres("a");
            var second = cluster.postgres("b");
            var third = cluster.postgres("c");
            first.execute("postgres", "create table item (id int)");
            write(first, 1);
            third.delay(Duration.ofMillis(300));
            second.awaitCaughtUp(LIMIT);
            second.pauseReplay();
            write(first, 2);
            first.kill();

            second.promote();
            write(second, 3);
            third.follow(second);
            third.awaitCaughtUp(LIMIT);

            assertThat(second.isStandby()).isFalse();
            assertThat(count(second)).isEqualTo(3);
            assertThat(count(third)).isEqualTo(3);
            assertThat(ask(second, "select pg_walfile_name(pg_current_wal_lsn())")).startsWith("00000002");
            assertThat(ask(third, "select received_tli from pg_stat_wal_receiver")).isEqualTo("2");
            assertThatThrownBy(second::promote)
                    .isInstanceOf(IllegalStateException.class).hasMessageContainingAll("\"b\"", "no standby");
            assertThatThrownBy(() -> first.follow(second)).isInstanceOf(IllegalStateException.class);

            second.restart();
            third.restart();
            write(second, 4);
            third.awaitCaughtUp(LIMIT);
            assertThat(count(third)).isEqualTo(4);

            // and once more, from the one that was promoted
            try (var fourth = second.standby("d")) {
                fourth.follow(third);
                write(second, 5);
                third.awaitCaughtUp(LIMIT);
                fourth.awaitCaughtUp(LIMIT);
                assertThat(count(fourth)).isEqualTo(5);
                assertThatThrownBy(() -> third.follow(fourth))
                        .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("which follows it");
                assertThatThrownBy(() -> fourth.standby("e"))
                        .isInstanceOf(DevClusterException.class).hasMessageContaining("is a standby");
                assertThat(slots(third)).isEqualTo(1);
            }
            assertThat(slots(third)).isZero();
            assertThat(slots(second)).isEqualTo(1);
        }
    }

    @Test
    void leavesNothingOnItsPrimaryNorItsPasswordInALog() throws Exception {
        var before = slots(main);
        var temporary = main.standby("Main_replica-1");
        assertThat(slots(main)).isEqualTo(before + 1);
        temporary.close();
        temporary.close();
        assertThat(slots(main)).isEqualTo(before);
        assertThat(temporary.folder()).doesNotExist();

        assertThatThrownBy(() -> main.standby("broken", ServerOptions.defaults().withMaxConnections(10)))
                .isInstanceOf(DevClusterException.class).hasMessageContainingAll("\"broken\"", "max_connections");
        assertThatThrownBy(() -> main.standby("broken", ServerOptions.defaults().withPassword("another")))
                .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("password");
        assertThat(slots(main)).isEqualTo(before);
        try (var left = Files.newDirectoryStream(Home.ofUser().servers(), "broken-*")) {
            assertThat(left).isEmpty();
        }

        replica.delay(Duration.ofMillis(2));
        replica.delay(Duration.ZERO);
        assertThat(replica.log()).content().contains("recovery_min_apply_delay").doesNotContain("secret");
        assertThat(replica.dataFolder().resolve("anabranch.conf")).content().doesNotContain("secret");
    }

    @Test
    void needsAPrimaryThatWasNamedBefore() {
        assertThatThrownBy(() -> DevCluster.builder().mariadb("maria").standby("replica", "maria"))
                .isInstanceOf(IllegalArgumentException.class).hasMessageContainingAll("\"replica\"", "\"maria\"");
        assertThatThrownBy(() -> DevCluster.builder().postgres("a").standby("b", "a").standby("c", "b"))
                .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("\"b\"");
        assertThatThrownBy(() -> DevCluster.builder().postgres("a").standby("a", "a"))
                .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("\"a\"");
    }

    private static void write(PostgresServer server, int... ids) throws SQLException {
        for (int id : ids) {
            server.execute("postgres", "insert into item values (" + id + ")");
        }
    }

    private static int count(PostgresServer server) throws SQLException {
        return Integer.parseInt(ask(server, "select count(*) from item"));
    }

    private static int slots(PostgresServer server) throws SQLException {
        return Integer.parseInt(ask(server, "select count(*) from pg_replication_slots"));
    }

    private static String ask(PostgresServer server, String sql) throws SQLException {
        try (var connection = server.connect("postgres");
                var statement = connection.createStatement();
                var rows = statement.executeQuery(sql)) {
            assertThat(rows.next()).isTrue();
            return rows.getString(1);
        }
    }
}
