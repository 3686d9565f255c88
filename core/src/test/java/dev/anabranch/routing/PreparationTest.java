// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.routing;

import dev.anabranch.Anabranch;
import dev.anabranch.FakeDirectory;
import dev.anabranch.Servers;
import dev.anabranch.Settings;
import dev.anabranch.TopologySource;
import dev.anabranch.devcluster.PostgresServer;
import dev.anabranch.devcluster.ServerOptions;
import dev.anabranch.problem.AnabranchException;
import dev.anabranch.problem.ErrorCode;
import dev.anabranch.topology.Database;
import dev.anabranch.topology.Endpoint;
import dev.anabranch.topology.Group;
import dev.anabranch.topology.GroupSchema;
import dev.anabranch.topology.KeyType;
import dev.anabranch.topology.Placement;
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
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** What is done with a database before the application's first connection to it. */
class PreparationTest {
    private static final String PASSWORD = "later-than-the-pool";

    /** Counts, and fails as often as it is told to. */
    private static final class Before implements DatabasePreparation {
        private final AtomicInteger calls = new AtomicInteger();
        private final AtomicInteger prepared = new AtomicInteger();
        private volatile Step step = () -> {};

        interface Step {
            void run() throws SQLException;
        }

        @Override
        public void beforeConnecting(Database database, List<Group> groups) throws SQLException {
            calls.incrementAndGet();
            step.run();
        }

        @Override
        public void prepare(Database database, List<Group> groups, Connection connection) {
            prepared.incrementAndGet();
        }
    }

    @Test
    void makesTheUserWhomTheFirstConnectionLogsInAs() throws SQLException {
        Database database = as(Servers.database(Servers.shared(), "user_made_late"), "made_late");
        Before before = new Before();
        before.step = () -> Servers.shared().createRole("made_late", PASSWORD);
        try (Anabranch anabranch = open(database, before)) {
            assertThat(user(anabranch)).isEqualTo("made_late");
            assertThat(user(anabranch)).isEqualTo("made_late");
            assertThat(before.calls).hasValue(1);
            assertThat(before.prepared).hasValue(1);
        }
    }

    @Test
    void isDoneAgainAfterAFailureAndNobodyConnectsUntilThen() throws SQLException {
        Database database = Servers.database(Servers.shared(), "prepared_late");
        Before before = new Before();
        AnabranchException behind = new AnabranchException(ErrorCode.SCHEMA_BEHIND, "It is behind", "Migrate it");
        before.step = () -> {
            throw behind;
        };
        try (Anabranch anabranch = open(database, before)) {
            for (int i = 1; i <= 2; i++) {
                assertThatThrownBy(() -> user(anabranch))
                        .isInstanceOf(SQLException.class)
                        .hasCause(behind);
                assertThat(before.calls).hasValue(i);
            }
            assertThat(anabranch.connections()).isZero();
            assertThat(anabranch.prepare()).containsOnlyKeys("prepared_late");
            before.step = () -> {};
            assertThat(anabranch.prepare()).isEmpty();
            assertThat(user(anabranch)).isEqualTo(database.primary().user());
        }
    }

    @Test
    void refusesAtOnceWhileTheDatabaseCannotBeReachedByWhoeverPrepares() throws Exception {
        Database database = Servers.database(Servers.shared(), "prepared_after_outage");
        Before before = new Before();
        before.step = () -> {
            throw new AnabranchException(ErrorCode.DATABASE_UNAVAILABLE, "It is down", "Start it");
        };
        try (Anabranch anabranch = open(database, before)) {
            for (int i = 0; i < 20; i++) {
                assertThatExceptionOfType(SQLTransientConnectionException.class)
                        .isThrownBy(() -> user(anabranch))
                        .satisfies(e -> assertThat(e.getSQLState()).isEqualTo("08001"));
            }
            assertThat(before.calls.get()).isLessThan(5);
            before.step = () -> {};
            Servers.await("the database to be tried again", () -> answers(anabranch));
            assertThat(before.prepared).hasValue(1);
        }
    }

