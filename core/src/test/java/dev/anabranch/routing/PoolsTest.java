// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.routing;

import dev.anabranch.Anabranch;
import dev.anabranch.FakeDirectory;
import dev.anabranch.Servers;
import dev.anabranch.Settings;
import dev.anabranch.TopologySource;
import dev.anabranch.devcluster.PostgresServer;
import dev.anabranch.problem.AnabranchException;
import dev.anabranch.problem.ErrorCode;
import dev.anabranch.tenant.TenantContext;
import dev.anabranch.tenant.TenantId;
import dev.anabranch.topology.BucketMap;
import dev.anabranch.topology.Database;
import dev.anabranch.topology.Endpoint;
import dev.anabranch.topology.Flavor;
import dev.anabranch.topology.Group;
import dev.anabranch.topology.KeyType;
import dev.anabranch.topology.Secret;
import dev.anabranch.topology.ShardKey;
import dev.anabranch.topology.Topology;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.tuple;

/** Pools under change: what is down, what moves, what goes, and the budget over all of it. */
class PoolsTest {
    private static final PoolSettings SETTINGS = new PoolSettings(8, 6, Duration.ofSeconds(2));

    @Test
    void neverHoldsMoreConnectionsThanTheBudget() throws Exception {
        Database one = Servers.database(Servers.shared(), "budget_one");
        Database two = Servers.database(Servers.shared(), "budget_two");
        Database three = Servers.database(Servers.shared(), "budget_three");
        AtomicInteger most = new AtomicInteger();
        AtomicInteger done = new AtomicInteger();
        Queue<Throwable> failures = new ConcurrentLinkedQueue<>();
        try (FakeDirectory directory = new FakeDirectory(topology(1, List.of(one, two), Map.of("2", "budget_two")));
                Anabranch anabranch = open(directory, SETTINGS);
                ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
            DataSource notes = anabranch.dataSource();
            AtomicBoolean running = new AtomicBoolean(true);
            callers.execute(() -> {
                while (running.get()) {
                    most.accumulateAndGet(lastingSessions("budget_%"), Math::max);
                }
            });
            int calls = 1500;
            for (int i = 0; i < calls; i++) {
                String tenant = Integer.toString(1 + i % 3);
                if (i == calls / 2) {
                    // A third database takes its share of the budget from the two, under load.
                    directory.publish(topology(
                            2, List.of(one, two, three), Map.of("2", "budget_two", "3", "budget_three")));
                }
                callers.execute(() -> {
                    try {
                        TenantContext.call(tenant, () -> ask(notes, "select pg_sleep(0.002)"));
                        done.incrementAndGet();
                    } catch (SQLException e) {
                        failures.add(e);
                    }
                });
            }
            Servers.await("all calls", () -> done.get() + failures.size() == calls);
            running.set(false);
            assertThat(anabranch.databases()).hasSize(3).allSatisfy(status -> assertThat(status.most()).isEqualTo(2));
        }
        assertThat(failures).isEmpty();
        assertThat(most.get()).isBetween(2, SETTINGS.budget());
    }

