// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.routing;

import dev.anabranch.Anabranch;
import dev.anabranch.FakeDirectory;
import dev.anabranch.Servers;
import dev.anabranch.Settings;
import dev.anabranch.TopologySource;
import dev.anabranch.consistency.ConsistencyContext;
import dev.anabranch.consistency.ConsistencyMode;
import dev.anabranch.devcluster.DevCluster;
import dev.anabranch.devcluster.PostgresServer;
import dev.anabranch.devcluster.ServerOptions;
import dev.anabranch.topology.Database;
import dev.anabranch.topology.Secret;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/** Replicas that are killed, stand still, or cancel what stands in the way of their replay. */
class ReplicaFailureTest {
    private static final Duration LIMIT = Duration.ofSeconds(10);
    private static final int READERS = 8;

    private static DevCluster cluster;
    private static PostgresServer primary;
    private static PostgresServer one;
    private static PostgresServer two;

    private Anabranch anabranch;
    private DataSource notes;

    @BeforeAll
    static void start() throws SQLException {
        ServerOptions cancels = ServerOptions.defaults()
                .withSetting("max_standby_streaming_delay", "0")
                .withSetting("wal_receiver_status_interval", "1");
        cluster = DevCluster.builder()
                .postgres("failing")
                .standby("failing-1", "failing", cancels)
                .standby("failing-2", "failing", cancels)
                .start();
        primary = cluster.postgres("failing");
        one = cluster.postgres("failing-1");
        two = cluster.postgres("failing-2");
        Servers.database(primary, "failing");
        primary.execute("failing", "insert into note values ('c', 'there')");
        caughtUp();
    }

    private static void caughtUp() {
        one.awaitCaughtUp(LIMIT);
        two.awaitCaughtUp(LIMIT);
    }

    @AfterAll
    static void stop() {
        cluster.close();
    }

    @BeforeEach
    void open() {
        anabranch = Anabranch.open(Settings.of(
                new TopologySource.Fixed(Replicated.topology(
                        1,
                        Replicated.database(
                                "failing",
                                primary,
                                Replicated.replica("failing-1", one, "failing"),
                                Replicated.replica("failing-2", two, "failing")))),
                "notes"));
        notes = anabranch.dataSource("notes");
        Replicated.awaitInRotation(anabranch, "failing-1", "failing-2");
    }

    @AfterEach
    void close() {
        anabranch.close();
    }

    @Test
    void asksAnotherServerWhereOneIsKilledUnderLoad() throws Exception {
        try (Load load = new Load()) {
            load.awaitReadsOf("failing-1", 100);
            one.kill();
            Replicated.awaitInRotation(anabranch, "failing-2");
            load.awaitReads(200);
            one.restart();
            Replicated.awaitInRotation(anabranch, "failing-1", "failing-2");
            load.awaitReads(200);
        }
    }

    @Test
    void asksAnotherServerWhereOneStandsStillUnderLoad() throws Exception {
        try (Load load = new Load()) {
            load.awaitReadsOf("failing-1", 100);
            one.pause();
            long paused = System.nanoTime();
            try {
                Replicated.awaitInRotation(anabranch, "failing-2");
                assertThat(Duration.ofNanos(System.nanoTime() - paused)).isLessThan(Duration.ofSeconds(1));
                load.awaitReads(500);
                // Each reader goes on: none waits for the one that stands still.
                load.awaitAll();
            } finally {
                one.resume();
            }
            Replicated.awaitInRotation(anabranch, "failing-1", "failing-2");
            assertThat(load.longest()).isLessThan(Duration.ofSeconds(3));
        }
    }

    /** Readers, each in one of the ways in which a service reads: single statements, and transactions of one. */
    private final class Load implements AutoCloseable {
        private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
        private final AtomicBoolean done = new AtomicBoolean();
        private final AtomicLong longestNanos = new AtomicLong();
        private final List<AtomicLong> reads = new ArrayList<>();
        private final List<Future<?>> readers = new ArrayList<>();

        Load() {
            for (int reader = 0; reader < READERS; reader++) {
                boolean autoCommit = reader % 2 == 0;
                AtomicLong count = new AtomicLong();
                reads.add(count);
                readers.add(threads.submit(() -> {
                    while (!done.get()) {
                        long began = System.nanoTime();
                        assertThat(read(autoCommit)).isEqualTo("there");
                        longestNanos.accumulateAndGet(System.nanoTime() - began, Math::max);
                        count.incrementAndGet();
                    }
                    return null;
                }));
            }
        }

