// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.routing;

import dev.anabranch.Anabranch;
import dev.anabranch.Servers;
import dev.anabranch.Settings;
import dev.anabranch.TopologySource;
import dev.anabranch.problem.AnabranchException;
import dev.anabranch.problem.ErrorCode;
import dev.anabranch.topology.Database;
import dev.anabranch.topology.Endpoint;
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
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
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

    private static boolean answers(Anabranch anabranch) {
        try {
            return !user(anabranch).isEmpty();
        } catch (SQLException e) {
            return false;
        }
    }

    private static String user(Anabranch anabranch) throws SQLException {
        try (Connection connection = anabranch.dataSource("notes").getConnection();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("select current_user")) {
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