    @Test
    void isolatesADatabaseThatIsDownAndComesBackByItself() throws SQLException {
        try (PostgresServer fragile = PostgresServer.start("fragile")) {
            Database sound = Servers.database(Servers.shared(), "sound");
            Database down = Servers.database(fragile, "breaks");
            try (Anabranch anabranch = Anabranch.open(Settings.of(
                            new TopologySource.Fixed(topology(9, List.of(sound, down), Map.of("b", "breaks"))))
                    .withPools(SETTINGS))) {
                DataSource notes = anabranch.dataSource();
                assertThat(databaseOf(notes, "b")).isEqualTo("breaks");

                fragile.kill();

                Servers.await("the first failure", () -> fails(notes, "b"));
                assertThatExceptionOfType(SQLTransientConnectionException.class)
                        .isThrownBy(() -> databaseOf(notes, "b"))
                        .withMessageContaining("tenant 'b'")
                        .withMessageContaining("database breaks, revision 9")
                        .withMessageContaining("active=")
                        .satisfies(e -> assertThat(e.getSQLState()).isEqualTo("08001"))
                        .satisfies(e -> assertThat(e.getMessage()).doesNotContain(Servers.PASSWORD));
                assertThat(anabranch.ping(Duration.ofSeconds(1)))
                        .extracting(DatabaseStatus::database, DatabaseStatus::isUp)
                        .containsExactlyInAnyOrder(
                                tuple("sound", true),
                                tuple("breaks", false));

                // Callers in a row do not each wait the whole time for a database that is known to be down.
                long began = System.nanoTime();
                for (int i = 0; i < 20; i++) {
                    assertThat(fails(notes, "b")).isTrue();
                    assertThat(databaseOf(notes, "a")).isEqualTo("sound");
                }
                assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(5));

                fragile.restart();
                Servers.await("the database to be back", () -> !fails(notes, "b"));
                assertThat(anabranch.databases()).allSatisfy(status -> assertThat(status.isUp()).isTrue());
            }
        }
    }

    @Test
    void renewsConnectionsWhenThePasswordChangesWithoutAFailedCall() throws Exception {
        Database before = Servers.database(Servers.shared(), "rotated");
        String fresh = "fresh-" + Servers.PASSWORD;
        Database after = new Database("rotated", Servers.endpoint(Servers.shared(), "rotated", fresh), null);
        try (FakeDirectory directory = new FakeDirectory(topology(1, List.of(before), Map.of()));
                Anabranch anabranch = open(directory, SETTINGS);
                Load load = new Load(anabranch.dataSource())) {
            load.awaitCalls(100);
            Servers.shared().changePassword("rotated", fresh);
            String changedAt = askServer("select clock_timestamp()");
            directory.publish(topology(2, List.of(after), Map.of()));
            Servers.await("revision 2", () -> anabranch.topology().revision() == 2);
            // Those that serve now were made with the new password.
            Servers.await(
                    "renewed connections",
                    () -> askServer("select count(*) from pg_stat_activity where datname = 'rotated' and backend_start < '"
                                    + changedAt + "'")
                            .equals("0"));
            load.awaitCalls(200);
            assertThat(load.failures()).isEmpty();
        }
    }

    @Test
    void movesToAnotherAddressWithoutAFailedCall() throws Exception {
        Database before = Servers.database(Servers.shared(), "old_place");
        Servers.database(Servers.shared(), "new_place");
        // The same database of the topology, elsewhere.
        Database after =
                new Database("old_place", Servers.endpoint(Servers.shared(), "new_place", Servers.PASSWORD), null);
        try (FakeDirectory directory = new FakeDirectory(topology(1, List.of(before), Map.of()));
                Anabranch anabranch = open(directory, SETTINGS);
                Load load = new Load(anabranch.dataSource())) {
            load.awaitCalls(100);
            directory.publish(topology(2, List.of(after), Map.of()));
            Servers.await("revision 2", () -> anabranch.topology().revision() == 2);
            Servers.await("no session on the old place", () -> serverSees("old_place") == 0);
            load.awaitCalls(100);
            assertThat(databaseOf(anabranch.dataSource(), "a")).isEqualTo("new_place");
            assertThat(load.failures()).isEmpty();
        }
    }

    @Test
    void closesThePoolOfADatabaseThatWasRemovedAfterWhatIsLentCameBack() throws Exception {
        Database stays = Servers.database(Servers.shared(), "stays");
        Database goes = Servers.database(Servers.shared(), "goes");
        try (FakeDirectory directory =
                        new FakeDirectory(topology(1, List.of(stays, goes), Map.of("g", "goes")));
                Anabranch anabranch = open(directory, SETTINGS)) {
            Connection lent = anabranch.dataSource().getConnection();
            TenantContext.call("g", () -> ask(lent, "select 1"));

            directory.publish(topology(2, List.of(stays), Map.of()));
            Servers.await("revision 2", () -> anabranch.topology().revision() == 2);

            assertThat(TenantContext.<String, SQLException>call("g", () -> ask(lent, "select 'alive'")))
                    .isEqualTo("alive");
            lent.close();
            Servers.await("no session on the removed database", () -> serverSees("goes") == 0);
            assertThat(databaseOf(anabranch.dataSource(), "g")).isEqualTo("stays");
        }
    }

    @Test
    void servesEveryDatabaseOfABudgetThatIsTooSmallForAll() throws Exception {
        List<Database> databases = new ArrayList<>();
        Map<String, String> pins = new LinkedHashMap<>();
        for (int i = 0; i < 4; i++) {
            databases.add(Servers.database(Servers.shared(), "small_" + i));
            pins.put(Integer.toString(i), "small_" + i);
        }
        try (Anabranch anabranch = Anabranch.open(Settings.of(new TopologySource.Fixed(topology(1, databases, pins)))
                .withPools(new PoolSettings(2, 2, Duration.ofSeconds(5))))) {
            for (int i = 0; i < 40; i++) {
                // What the others hold idle is given up for the one that is asked.
                assertThat(databaseOf(anabranch.dataSource(), Integer.toString(i % 4))).isEqualTo("small_" + i % 4);
                assertThat(anabranch.connections()).isBetween(1, 2);
                Servers.await("sessions within the budget", () -> serverSees("small_%") <= 2);
            }
        }
    }

    @Test
    void holdsThePermitsWhateverTheSizesOfThePools() throws Exception {
        Database database = Servers.database(Servers.shared(), "permits");
        ConnectionBudget budget = new ConnectionBudget(3, () -> {});
        try (PhysicalSource source = new PhysicalSource(database.primary(), budget, Duration.ofMillis(100))) {
            Connection first = source.getConnection();
            source.getConnection();
            source.getConnection();
            assertThatExceptionOfType(SQLTransientConnectionException.class)
                    .isThrownBy(source::getConnection)
                    .withMessageContaining("All 3 connections")
                    .withMessageContaining("SHARDING_CONNECTION_BUDGET");
            assertThat(serverSees("permits")).isEqualTo(3);
            first.abort(Runnable::run);
            source.getConnection();
            assertThat(budget.inUse()).isEqualTo(3);
        }
        assertThat(budget.inUse()).isZero();
        Servers.await("the sessions to end", () -> serverSees("permits") == 0);
    }

    @Test
    void followsADecisionThatIsNewerThanWhatThePoolsKnow() throws Exception {
        Database before = Servers.database(Servers.shared(), "early");
        Servers.database(Servers.shared(), "later");
        Database after = new Database("early", Servers.endpoint(Servers.shared(), "later", Servers.PASSWORD), null);
        Topology known = topology(1, List.of(before), Map.of());
        AtomicInteger prepared = new AtomicInteger();
        try (Pools pools = new Pools(
                SETTINGS, (which, groups, connection) -> prepared.incrementAndGet(), List.of(), null, known)) {
            assertThat(askThrough(pools, before, 1)).isEqualTo("early");
            assertThat(askThrough(pools, after, 2)).isEqualTo("later");
            // One that was decided before is not taken back to where it was; a new place is prepared anew.
            assertThat(askThrough(pools, before, 1)).isEqualTo("later");
            assertThat(prepared).hasValue(2);

            Database other = new Database("other", before.primary(), null);
            pools.update(topology(3, List.of(other), Map.of()));
            assertThatExceptionOfType(AnabranchException.class)
                    .isThrownBy(() -> askThrough(pools, before, 1))
                    .satisfies(e -> assertThat(e.code()).isEqualTo(ErrorCode.DATABASE_UNAVAILABLE));
        }
    }

    private static String askThrough(Pools pools, Database database, long revision) throws SQLException {
        try (Connection connection = pools.lend(database, revision, null, "for a test")) {
            return ask(connection, "select current_database()");
        }
    }

    @Test
    void leaksNothingWhenItIsClosedWhileAConnectionIsBeingMade() throws Exception {
        Database database = Servers.database(Servers.shared(), "slow");
        ConnectionBudget budget = new ConnectionBudget(2, () -> {});
        PhysicalSource source = new PhysicalSource(database.primary(), budget, Duration.ofSeconds(1));
        source.close();
        assertThatExceptionOfType(SQLException.class)
                .isThrownBy(source::getConnection)
                .satisfies(e -> assertThat(e.getSQLState()).isEqualTo("08003"));
        assertThat(budget.inUse()).isZero();
        Servers.await("the session to end", () -> serverSees("slow") == 0);
    }

    @Test
    void givesUpOnAServerThatTakesConnectionsAndSaysNothing() throws Exception {
        try (ServerSocket mute = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            Endpoint endpoint = new Endpoint(
                    Flavor.POSTGRES, "127.0.0.1", mute.getLocalPort(), "x", "x", Secret.of("x"), Map.of("sslmode", "disable"));
            ConnectionBudget budget = new ConnectionBudget(1, () -> {});
            try (PhysicalSource source = new PhysicalSource(endpoint, budget, Duration.ofSeconds(1))) {
                long began = System.nanoTime();
                assertThatExceptionOfType(SQLException.class).isThrownBy(source::getConnection);
                assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(6));
                assertThat(source.failure()).isNotNull();
                assertThat(budget.inUse()).isZero();
            }
        }
    }

    @Test
    void preparesADatabaseOnceAndAgainAfterAFailure() throws SQLException {
        Database database = Servers.database(Servers.shared(), "prepared");
        AtomicInteger attempts = new AtomicInteger();
        try (Anabranch anabranch = Anabranch.open(Settings.of(
                        new TopologySource.Fixed(topology(1, List.of(database), Map.of())))
                .withPreparation((which, groups, connection) -> {
                    assertThat(which.name()).isEqualTo("prepared");
                    connection.setAutoCommit(false);
                    if (attempts.incrementAndGet() == 1) {
                        throw new SQLException("not yet");
                    }
                }))) {
            assertThatExceptionOfType(SQLException.class)
                    .isThrownBy(() -> databaseOf(anabranch.dataSource(), "a"))
                    .withMessage("not yet");
            assertThat(databaseOf(anabranch.dataSource(), "a")).isEqualTo("prepared");
            assertThat(databaseOf(anabranch.dataSource(), "a")).isEqualTo("prepared");
            assertThat(attempts).hasValue(2);
            // It had a connection of its own: what it left undone is not the application's.
            TenantContext.call("a", () -> {
                try (Connection connection = anabranch.dataSource().getConnection();
                        Statement insert = connection.createStatement()) {
                    return insert.executeUpdate("insert into note values ('a', 'kept')");
                }
            });
            assertThat(TenantContext.<String, SQLException>call(
                            "a", () -> ask(anabranch.dataSource(), "select string_agg(body, ',') from note")))
                    .isEqualTo("kept");
            assertThat(anabranch.databases().getFirst().active()).isZero();
        }
    }

    private static Anabranch open(FakeDirectory directory, PoolSettings settings) {
        return Anabranch.open(Settings.of(new TopologySource.Service(
                        directory.endpoint(), Secret.of(FakeDirectory.TOKEN), null, null))
                .withPools(settings));
    }

    private static Topology topology(long revision, List<Database> databases, Map<String, String> pins) {
        Map<String, Database> named = new LinkedHashMap<>();
        databases.forEach(database -> named.put(database.name(), database));
        Map<TenantId, String> pinned = new LinkedHashMap<>();
        pins.forEach((tenant, database) -> pinned.put(new TenantId(tenant), database));
        Group group = new Group.Sharded(
                Group.DEFAULT,
                BucketMap.evenly(List.of(databases.getFirst().name())),
                pinned,
                Group.Tenants.ANY);
        return new Topology(
                revision, new ShardKey("customer_id", KeyType.TEXT), named, Map.of(Group.DEFAULT, group));
    }

    private static boolean fails(DataSource source, String tenant) {
        try {
            databaseOf(source, tenant);
            return false;
        } catch (SQLException e) {
            return AnabranchException.in(e)
                    .map(failure -> failure.code() == ErrorCode.DATABASE_UNAVAILABLE)
                    .orElse(true);
        }
    }

    private static String databaseOf(DataSource source, String tenant) throws SQLException {
        return TenantContext.call(tenant, () -> ask(source, "select current_database()"));
    }

    private static String ask(DataSource source, String sql) throws SQLException {
        try (Connection connection = source.getConnection()) {
            return ask(connection, sql);
        }
    }

    private static String ask(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            rows.next();
            return rows.getString(1);
        }
    }

    /** As {@link #serverSees}, without sessions that the server is just ending because their client has gone. */
    private static int lastingSessions(String databases) {
        int seen = serverSees(databases);
        for (int again = 0; again < 10 && seen > SETTINGS.budget(); again++) {
            seen = Math.min(seen, serverSees(databases));
        }
        return seen;
    }

    /** How many sessions the server has on databases of these names. */
    private static int serverSees(String databases) {
        return Integer.parseInt(askServer(
                "select count(*) from pg_stat_activity where backend_type = 'client backend' and datname like '"
                        + databases + "'"));
    }

    private static String askServer(String sql) {
        try (Connection connection = Servers.shared().connect("postgres")) {
            return ask(connection, sql);
        } catch (SQLException e) {
            throw new AssertionError(e);
        }
    }

    /** Callers that never stop asking. */
    private static final class Load implements AutoCloseable {
        private static final int CALLERS = 12;

        private final AtomicBoolean running = new AtomicBoolean(true);
        private final AtomicInteger calls = new AtomicInteger();
        private final List<Throwable> failures = Collections.synchronizedList(new ArrayList<>());
        private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
        private final DataSource source;

        Load(DataSource source) {
            this.source = source;
            for (int i = 0; i < CALLERS; i++) {
                threads.execute(this::call);
            }
        }

        private void call() {
            while (running.get()) {
                try {
                    TenantContext.call("a", () -> ask(source, "select 1"));
                    calls.incrementAndGet();
                } catch (SQLException | RuntimeException e) {
                    failures.add(e);
                }
            }
        }

        void awaitCalls(int more) {
            int target = calls.get() + more;
            Servers.await(more + " calls more", () -> calls.get() >= target || !failures.isEmpty());
        }

        List<Throwable> failures() {
            return failures;
        }

        @Override
        public void close() {
            running.set(false);
            threads.close();
        }
    }
}
