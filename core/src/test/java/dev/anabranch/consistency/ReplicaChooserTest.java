// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.consistency;

import dev.anabranch.consistency.ServerChoice.Why;
import dev.anabranch.problem.AnabranchException;
import dev.anabranch.problem.ErrorCode;
import dev.anabranch.topology.Database;
import dev.anabranch.topology.Replica;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import static dev.anabranch.consistency.Cluster.ONE;
import static dev.anabranch.consistency.Cluster.TWO;
import static dev.anabranch.consistency.Cluster.any;
import static dev.anabranch.consistency.Cluster.needs;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** On a real primary with two real standbys that all tests share. */
class ReplicaChooserTest {
    /** What a server that is down or hangs must be out within. */
    private static final Duration SECOND = Duration.ofSeconds(1);

    /** What comes in milliseconds, on a machine that does much else. */
    private static final Duration SOON = Duration.ofSeconds(10);

    private static Cluster cluster;
    private static Database both;
    private static long lastId;

    private final List<String> left = new CopyOnWriteArrayList<>();
    private final List<AutoCloseable> open = new ArrayList<>();
    private Database database;
    private ReplicaMonitor monitor;
    private ReplicaChooser chooser;

    @BeforeAll
    static void start() throws SQLException {
        cluster = new Cluster();
        both = cluster.database();
    }

    @AfterAll
    static void stop() {
        cluster.close();
    }

    @BeforeEach
    void watch() {
        watch(both, ReplicaSettings.DEFAULT);
    }

    @AfterEach
    void close() throws Exception {
        for (AutoCloseable one : open) {
            one.close();
        }
    }

    private void watch(Database of, ReplicaSettings settings) {
        database = of;
        monitor = new ReplicaMonitor(settings, Cluster::connect, Cluster.topology(of));
        open.add(monitor);
        chooser = new ReplicaChooser(monitor);
        chooser.onOut(left::add);
        until("all in rotation", SOON, this::allInRotation);
    }

    @Test
    void sharesReadsEquallyAmongReplicasThatHaveCaughtUp() {
        Mark mark = write();
        until("visible", SOON, () -> count(20, needs(mark)).equals(Map.of(ONE, 10, TWO, 10)));

        assertThat(chooser.choose(database, needs(mark))).satisfies(choice -> {
            assertThat(choice.why()).isEqualTo(Why.REPLICA);
            assertThat(choice.isPrimary()).isFalse();
            assertThat(choice.endpoint()).isIn(Cluster.endpoint(cluster.one), Cluster.endpoint(cluster.two));
            assertThat(choice.detail()).isEqualTo("2 of 2 replicas can answer, least outstanding work");
        });
        assertThat(chooser.choose(database, needs(null, ConsistencyMode.STRONG)).why()).isEqualTo(Why.STRONG);
    }