        private String read(boolean autoCommit) throws SQLException {
            try (Connection connection = notes.getConnection()) {
                connection.setReadOnly(true);
                connection.setAutoCommit(autoCommit);
                String found;
                try (PreparedStatement statement =
                        connection.prepareStatement("select body from note where customer_id = ? limit ?")) {
                    statement.setString(1, "c");
                    statement.setInt(2, 1);
                    try (ResultSet rows = statement.executeQuery()) {
                        rows.next();
                        found = rows.getString(1);
                    }
                }
                if (!autoCommit) {
                    connection.commit();
                }
                return found;
            }
        }

        private long sum() {
            return reads.stream().mapToLong(AtomicLong::get).sum();
        }

        void awaitReads(long more) {
            long before = sum();
            Servers.await(more + " reads more", () -> sum() >= before + more || readers.stream().anyMatch(Future::isDone));
        }

        void awaitReadsOf(String server, long count) {
            Servers.await("reads of " + server, () -> anabranch.reads().stream()
                    .anyMatch(reads -> reads.server().equals(server) && reads.count() >= count));
        }

        void awaitAll() {
            List<Long> before = reads.stream().map(AtomicLong::get).toList();
            Servers.await("each reader to go on", () -> {
                for (int reader = 0; reader < reads.size(); reader++) {
                    if (reads.get(reader).get() <= before.get(reader) + 1) {
                        return false;
                    }
                }
                return true;
            });
        }

        Duration longest() {
            return Duration.ofNanos(longestNanos.get());
        }

        /** Ends, and fails where a reader has failed. */
        @Override
        public void close() {
            done.set(true);
            try {
                Servers.await("the readers to end", () -> readers.stream().allMatch(Future::isDone));
                assertThat(readers).allSatisfy(reader -> assertThat(reader).succeedsWithin(Duration.ZERO));
            } finally {
                threads.shutdownNow();
            }
        }
    }

    @Test
    void readsAgainElsewhereWhatReplayHasCancelled() throws Exception {
        primary.execute("failing", "create table passing as select n from generate_series(1, 10) n");
        primary.execute("failing", "grant select on passing to failing");
        caughtUp();
        try (Connection connection = notes.getConnection();
                ExecutorService thread = Executors.newVirtualThreadPerTaskExecutor()) {
            connection.setReadOnly(true);
            connection.setAutoCommit(false);
            // Needs the rows of its snapshot for as long as it runs.
            PreparedStatement statement =
                    connection.prepareStatement("select inet_server_port(), (select count(*) from passing), pg_sleep(?)");
            statement.setFetchSize(10);
            statement.setDouble(1, 1.5);
            Future<Integer> port = thread.submit(() -> {
                try (ResultSet rows = statement.executeQuery()) {
                    rows.next();
                    return rows.getInt(1);
                }
            });
            Servers.await("the read to run on a replica", () -> reading(one) + reading(two) == 1);
            PostgresServer conflicted = reading(one) == 1 ? one : two;
            PostgresServer free = conflicted.equals(one) ? two : one;
            // The other one replays nothing of that yet.
            free.delay(Duration.ofHours(1));
            try {
                primary.execute("failing", "delete from passing");
                primary.execute("failing", "vacuum passing");
                assertThat(port.get(20, TimeUnit.SECONDS)).isEqualTo(free.port());
                assertThat(conflicts(conflicted)).isPositive();
                // The transaction goes on there.
                assertThat(Replicated.ask(connection, Replicated.WHO)).isEqualTo(String.valueOf(free.port()));
                connection.commit();
            } finally {
                free.delay(Duration.ZERO);
            }
        }
        caughtUp();
    }

    @Test
    void endsATransactionThatHasReadAllItNeededWhenReplayEndsItsSession() throws Exception {
        primary.execute("failing", "create table passed as select n from generate_series(1, 10) n");
        primary.execute("failing", "grant select on passed to failing");
        caughtUp();
        for (boolean commits : new boolean[] {true, false}) {
            try (Connection connection = notes.getConnection()) {
                connection.setReadOnly(true);
                connection.setAutoCommit(false);
                // Its snapshot stays between two statements.
                connection.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
                assertThat(Replicated.ask(connection, "select count(*) from passed where n > 0")).isNotNull();
                Servers.await("the session", () -> idle() == 1);
                primary.execute("failing", "insert into passed values (1)");
                primary.execute("failing", "delete from passed");
                primary.execute("failing", "vacuum passed");
                Servers.await("the end of the session", () -> idle() == 0);
                if (commits) {
                    connection.commit();
                } else {
                    connection.rollback();
                }
            }
        }
    }

