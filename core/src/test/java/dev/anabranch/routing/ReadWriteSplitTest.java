// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.routing;

import dev.anabranch.Anabranch;
import dev.anabranch.Servers;
import dev.anabranch.Settings;
import dev.anabranch.TopologySource;
import dev.anabranch.consistency.ConsistencyContext;
import dev.anabranch.consistency.ConsistencyMode;
import dev.anabranch.consistency.ConsistencySession;
import dev.anabranch.consistency.ServerChoice;
import dev.anabranch.devcluster.DevCluster;
import dev.anabranch.devcluster.PostgresServer;
import dev.anabranch.problem.AnabranchException;
import dev.anabranch.problem.ErrorCode;
import dev.anabranch.tenant.AudienceContext;
import dev.anabranch.topology.Audience;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.PGConnection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

class ReadWriteSplitTest {
    private static final Duration LIMIT = Duration.ofSeconds(10);

    private static DevCluster cluster;
    private static PostgresServer primary;
    private static PostgresServer one;
    private static PostgresServer two;
    private static PostgresServer kept;

    private Anabranch anabranch;
    private DataSource notes;

    @BeforeAll
    static void start() {
        cluster = DevCluster.builder()
                .postgres("split")
                .standby("split-1", "split")
                .standby("split-2", "split")
                .standby("split-kept", "split")
                .start();
        primary = cluster.postgres("split");
        one = cluster.postgres("split-1");
        two = cluster.postgres("split-2");
        kept = cluster.postgres("split-kept");
        Servers.database(primary, "split");
        one.awaitCaughtUp(LIMIT);
        two.awaitCaughtUp(LIMIT);
        kept.awaitCaughtUp(LIMIT);
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
                        Map.of("guests", new Audience("guests", true)),
                        Replicated.database(
                                "split",
                                primary,
                                Replicated.replica("split-1", one, "split"),
                                Replicated.replica("split-2", two, "split"),
                                Replicated.replica("split-kept", kept, "split", "internal")))),
                "notes"));
        notes = anabranch.dataSource("notes");
        Replicated.awaitInRotation(anabranch, "split-1", "split-2", "split-kept");
    }

    @AfterEach
    void close() {
        anabranch.close();
    }

    @Test
    void sendsReadersToReplicasAndWritersToThePrimary() throws SQLException {
        Set<Integer> ports = new HashSet<>();
        for (int turn = 0; turn < 10; turn++) {
            ports.add(Replicated.portThatReads(notes));
        }
        assertThat(ports).containsExactlyInAnyOrder(one.port(), two.port());
        try (Connection connection = notes.getConnection()) {
            assertThat(Replicated.ask(connection, Replicated.WHO)).isEqualTo(String.valueOf(primary.port()));
            // Once decided, the route stays.
            connection.setReadOnly(true);
            assertThat(Replicated.ask(connection, Replicated.WHO)).isEqualTo(String.valueOf(primary.port()));
        }
        assertThat(anabranch.reads())
                .allSatisfy(reads -> assertThat(reads.why()).isEqualTo(ServerChoice.Why.REPLICA))
                .extracting(Anabranch.Reads::count)
                .satisfies(counts -> assertThat(counts.stream().mapToLong(Long::longValue).sum()).isEqualTo(10));
    }

    @Test
    void readsInAScopeOrForAnAudienceThatOnlyReads() throws SQLException {
        int inScope = RoutingScope.callReadOnly(() -> port(notes));
        int forGuests = AudienceContext.call("guests", () -> port(notes));
        assertThat(Set.of(one.port(), two.port())).contains(inScope, forGuests);
    }

    private static int port(DataSource source) throws SQLException {
        try (Connection connection = source.getConnection()) {
            return Integer.parseInt(Replicated.ask(connection, Replicated.WHO));
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void readsWhatItsSessionHasWrittenFromTheFirstReplicaThatHasIt(boolean autoCommit) throws SQLException {
        one.delay(Duration.ofHours(1));
        two.delay(Duration.ofHours(1));
        try {
            ConsistencySession session = new ConsistencySession();
            ConsistencyContext.<Integer, SQLException>call(session, () -> {
                insert("of " + autoCommit, autoCommit);
                assertThat(count("of " + autoCommit)).isOne();
                assertThat(Replicated.portThatReads(notes)).isEqualTo(primary.port());
                return 0;
            });
            // Others have written nothing, and may read what is older.
            assertThat(ConsistencyContext.<Integer, SQLException>call(
                            new ConsistencySession(), () -> count("of " + autoCommit)))
                    .isZero();
            // Without a session, the group's writes count.
            assertThat(count("of " + autoCommit)).isOne();
            two.delay(Duration.ZERO);
            Servers.await("the second replica to serve", () -> {
                try {
                    int port = ConsistencyContext.<Integer, SQLException>call(session, () -> Replicated.portThatReads(notes));
                    assertThat(port).isNotEqualTo(one.port());
                    return port == two.port();
                } catch (SQLException e) {
                    throw new IllegalStateException(e);
                }
            });
        } finally {
            one.delay(Duration.ZERO);
            two.delay(Duration.ZERO);
            one.awaitCaughtUp(LIMIT);
            two.awaitCaughtUp(LIMIT);
        }
    }

    @Test
    void takesNoMarkOfWhatWasRolledBack() throws SQLException {
        ConsistencySession session = new ConsistencySession();
        ConsistencyContext.<Integer, SQLException>call(session, () -> {
            try (Connection connection = notes.getConnection()) {
                connection.setAutoCommit(false);
                Replicated.ask(connection, Replicated.WHO);
                connection.rollback();
            }
            return 0;
        });
        assertThat(session.marks()).isEmpty();
    }

    @Test
    void takesAMarkOfWhatMayHaveBeenWrittenThroughTheDriversOwnObjects() throws SQLException {
        ConsistencySession session = new ConsistencySession();
        ConsistencyContext.<Integer, SQLException>call(session, () -> {
            try (Connection connection = notes.getConnection();
                    Statement statement = ((Connection) connection.unwrap(PGConnection.class)).createStatement()) {
                statement.execute("insert into note values ('c', 'past the library')");
            }
            return 0;
        });
        assertThat(session.marks()).isNotEmpty();
    }

    @Test
    void readsStronglyFromThePrimaryAndEventuallyFromWhatIsOlder() throws SQLException {
        one.delay(Duration.ofHours(1));
        two.delay(Duration.ofHours(1));
        try {
            insert("mode", true);
            assertThat(ConsistencyContext.<Integer, SQLException>call(ConsistencyMode.STRONG, () -> count("mode")))
                    .isOne();
            assertThat(ConsistencyContext.<Integer, SQLException>call(ConsistencyMode.EVENTUAL, () -> count("mode")))
                    .isZero();
        } finally {
            one.delay(Duration.ZERO);
            two.delay(Duration.ZERO);
            one.awaitCaughtUp(LIMIT);
            two.awaitCaughtUp(LIMIT);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void choosesAgainForEachTransactionOfAReaderThatIsKept(boolean autoCommit) throws SQLException {
        one.delay(Duration.ofHours(1));
        two.delay(Duration.ofHours(1));
        String body = "kept " + autoCommit;
        try (Connection reader = notes.getConnection()) {
            ConsistencyContext.<Integer, SQLException>call(new ConsistencySession(), () -> {
                reader.setReadOnly(true);
                reader.setAutoCommit(autoCommit);
                try (PreparedStatement count = reader.prepareStatement(
                                "select count(*), inet_server_port() from note where body = ?");
                        PreparedStatement other = reader.prepareStatement("select body from note")) {
                    count.setString(1, body);
                    try (ResultSet open = other.executeQuery()) {
                        assertThat(portOf(count, 0)).isNotEqualTo(primary.port());
                        if (!autoCommit) {
                            reader.commit();
                        }
                        insert(body, autoCommit);
                        // Not older than what the session has written since, on the same connection and by the same statement.
                        assertThat(portOf(count, 1)).isEqualTo(primary.port());
                        // What was read before can be read on.
                        assertThat(open.isClosed()).isFalse();
                    }
                }
                return 0;
            });
        } finally {
            one.delay(Duration.ZERO);
            two.delay(Duration.ZERO);
        }
        assertThat(anabranch.replicas()).allSatisfy(replica -> assertThat(replica.outstanding()).isZero());
    }

    private static int portOf(PreparedStatement count, int expected) throws SQLException {
        try (ResultSet row = count.executeQuery()) {
            row.next();
            assertThat(row.getInt(1)).isEqualTo(expected);
            return row.getInt(2);
        }
    }

    private void insert(String body, boolean autoCommit) throws SQLException {
        try (Connection connection = notes.getConnection()) {
            connection.setAutoCommit(autoCommit);
            try (PreparedStatement statement = connection.prepareStatement("insert into note values ('c', ?)")) {
                statement.setString(1, body);
                statement.executeUpdate();
            }
            if (!autoCommit) {
                connection.commit();
            }
        }
    }

    private int count(String body) throws SQLException {
        try (Connection connection = notes.getConnection()) {
            connection.setReadOnly(true);
            connection.setAutoCommit(false);
            try (PreparedStatement statement = connection.prepareStatement("select count(*) from note where body = ?")) {
                statement.setString(1, body);
                try (ResultSet rows = statement.executeQuery()) {
                    rows.next();
                    return rows.getInt(1);
                }
            } finally {
                connection.commit();
            }
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void refusesAWriteWhereOnlyReadsAreAllowed(boolean atThePrimary) throws SQLException {
        ConsistencyMode mode = atThePrimary ? ConsistencyMode.STRONG : ConsistencyMode.EVENTUAL;
        for (boolean autoCommit : new boolean[] {true, false}) {
            ConsistencyContext.<Integer, SQLException>call(mode, () -> {
                try (Connection connection = notes.getConnection()) {
                    connection.setReadOnly(true);
                    connection.setAutoCommit(autoCommit);
                    try (Statement statement = connection.createStatement()) {
                        assertThatExceptionOfType(SQLException.class)
                                .isThrownBy(() -> statement.executeUpdate("insert into note values ('c', 'refused')"))
                                .satisfies(e -> {
                                    assertThat(e.getSQLState()).isEqualTo("25006");
                                    AnabranchException cause = AnabranchException.in(e).orElseThrow();
                                    assertThat(cause.code()).isEqualTo(ErrorCode.READ_ONLY);
                                    assertThat(cause.problem()).contains("notes", "split", atThePrimary ? "server split:" : "server split-");
                                    assertThat(cause.hint()).contains("readOnly");
                                });
                    }
                }
                return 0;
            });
        }
        // The same connections of the pool take writes again.
        insert("allowed", true);
        insert("allowed", false);
    }

    @Test
    void keepsAnAudienceToItsReplica() throws SQLException {
        int internal = AudienceContext.call("internal", () -> Replicated.portThatReads(notes));
        assertThat(internal).isEqualTo(kept.port());
        kept.pause();
        try {
            Replicated.awaitInRotation(anabranch, "split-1", "split-2");
            assertThatExceptionOfType(SQLException.class)
                    .isThrownBy(() -> AudienceContext.call("internal", () -> Replicated.portThatReads(notes)))
                    .satisfies(e -> assertThat(e.getSQLState()).isEqualTo(ErrorCode.AUDIENCE_UNSERVED.sqlState()));
        } finally {
            kept.resume();
        }
    }

    @Test
    void explainsWhichServerWouldAnswerAndTakesNoConnection() {
        RouteExplanation read = anabranch.explain(RoutingHints.of("notes"), Access.READ);
        assertThat(read.server().server()).startsWith("split-");
        assertThat(read.server().why()).isEqualTo(ServerChoice.Why.REPLICA);
        assertThat(read.steps()).containsExactly(new RouteExplanation.Step(RouterChain.TOPOLOGY, "split", "global group"));
        RouteExplanation write = anabranch.explain(RoutingHints.of("notes"), Access.WRITE);
        assertThat(write.server().server()).isEqualTo("split");
        assertThat(write.server().why()).isEqualTo(ServerChoice.Why.WRITE);
        RouteExplanation guest = anabranch.explain(RoutingHints.of("notes").withAudience("guests"), Access.WRITE);
        assertThat(guest.access()).isEqualTo(Access.READ);
        assertThat(guest.server().isPrimary()).isFalse();
        assertThat(anabranch.databases()).allSatisfy(database -> assertThat(database.open()).isFalse());
        assertThat(anabranch.reads()).isEmpty();
    }

    @Test
    void keepsAReaderOneUntilItIsClosed() throws SQLException {
        try (Connection connection = notes.getConnection()) {
            connection.setReadOnly(true);
            String first = Replicated.ask(connection, Replicated.WHO);
            connection.setReadOnly(false);
            assertThat(connection.isReadOnly()).isFalse();
            assertThat(Replicated.ask(connection, Replicated.WHO)).isEqualTo(first);
            try (Statement statement = connection.createStatement()) {
                assertThatExceptionOfType(SQLException.class)
                        .isThrownBy(() -> statement.executeUpdate("insert into note values ('c', 'late')"))
                        .satisfies(e -> assertThat(AnabranchException.in(e).orElseThrow().code())
                                .isEqualTo(ErrorCode.READ_ONLY));
            }
        }
    }

    @Test
    void readsFromTheReplicaThatARouterNames() throws SQLException {
        DatabaseRouter near = new DatabaseRouter() {
            @Override
            public Optional<String> databaseForRead(RoutingHints hints) {
                return Optional.of("split-2");
            }
        };
        try (Anabranch routed = Anabranch.open(Settings.of(new TopologySource.Fixed(anabranch.topology()), "notes")
                .withRouters(new RouterChain(List.of(near))))) {
            Replicated.awaitInRotation(routed, "split-1", "split-2", "split-kept");
            for (int turn = 0; turn < 5; turn++) {
                assertThat(Replicated.portThatReads(routed.dataSource("notes"))).isEqualTo(two.port());
            }
        }
    }

    @Test
    void countsAllConnectionsWithinTheBudget() throws SQLException {
        for (int turn = 0; turn < 4; turn++) {
            Replicated.portThatReads(notes);
        }
        insert("budget", true);
        // Four servers are watched by one each; three pools have one each.
        assertThat(anabranch.connections()).isEqualTo(7);
    }

    @Test
    void preparesThePrimaryBeforeAReplicaAnswers() throws SQLException {
        one.delay(Duration.ofHours(1));
        two.delay(Duration.ofHours(1));
        DatabasePreparation makesTable = (database, groups, connection) -> {
            try (Statement statement = connection.createStatement()) {
                statement.execute("create table prepared as select 1 as n");
            }
        };
        try (Anabranch fresh = Anabranch.open(Settings.of(new TopologySource.Fixed(anabranch.topology()), "notes")
                .withPreparation(makesTable))) {
            Replicated.awaitInRotation(fresh, "split-1", "split-2", "split-kept");
            for (ConsistencyMode mode : ConsistencyMode.values()) {
                assertThat(ConsistencyContext.<String, SQLException>call(
                                mode, () -> Replicated.read(fresh.dataSource("notes"), "select n from prepared")))
                        .isEqualTo("1");
            }
            two.delay(Duration.ZERO);
            two.awaitCaughtUp(LIMIT);
            Servers.await("a replica that has the table", () -> {
                try {
                    return Replicated.portThatReads(fresh.dataSource("notes")) == two.port();
                } catch (SQLException e) {
                    throw new IllegalStateException(e);
                }
            });
        } finally {
            one.delay(Duration.ZERO);
            two.delay(Duration.ZERO);
            one.awaitCaughtUp(LIMIT);
            two.awaitCaughtUp(LIMIT);
        }
    }
}