    @Test
    void sharesByWeightAndByOutstandingWork() {
        watch(Cluster.database(
                cluster.main,
                new Replica(ONE, Cluster.endpoint(cluster.one), 3, Set.of()),
                new Replica(TWO, Cluster.endpoint(cluster.two), 1, Set.of())), ReplicaSettings.DEFAULT);

        assertThat(count(40, any())).isEqualTo(Map.of(ONE, 30, TWO, 10));

        // Three loans of the heavy one are as much as one of the light one.
        List<String> lent = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            String server = chooser.choose(database, any()).server();
            chooser.lent(server);
            lent.add(server);
        }
        assertThat(lent).filteredOn(ONE::equals).hasSize(6);
        lent.stream().filter(TWO::equals).forEach(chooser::returned);
        assertThat(count(5, any())).isEqualTo(Map.of(TWO, 5));
        assertThat(chooser.status(database)).extracting(ReplicaStatus::outstanding).containsExactly(6, 0);
        lent.stream().filter(ONE::equals).forEach(chooser::returned);
        assertThat(chooser.status(database)).extracting(ReplicaStatus::outstanding).containsExactly(0, 0);
    }

    @Test
    void sendsNoReadOfASessionToAReplicaThatHasNotReplayedItsWrite() {
        cluster.one.delay(Duration.ofMillis(1_500));
        cluster.two.delay(Duration.ofMillis(1_500));
        try {
            Mark mark = write();
            assertThat(chooser.choose(database, needs(mark)).why()).isEqualTo(Why.NONE_NEW_ENOUGH);
            assertThat(chooser.choose(database, any()).why()).isEqualTo(Why.REPLICA);
            assertThat(chooser.choose(database, needs(mark, ConsistencyMode.EVENTUAL)).why()).isEqualTo(Why.REPLICA);

            long asked = 0;
            long refused = 0;
            ServerChoice choice;
            do {
                choice = chooser.choose(database, needs(mark));
                asked++;
                if (choice.isPrimary()) {
                    refused++;
                    assertThat(choice.why()).isEqualTo(Why.NONE_NEW_ENOUGH);
                    pause();
                }
                assertThat(asked).isLessThan(10_000);
            } while (choice.isPrimary());

            assertThat(Cluster.highest(choice.endpoint())).isEqualTo(lastId);
            assertThat(refused).isPositive();
        } finally {
            cluster.one.delay(Duration.ZERO);
            cluster.two.delay(Duration.ZERO);
        }
    }

    @Test
    void neverChoosesAReplicaThatLacksTheWriteWhateverNodeAsks() throws SQLException {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        ReplicaMonitor otherMonitor =
                new ReplicaMonitor(ReplicaSettings.DEFAULT, Cluster::connect, Cluster.topology(database));
        open.add(otherMonitor);
        ReplicaChooser other = new ReplicaChooser(otherMonitor);
        until("the other node's", SOON, () -> !other.choose(database, any()).isPrimary());
        ConsistencyTokens tokens = new ConsistencyTokens(List.of());
        cluster.one.delay(Duration.ofMillis(40));
        try (Connection primary = Cluster.connect("main", Cluster.endpoint(cluster.main));
                PreparedStatement insert = primary.prepareStatement("insert into item values (?)");
                Connection one = Cluster.connect(ONE, Cluster.endpoint(cluster.one));
                Connection two = Cluster.connect(TWO, Cluster.endpoint(cluster.two))) {
                        Map<String, Integer> answered = new HashMap<>();
            int byReplicas = 0;
            for (int i = 0; i < 400; i++) {
                insert.setLong(1, ++lastId);
                insert.execute();
                ConsistencySession session = new ConsistencySession();
                session.wrote("main", monitor.markNow("main"));
                ConsistencySession carried = tokens.read(tokens.write(session));
                int reads = 1 + random.nextInt(3);
                for (int read = 0; read < reads; read++) {
                    LockSupport.parkNanos(random.nextInt(12_000_000));
                    ReplicaChooser node = random.nextBoolean() ? chooser : other;
                    ServerChoice choice = node.choose(
                            database, needs(carried.required("main").orElseThrow()));
                    if (!choice.isPrimary()) {
                        byReplicas++;
                        answered.merge(choice.server(), 1, Integer::sum);
                        assertThat(Cluster.highest(choice.server().equals(ONE) ? one : two))
                                .as("seed %d, pair %d on %s", seed, i, choice.server())
                                .isGreaterThanOrEqualTo(lastId);
                    }
                }
            }
            assertThat(byReplicas).as("reads by replicas, seed %d", seed).isGreaterThan(20);
            assertThat(answered).containsKey(TWO);
        } finally {
            cluster.one.delay(Duration.ZERO);
        }
    }

    @Test
    void leavesAKilledOneOutWithinASecondAndTakesItBack() {
        long began = System.nanoTime();
        cluster.one.kill();
        until(ONE + " out", SECOND, () -> isOut(ONE));
        assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(SECOND);
        assertThat(count(4, any())).isEqualTo(Map.of(TWO, 4));
        until("told", SOON, () -> left.equals(List.of(ONE)));
        assertThat(reason(ONE)).contains("does not answer");

        cluster.one.restart();
        until(ONE + " back", SOON, this::allInRotation);
    }

    @Test
    void leavesOneThatHangsOutWithinASecondAndTakesItBack() {
        cluster.two.pause();
        long began = System.nanoTime();
        try {
            until(TWO + " out", SECOND, () -> isOut(TWO));
            assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(SECOND);
            until("told", SOON, () -> left.equals(List.of(TWO)));
            assertThat(count(4, any())).isEqualTo(Map.of(ONE, 4));
            Mark mark = write();
            until("the other has it", SOON, () -> chooser.choose(database, needs(mark)).server().equals(ONE));
        } finally {
            cluster.two.resume();
        }
        until(TWO + " back", SOON, this::allInRotation);
    }

    @Test
    void leavesOutWhatDoesNotReplay() {
        cluster.one.pauseReplay();
        try {
            until(ONE + " out", SECOND, () -> isOut(ONE));
            assertThat(reason(ONE)).isEqualTo("its replay is paused");
            assertThat(left).isEmpty();
        } finally {
            cluster.one.resumeReplay();
        }
        until(ONE + " back", SOON, this::allInRotation);
    }

    @Test
    void leavesOutWhatIsTooFarBehind() {
        watch(database, new ReplicaSettings(
                ConsistencyMode.SESSION, Duration.ofMillis(300), Duration.ofMillis(50), Duration.ofSeconds(5), List.of()));
        cluster.one.delay(Duration.ofSeconds(1));
        try {
            write();
            until(ONE + " out", SECOND, () -> isOut(ONE));
            assertThat(reason(ONE)).contains("behind, and may be 300");
            assertThat(chooser.status(database).getFirst().lag())
                    .hasValueSatisfying(lag -> assertThat(lag).isGreaterThan(Duration.ofMillis(300)));
            until(ONE + " back", SOON, this::allInRotation);
        } finally {
            cluster.one.delay(Duration.ZERO);
        }
    }

    @Test
    void leavesOutWhatHasFailedUntilItAnswersAgain() {
        chooser.failed(ONE, "connection reset");
        // The sampler may have asked again already.
        String reason = chooser.status(database).getFirst().reason();
        if (reason != null) {
            assertThat(reason).contains("connection reset");
        }
        until(ONE + " back", SOON, this::allInRotation);
        assertThat(chooser.choose(database, new ReadNeeds(null, ConsistencyMode.SESSION, null, Set.of(ONE), null)).server())
                .isEqualTo(TWO);
        ServerChoice none = chooser.choose(
                database, new ReadNeeds(null, ConsistencyMode.SESSION, null, Set.of(ONE, TWO), null));
        assertThat(none.why()).isEqualTo(Why.NONE_IN_ROTATION);
        assertThat(none.detail()).contains("it has just failed");
        chooser.failed("unknown", "does not matter");
    }

    @Test
    void givesThePrimaryMarksThatItCannotCompare() {
        Mark mark = write();
        until("visible", SOON, () -> !chooser.choose(database, needs(mark)).isPrimary());

        Mark before = new Mark(mark.timeline() + 1, mark.micros());
        assertThat(chooser.choose(database, needs(before)).why()).isEqualTo(Why.NONE_NEW_ENOUGH);
        Mark unknown = new Mark(Mark.UNKNOWN_TIMELINE, mark.micros());
        assertThat(chooser.choose(database, needs(unknown)).why()).isEqualTo(Why.NONE_NEW_ENOUGH);
        long margin = Standing.CLOCK_MARGIN.toMillis() * 1_000;
        Mark old = new Mark(mark.timeline() + 1, mark.micros() - margin);
        assertThat(chooser.choose(database, needs(old)).isPrimary()).isFalse();
        Mark future = new Mark(mark.timeline(), mark.micros() + 3_600_000_000L);
        assertThat(chooser.choose(database, needs(future)).why()).isEqualTo(Why.NONE_NEW_ENOUGH);
    }

    @Test
    void catchesUpOnAnIdleSystemWhereverThePositionIs() throws SQLException {
        // The place for the next record is behind the header of a segment, where the replica stands before it.
        cluster.main.execute("postgres", "select pg_switch_wal()");
        Mark mark = monitor.markNow("main");
        // Sooner than the next record that an idle primary writes by itself.
        Duration limit = Duration.ofSeconds(3);
        until("visible", limit, () -> !chooser.choose(database, needs(mark)).isPrimary());
        // And behind that of a page; nothing is committed there, and so nothing makes the primary write it out at once.
        for (int page = 0; page < 3; page++) {
            cluster.main.execute("postgres", """
                    do $$ declare filled int := 0; begin loop
                        perform pg_logical_emit_message(false, 'x', repeat('x', filled % 97));
                        exit when (pg_current_wal_insert_lsn() - '0/0') % 8192 = 24;
                        filled := filled + 1;
                    end loop; end $$""");
            Mark here = monitor.markNow("main");
            until("visible at a page", limit, () -> !chooser.choose(database, needs(here)).isPrimary());
        }
    }

    @Test
    void marksAreUpperBoundsOfThePrimarysClockThoughAnswersAreSlow() throws SQLException {
        try (ReplicaMonitor slow = new ReplicaMonitor(
                        ReplicaSettings.DEFAULT,
                        (server, endpoint) -> SlowAnswers.of(Cluster.connect(server, endpoint), Duration.ofMillis(40)),
                        Cluster.topology(database));
                Connection primary = Cluster.connect("main", Cluster.endpoint(cluster.main));
                PreparedStatement clock = primary.prepareStatement(
                        "select (extract(epoch from clock_timestamp()) * 1000000)::bigint")) {
            until("sampled", SOON, () -> slow.markNow("main").timeline() != Mark.UNKNOWN_TIMELINE);
            long worst = Long.MAX_VALUE;
            for (int i = 0; i < 300; i++) {
                try (ResultSet row = clock.executeQuery()) {
                    row.next();
                    worst = Math.min(worst, slow.markNow("main").micros() - row.getLong(1));
                }
                pause();
            }
            assertThat(worst).as("microseconds above the clock").isPositive();
        }
    }

    @Test
    void costsNothingWhereThereAreNoReplicas() {
        AtomicInteger connections = new AtomicInteger();
        Database alone = Cluster.database(cluster.main);
        try (ReplicaMonitor idle = new ReplicaMonitor(
                ReplicaSettings.DEFAULT,
                (server, endpoint) -> {
                    connections.incrementAndGet();
                    return Cluster.connect(server, endpoint);
                },
                Cluster.topology(alone))) {
            ReplicaChooser none = new ReplicaChooser(idle);
            assertThat(none.choose(alone, any()).why()).isEqualTo(Why.NO_REPLICA);
            assertThat(none.choose(alone, needs(null, ConsistencyMode.STRONG)).why()).isEqualTo(Why.NO_REPLICA);
            assertThat(idle.markNow("main").timeline()).isEqualTo(Mark.UNKNOWN_TIMELINE);
            // Two rounds of the one beside it, which does ask.
            long before = monitor.markNow("main").micros();
            until("time to ask", SOON, () -> !chooser.choose(database, needs(
                    new Mark(monitor.markNow("main").timeline(), before))).isPrimary());
            assertThat(connections).hasValue(0);

            idle.update(Cluster.topology(database));
            until("asked", SOON, () -> !none.choose(database, any()).isPrimary());
            assertThat(connections).hasValue(3);
            idle.update(Cluster.topology(alone));
            assertThat(none.choose(alone, any()).why()).isEqualTo(Why.NO_REPLICA);
        }
        monitor.close();
        until("no connection left", SOON, () -> Cluster.connections(cluster.main) == 0
                && Cluster.connections(cluster.one) == 0 && Cluster.connections(cluster.two) == 0);
    }

    @Test
    void servesAnAudienceFromTheReplicasThatAreKeptForItAndNobodyElseThere() {
        watch(Cluster.database(
                cluster.main,
                new Replica(ONE, Cluster.endpoint(cluster.one)),
                new Replica(TWO, Cluster.endpoint(cluster.two), 1, Set.of("internal"))), ReplicaSettings.DEFAULT);

        assertThat(count(4, any())).isEqualTo(Map.of(ONE, 4));
        assertThat(count(4, of("public", null))).isEqualTo(Map.of(ONE, 4));
        assertThat(count(4, of("internal", null))).isEqualTo(Map.of(TWO, 4));
        // A router's word does not open it to others, and leads its own audience nowhere else.
        ReadNeeds named = new ReadNeeds(null, ConsistencyMode.SESSION, null, Set.of(), TWO);
        assertThat(chooser.choose(database, named).why()).isEqualTo(Why.NONE_IN_ROTATION);

        cluster.two.delay(Duration.ofMillis(500));
        try {
            Mark mark = write();
            ServerChoice waited = chooser.choose(database, of("internal", mark));
            assertThat(waited.server()).isEqualTo(TWO);
            assertThat(Cluster.highest(waited.endpoint())).isEqualTo(lastId);

            cluster.two.delay(Duration.ofSeconds(30));
            Mark next = write();
            long began = System.nanoTime();
            assertThatThrownBy(() -> chooser.choose(database, of("internal", next)))
                    .isInstanceOfSatisfying(AnabranchException.class, e -> {
                        assertThat(e.code()).isEqualTo(ErrorCode.AUDIENCE_UNSERVED);
                        assertThat(e.problem()).contains("'main'", "'internal'", TWO, "lacks what was written", "ms behind");
                    });
            assertThat(Duration.ofNanos(System.nanoTime() - began)).isBetween(Duration.ofMillis(900), Duration.ofSeconds(3));
        } finally {
            cluster.two.delay(Duration.ZERO);
        }
        cluster.two.pauseReplay();
        try {
            until("out", SECOND, () -> isOut(TWO));
            assertThatThrownBy(() -> chooser.choose(database, of("internal", null)))
                    .isInstanceOf(AnabranchException.class).hasMessageContaining("its replay is paused");
        } finally {
            cluster.two.resumeReplay();
        }
    }

    private static ReadNeeds of(String audience, @Nullable Mark required) {
        return new ReadNeeds(audience, ConsistencyMode.SESSION, required, Set.of(), null);
    }

    private Mark write() {
        Cluster.write(cluster.main, "insert into item values (" + ++lastId + ")");
        return monitor.markNow("main");
    }

    private Map<String, Integer> count(int choices, ReadNeeds needs) {
        Map<String, Integer> counts = new HashMap<>();
        for (int i = 0; i < choices; i++) {
            counts.merge(chooser.choose(database, needs).server(), 1, Integer::sum);
        }
        return counts;
    }

    private boolean allInRotation() {
        return chooser.status(database).stream().allMatch(ReplicaStatus::inRotation);
    }

    private boolean isOut(String replica) {
        return chooser.status(database).stream().anyMatch(one -> one.replica().equals(replica) && !one.inRotation());
    }

    private @Nullable String reason(String replica) {
        return chooser.status(database).stream()
                .filter(one -> one.replica().equals(replica))
                .findFirst()
                .orElseThrow()
                .reason();
    }

    private static void pause() {
        LockSupport.parkNanos(2_000_000);
    }

    static void until(String what, Duration limit, BooleanSupplier condition) {
        long deadline = System.nanoTime() + limit.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("Not within " + limit.toMillis() + " ms: " + what);
            }
            pause();
        }
    }
}
