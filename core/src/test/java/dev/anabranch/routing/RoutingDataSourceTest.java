// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.routing;

import dev.anabranch.Anabranch;
import dev.anabranch.Servers;
import dev.anabranch.Settings;
import dev.anabranch.TopologySource;
import dev.anabranch.problem.AnabranchException;
import dev.anabranch.problem.ErrorCode;
import dev.anabranch.tenant.TenantContext;
import dev.anabranch.tenant.TenantId;
import dev.anabranch.topology.BucketMap;
import dev.anabranch.topology.Database;
import dev.anabranch.topology.Group;
import dev.anabranch.topology.KeyType;
import dev.anabranch.topology.ShardKey;
import dev.anabranch.topology.Topology;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLNonTransientException;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import javax.sql.DataSource;
import org.assertj.core.api.ThrowableAssert;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.postgresql.PGConnection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

class RoutingDataSourceTest {
    private static Database north;
    private static Database south;

    private final AtomicInteger prepared = new AtomicInteger();
    private Anabranch anabranch;
    private DataSource notes;

    @BeforeAll
    static void makeDatabases() {
        north = Servers.database(Servers.shared(), "north");
        south = Servers.database(Servers.shared(), "south");
    }

    @BeforeEach
    void open() {
        Group group = new Group.Sharded(
                "notes",
                BucketMap.evenly(List.of("north")),
                Map.of(new TenantId("s"), "south"),
                Group.Tenants.ANY);
        Topology topology = new Topology(
                7,
                new ShardKey("customer_id", KeyType.TEXT),
                Map.of("north", north, "south", south),
                Map.of("notes", group, "settings", new Group.Global("settings", "south")));
        anabranch = Anabranch.open(Settings.of(new TopologySource.Fixed(topology), "notes", "settings")
                .withPreparation((database, groups, connection) -> prepared.incrementAndGet()));
        notes = anabranch.dataSource("notes");
    }

    @AfterEach
    void close() {
        anabranch.close();
    }

    @Test
    void findsEachTenantsDatabase() throws SQLException {
        assertThat(databaseOf("n")).isEqualTo("north");
        assertThat(databaseOf("s")).isEqualTo("south");
        assertThat(anabranch.explain("notes", new TenantId("s")).reason()).isEqualTo("pinned");
        assertThat(anabranch.explain("notes", new TenantId("n")).reason()).startsWith("hash, bucket");
    }

    @Test
    void servesAGlobalGroupWithoutATenant() throws SQLException {
        try (Connection connection = anabranch.dataSource("settings").getConnection()) {
            assertThat(ask(connection, "select current_database()")).isEqualTo("south");
        }
    }

    @Test
    void takesNothingFromAnyPoolUntilTheFirstStatement() throws SQLException {
        // Not even a tenant is needed to ask for a connection.
        try (Connection connection = notes.getConnection()) {
            connection.setAutoCommit(false);
            connection.setReadOnly(true);
            connection.setTransactionIsolation(Connection.TRANSACTION_SERIALIZABLE);
            connection.setSchema("pg_catalog");
            assertThat(anabranch.connections()).isZero();
            assertThat(prepared).hasValue(0);

            TenantContext.call("s", () -> {
                assertThat(ask(connection, "show transaction_isolation")).isEqualTo("serializable");
                assertThat(ask(connection, "show transaction_read_only")).isEqualTo("on");
                assertThat(ask(connection, "select current_schema()")).isEqualTo("pg_catalog");
                return null;
            });
            assertThat(connection.getAutoCommit()).isFalse();
            assertThat(anabranch.connections()).isEqualTo(1);
            assertThat(prepared).hasValue(1);
        }
        // What was set does not stay on the pooled connection.
        TenantContext.call("s", () -> {
            try (Connection connection = notes.getConnection()) {
                assertThat(ask(connection, "show transaction_isolation")).isEqualTo("read committed");
                assertThat(ask(connection, "show transaction_read_only")).isEqualTo("off");
                assertThat(ask(connection, "select current_schema()")).isEqualTo("public");
                assertThat(prepared).hasValue(1);
            }
            return null;
        });
    }

    @Test
    void leavesNothingThatWasSetToTheNextUser() throws SQLException {
        String before = describe();
        TenantContext.call("s", () -> {
            try (Connection connection = notes.getConnection()) {
                connection.setHoldability(ResultSet.CLOSE_CURSORS_AT_COMMIT);
                connection.setNetworkTimeout(Runnable::run, 12_345);
                assertThat(connection.getHoldability()).isEqualTo(ResultSet.CLOSE_CURSORS_AT_COMMIT);
                assertThat(connection.getNetworkTimeout()).isEqualTo(12_345);
                connection.setClientInfo("ApplicationName", "tenant-s-secret");
                connection.setSchema("pg_catalog");
                assertThat(connection.getSchema()).isEqualTo("pg_catalog");

                String during = describe(connection);

                assertThat(during).contains("pg_catalog", "tenant-s-secret", "holdability 2", "timeout 12345");
                connection.setTransactionIsolation(Connection.TRANSACTION_SERIALIZABLE);
                connection.setReadOnly(true);
                connection.setAutoCommit(false);
            }
            return null;
        });
        assertThat(describe()).isEqualTo(before);
    }