    @Test
    void isDoneForEachGroupAndAgainForAnotherSchemaOfItAndForNoGroupThatIsElsewhere() throws SQLException {
        Database here = Servers.database(Servers.shared(), "prepared_here");
        Database there = Servers.database(Servers.shared(), "prepared_there");
        List<String> seen = new CopyOnWriteArrayList<>();
        DatabasePreparation writes = new DatabasePreparation() {
            @Override
            public void beforeConnecting(Database database, List<Group> groups) {
                groups.forEach(group -> seen.add("before " + name(group, database)));
            }

            @Override
            public void prepare(Database database, List<Group> groups, Connection connection) {
                groups.forEach(group -> seen.add(name(group, database)));
            }

            private String name(Group group, Database database) {
                return group.name() + group.schema().map(own -> "." + own.name()).orElse("") + " on " + database.name();
            }
        };
        Topology first = two(1, here, there, null);
        try (FakeDirectory directory = new FakeDirectory(first);
                Anabranch anabranch = Anabranch.open(Settings.of(
                                new TopologySource.Service(directory.endpoint(), Secret.of(FakeDirectory.TOKEN), null, null),
                                "here", "there")
                        .withPreparation(writes))) {
            assertThat(anabranch.prepare()).isEmpty();
            assertThat(seen)
                    .containsExactlyInAnyOrder(
                            "before here on prepared_here", "here on prepared_here",
                            "before there on prepared_there", "there on prepared_there");
            seen.clear();

            directory.publish(two(2, here, there, "later"));
            Servers.await("the schema to be another", () -> anabranch.topology().revision() == 2);
            assertThat(ask(anabranch, "here", "show search_path")).isEqualTo("later, public");
            assertThat(ask(anabranch, "here", "show search_path")).isEqualTo("later, public");
            assertThat(seen).containsExactly("before here.later on prepared_here", "here.later on prepared_here");
            seen.clear();

            // Another group comes to a database that is prepared.
            directory.publish(two(3, here, here, "later"));
            Servers.await("the group to be elsewhere", () -> anabranch.topology().revision() == 3);
            assertThat(anabranch.prepare()).isEmpty();
            assertThat(ask(anabranch, "there", "select current_user")).isEqualTo("prepared_here");
            assertThat(seen).containsExactly("before there on prepared_here", "there on prepared_here");
        }
    }

    private static Topology two(long revision, Database here, Database there, @Nullable String schema) {
        return new Topology(
                revision,
                new ShardKey("tenant", KeyType.TEXT),
                Map.of("prepared_here", here, "prepared_there", there),
                Map.of(
                        "here",
                        new Group.Global("here", here.name(), schema == null ? null : new GroupSchema(schema, null, null)),
                        "there",
                        new Group.Global("there", there.name())));
    }

    @Test
    void aDecisionIsPreparedForWithTheSchemaThatItBringsThoughThePoolsHaveNotHeardOfIt() throws SQLException {
        Database database = Servers.database(Servers.shared(), "prepared_early");
        Topology known = topology(List.of(database), "notes");
        List<String> seen = new CopyOnWriteArrayList<>();
        DatabasePreparation writes = (at, groups, connection) ->
                groups.forEach(group -> seen.add(group.name() + group.schema().map(own -> "." + own.name()).orElse("")));
        try (Pools pools = new Pools(PoolSettings.DEFAULT, writes, List.of("notes"), null, known)) {
            for (@Nullable String schema : new @Nullable String[] {null, "later", "later", null}) {
                pools.lend(new RouteDecision(
                                "notes", null, schema, new Placement.Whole(database.name()), database, 1, null, RouterChain.TOPOLOGY, null, false), Access.WRITE)
                        .close();
            }
            pools.lend(new RouteDecision("new", null, "new", new Placement.Whole(database.name()), database, 1, null, RouterChain.TOPOLOGY, null, false), Access.WRITE)
                    .close();
        }
        assertThat(seen).containsExactly("notes", "notes.later", "new.new");
    }

