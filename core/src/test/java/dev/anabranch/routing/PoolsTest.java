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
import dev.anabranch.topology.Group;
import dev.anabranch.topology.KeyType;
import dev.anabranch.topology.Secret;
import dev.anabranch.topology.ShardKey;
import dev.anabranch.topology.Topology;
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
                    most.accumulateAndGet(serverSees("budget_%"), Math::max);
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
    void preparesADatabaseOnceAndAgainAfterAFailure() throws SQLException {
        Database database = Servers.database(Servers.shared(), "prepared");
        AtomicInteger attempts = new AtomicInteger();
        try (Anabranch anabranch = Anabranch.open(Settings.of(
                        new TopologySource.Fixed(topology(1, List.of(database), Map.of())))
                .withPreparation((which, connection) -> {
                    assertThat(which.name()).isEqualTo("prepared");
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