    private String describe() throws SQLException {
        return TenantContext.call("s", () -> {
            try (Connection connection = notes.getConnection()) {
                return describe(connection);
            }
        });
    }

    private static String describe(Connection connection) throws SQLException {
        return ask(
                        connection,
                        "select string_agg(current_setting(name), ' ') from unnest(array['search_path', 'application_name',"
                                + " 'transaction_isolation', 'transaction_read_only']) name")
                + " holdability " + connection.getHoldability() + " timeout " + connection.getNetworkTimeout();
    }

    @Test
    void givesThePlaceBackAfterAnAbort() throws SQLException {
        for (int i = 0; i < 25; i++) {
            TenantContext.call("s", () -> {
                Connection connection = notes.getConnection();
                ask(connection, "select 1");
                connection.abort(Runnable::run);
                connection.close();
                assertThat(connection.isClosed()).isTrue();
                return null;
            });
        }
        assertThat(databaseOf("s")).isEqualTo("south");
        assertThat(anabranch.databases()).allSatisfy(status -> assertThat(status.active()).isZero());
    }

    @Test
    void setsTheIsolationLevelThatItHasTold() throws SQLException {
        Servers.shared().execute("south", "alter database south set default_transaction_isolation = 'repeatable read'");
        try {
            TenantContext.call("s", () -> {
                try (Connection connection = notes.getConnection()) {
                    assertThat(connection.getTransactionIsolation()).isEqualTo(Connection.TRANSACTION_READ_COMMITTED);
                    assertThat(ask(connection, "show transaction_isolation")).isEqualTo("read committed");
                }
                return null;
            });
        } finally {
            Servers.shared().execute("south", "alter database south reset default_transaction_isolation");
        }
    }

    @Test
    void saysThatTheOutcomeOfABrokenCommitIsUnknownAndForgivesTheRollback() throws SQLException {
        TenantContext.call("s", () -> {
            for (boolean commits : new boolean[] {true, false}) {
                try (Connection connection = notes.getConnection()) {
                    connection.setAutoCommit(false);
                    insert(connection, "s", "lost");
                    Servers.shared().execute(
                            "postgres",
                            "select pg_terminate_backend(" + connection.unwrap(PGConnection.class).getBackendPID() + ")");
                    if (commits) {
                        assertThatExceptionOfType(SQLException.class)
                                .isThrownBy(connection::commit)
                                .satisfies(e -> assertCode(e, ErrorCode.OUTCOME_UNKNOWN));
                    } else {
                        connection.rollback();
                    }
                }
            }
            return null;
        });
        assertThat(anabranch.databases()).allSatisfy(status -> assertThat(status.active()).isZero());
    }

    @Test
    void committedRowsStayAndUncommittedOnesGo() throws SQLException {
        TenantContext.call("s", () -> {
            try (Connection connection = notes.getConnection()) {
                connection.setAutoCommit(false);
                insert(connection, "s", "kept");
                connection.commit();
                insert(connection, "s", "lost");
            }
            try (Connection connection = notes.getConnection()) {
                assertThat(ask(connection, "select string_agg(body, ',') from note where customer_id = 's'"))
                        .isEqualTo("kept");
            }
            return null;
        });
    }

    @Test
    void refusesAStatementWithoutATenant() throws SQLException {
        try (Connection connection = notes.getConnection()) {
            assertThatExceptionOfType(SQLNonTransientException.class)
                    .isThrownBy(connection::createStatement)
                    .satisfies(e -> assertCode(e, ErrorCode.TENANT_NOT_BOUND))
                    .withMessageContaining("TenantContext.run");
        }
        assertThat(anabranch.connections()).isZero();
    }