    private static int idle() {
        String query = "select count(*) from pg_stat_activity where state = 'idle in transaction' and query like '%passed%'";
        return asSuperuser(one, query) + asSuperuser(two, query);
    }

    private static int reading(PostgresServer server) {
        return asSuperuser(
                server, "select count(*) from pg_stat_activity where query like '%pg_sleep%' and wait_event = 'PgSleep'");
    }

    private static int conflicts(PostgresServer server) {
        return asSuperuser(server, "select coalesce(sum(confl_lock + confl_snapshot), 0) from pg_stat_database_conflicts");
    }

    private static int asSuperuser(PostgresServer server, String sql) {
        try (Connection connection = server.connect("failing")) {
            return Integer.parseInt(Replicated.ask(connection, sql));
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void fallsBackToThePrimaryWhereNoReplicaIsLeft() throws Exception {
        one.kill();
        two.kill();
        try {
            assertThat(Replicated.portThatReads(notes)).isEqualTo(primary.port());
            Replicated.awaitInRotation(anabranch);
            assertThat(Replicated.portThatReads(notes)).isEqualTo(primary.port());
        } finally {
            one.restart();
            two.restart();
        }
    }

    @Test
    void servesFromThePromotedStandbyAfterAChangeOfTheTopology() throws Exception {
        try (DevCluster small = DevCluster.builder().postgres("old").standby("new", "old").start();
                FakeDirectory directory = new FakeDirectory(Replicated.topology(
                        1,
                        promoted(small.postgres("old"), small.postgres("new"), "failover-replica")))) {
            PostgresServer before = small.postgres("old");
            PostgresServer after = small.postgres("new");
            Servers.database(before, "failover");
            after.awaitCaughtUp(LIMIT);
            try (Anabranch followed = Anabranch.open(Settings.of(
                    new TopologySource.Service(directory.endpoint(), Secret.of(FakeDirectory.TOKEN), null, null), "notes"))) {
                DataSource source = followed.dataSource("notes");
                Replicated.awaitInRotation(followed, "failover-replica");
                Replicated.execute(source, "insert into note values ('c', 'before')");
                assertThat(Replicated.read(source, "select count(*) from note")).isEqualTo("1");
                after.awaitCaughtUp(LIMIT);

                before.kill();
                after.promote();
                directory.publish(Replicated.topology(2, promoted(after, null, "")));
                Servers.await("the change", () -> followed.topology().revision() == 2);

                Servers.await("the promoted standby to take writes", () -> {
                    try {
                        Replicated.execute(source, "insert into note values ('c', 'after')");
                        return true;
                    } catch (SQLException e) {
                        return false;
                    }
                });
                assertThat(Replicated.portThatReads(source)).isEqualTo(after.port());
                assertThat(Replicated.read(source, "select count(*) from note")).isEqualTo("2");
                assertThat(followed.replicas()).isEmpty();

                // It has a standby of its own from now on, on the new timeline.
                try (PostgresServer third = after.standby("third")) {
                    directory.publish(Replicated.topology(3, promoted(after, third, "failover-replica")));
                    Replicated.awaitInRotation(followed, "failover-replica");
                    Replicated.execute(source, "insert into note values ('c', 'third')");
                    assertThat(Replicated.read(source, "select count(*) from note")).isEqualTo("3");
                    third.awaitCaughtUp(LIMIT);
                    // What was written before it was there has been noted by nobody: it answers when it must have that.
                    Servers.await("the new standby to answer", () -> {
                        try {
                            return ConsistencyContext.<Integer, SQLException>call(
                                            ConsistencyMode.EVENTUAL, () -> Replicated.portThatReads(source))
                                    == third.port();
                        } catch (SQLException e) {
                            throw new IllegalStateException(e);
                        }
                    });
                }
            }
        }
    }

    private static Database promoted(
            PostgresServer primary, @Nullable PostgresServer standby, String replica) {
        return standby == null
                ? Replicated.database("failover", primary)
                : Replicated.database("failover", primary, Replicated.replica(replica, standby, "failover"));
    }
}