    @Test
    void takesFewConnectionsOfOneServerAtOnceAndWaitsWhereItTakesNoMore() throws Exception {
        try (PostgresServer small = PostgresServer.start("small", ServerOptions.defaults().withMaxConnections(10))) {
            Database one = Servers.database(small, "many");
            List<Database> many = new ArrayList<>();
            for (int i = 0; i < 40; i++) {
                many.add(new Database("many-" + i, one.primary(), null));
            }
            AtomicInteger now = new AtomicInteger();
            AtomicInteger most = new AtomicInteger();
            DatabasePreparation counts = (database, groups, connection) -> {
                most.accumulateAndGet(now.incrementAndGet(), Math::max);
                try (Statement statement = connection.createStatement()) {
                    statement.execute("select pg_sleep(0.01)");
                } finally {
                    now.decrementAndGet();
                }
            };
            Settings settings = Settings.of(new TopologySource.Fixed(topology(many, names(many))), names(many))
                    .withPools(new PoolSettings(100, 2, Duration.ofMillis(250)))
                    .withPreparation(counts);
            List<Connection> others = new ArrayList<>();
            try (Anabranch anabranch = Anabranch.open(settings)) {
                while (others.size() < 20) {
                    try {
                        others.add(small.connect("many", "many", Servers.PASSWORD));
                    } catch (SQLException full) {
                        break;
                    }
                }
                assertThat(others).hasSizeBetween(1, 10);
                FutureTask<Map<String, SQLException>> prepared = new FutureTask<>(anabranch::prepare);
                long began = System.nanoTime();
                Thread.ofVirtual().start(prepared);
                // Longer than any of them waits for a connection.
                Servers.await("the server to refuse some", () -> System.nanoTime() - began > 800_000_000L
                        && anabranch.databases().stream().anyMatch(status -> !status.isUp()));
                assertThat(prepared.isDone()).isFalse();
                for (Connection other : others) {
                    other.close();
                }
                assertThat(prepared.get(30, TimeUnit.SECONDS)).isEmpty();
                assertThat(most.get()).isBetween(1, PreparationRound.PER_SERVER);
                Servers.await("the connections to go", () -> anabranch.connections() == 0);
            }
        }
    }

    private static String[] names(List<Database> databases) {
        return databases.stream().map(Database::name).toArray(String[]::new);
    }

    /** A group on each database. */
    private static Topology topology(List<Database> databases, String... groups) {
        Map<String, Database> byName = new LinkedHashMap<>();
        Map<String, Group> named = new LinkedHashMap<>();
        for (int i = 0; i < databases.size(); i++) {
            byName.put(databases.get(i).name(), databases.get(i));
            named.put(groups[i], new Group.Global(groups[i], databases.get(i).name()));
        }
        return new Topology(1, new ShardKey("tenant", KeyType.TEXT), byName, named);
    }

    private static boolean answers(Anabranch anabranch) {
        try {
            return !user(anabranch).isEmpty();
        } catch (SQLException e) {
            return false;
        }
    }

    private static String user(Anabranch anabranch) throws SQLException {
        return ask(anabranch, "notes", "select current_user");
    }

    private static String ask(Anabranch anabranch, String group, String sql) throws SQLException {
        try (Connection connection = anabranch.dataSource(group).getConnection();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            row.next();
            return Objects.requireNonNull(row.getString(1));
        }
    }

    private static Database as(Database database, String user) {
        Endpoint primary = database.primary().as(user, Secret.of(PASSWORD));
        return new Database(database.name(), primary, null);
    }

    private static Anabranch open(Database database, DatabasePreparation preparation) {
        Topology topology = new Topology(
                1,
                new ShardKey("tenant", KeyType.TEXT),
                Map.of(database.name(), database),
                Map.of("notes", new Group.Global("notes", database.name())));
        return Anabranch.open(
                Settings.of(new TopologySource.Fixed(topology), "notes").withPreparation(preparation));
    }
}