    @Test
    void refusesAConnectionUnderAnotherTenantOrNone() throws SQLException {
        try (Connection connection = notes.getConnection()) {
            PreparedStatement prepared = TenantContext.call("s", () -> connection.prepareStatement("select 1"));
            Statement plain = TenantContext.call("s", connection::createStatement);
            plain.addBatch("insert into note values ('s', 'batch')");

            TenantContext.call("n", () -> {
                assertConflict(prepared::executeQuery, "'s'", "tenant 'n'");
                assertConflict(() -> plain.execute("select 1"), "'s'", "tenant 'n'");
                assertConflict(plain::executeBatch, "'s'", "tenant 'n'");
                assertConflict(connection::createStatement, "'s'", "tenant 'n'");
                assertConflict(connection::setSavepoint, "'s'", "tenant 'n'");
                assertConflict(connection::getMetaData, "'s'", "tenant 'n'");
                assertConflict(() -> connection.createArrayOf("text", new Object[0]), "'s'", "tenant 'n'");
                return null;
            });
            assertConflict(prepared::executeQuery, "'s'", "without a tenant");
        }
    }

    private static void assertConflict(
            ThrowableAssert.ThrowingCallable action, String owner, String caller) {
        assertThatExceptionOfType(SQLNonTransientException.class)
                .isThrownBy(action)
                .satisfies(e -> assertCode(e, ErrorCode.TENANT_CONFLICT))
                .withMessageContaining(owner)
                .withMessageContaining(caller);
    }

    @Test
    void leadsFromAStatementBackToTheRoutedConnection() throws SQLException {
        TenantContext.call("s", () -> {
            try (Connection connection = notes.getConnection();
                    PreparedStatement statement = connection.prepareStatement("select 1")) {
                assertThat(statement.getConnection()).isSameAs(connection);
                assertThat(connection.isWrapperFor(PGConnection.class)).isTrue();
                assertThat(connection.unwrap(PGConnection.class).getBackendPID()).isPositive();
            }
            return null;
        });
    }

    @Test
    void closesOnceAndThenRefusesAllUse() throws SQLException {
        Connection connection = notes.getConnection();
        TenantContext.call("s", () -> ask(connection, "select 1"));
        connection.close();
        connection.close();

        assertThat(connection.isClosed()).isTrue();
        assertThat(anabranch.databases()).allSatisfy(status -> assertThat(status.active()).isZero());
        assertThatExceptionOfType(SQLException.class)
                .isThrownBy(() -> TenantContext.call("s", connection::createStatement))
                .satisfies(e -> assertThat(e.getSQLState()).isEqualTo("08003"));
        assertThatExceptionOfType(SQLException.class).isThrownBy(() -> connection.setAutoCommit(false));
    }

    @Test
    void answersMetadataWithoutATenant() throws SQLException {
        try (Connection connection = notes.getConnection()) {
            assertThat(connection.getMetaData().getDatabaseProductName()).isEqualTo("PostgreSQL");
            // It leads to no connection that would run a statement for nobody.
            assertThatExceptionOfType(SQLException.class)
                    .isThrownBy(() -> connection.getMetaData().getConnection().createStatement())
                    .satisfies(e -> assertCode(e, ErrorCode.TENANT_NOT_BOUND));
            // That decided no route.
            assertThat(TenantContext.<String, SQLException>call(
                            "s", () -> ask(connection, "select current_database()")))
                    .isEqualTo("south");
        }
        assertThat(anabranch.databases()).allSatisfy(status -> assertThat(status.active()).isZero());
    }

    @Test
    void givesTheConnectionBackAfterAnError() throws SQLException {
        for (int i = 0; i < 30; i++) {
            TenantContext.call("s", () -> {
                try (Connection connection = notes.getConnection()) {
                    connection.setAutoCommit(false);
                    assertThatExceptionOfType(SQLException.class)
                            .isThrownBy(() -> ask(connection, "select nothing from nowhere"));
                }
                return null;
            });
        }
        assertThat(anabranch.databases()).allSatisfy(status -> assertThat(status.active()).isZero());
    }

    @Test
    void refusesAllUseAfterAnabranchWasClosed() {
        anabranch.close();
        assertThatExceptionOfType(SQLException.class)
                .isThrownBy(() -> databaseOf("s"))
                .satisfies(e -> assertCode(e, ErrorCode.CLOSED));
    }

    private static void assertCode(SQLException failure, ErrorCode code) {
        assertThat(AnabranchException.in(failure)).map(AnabranchException::code).contains(code);
        assertThat(failure.getSQLState()).isEqualTo(code.sqlState());
    }

    private String databaseOf(String tenant) throws SQLException {
        return TenantContext.call(tenant, () -> {
            try (Connection connection = notes.getConnection()) {
                return ask(connection, "select current_database()");
            }
        });
    }

    private static void insert(Connection connection, String tenant, String body) throws SQLException {
        try (PreparedStatement insert = connection.prepareStatement("insert into note values (?, ?)")) {
            insert.setString(1, tenant);
            insert.setString(2, body);
            insert.executeUpdate();
        }
    }

    private static String ask(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            rows.next();
            return rows.getString(1);
        }
    }
}
