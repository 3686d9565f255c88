// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.operations.migration.desired;

import dev.anabranch.problem.AnabranchException;
import dev.anabranch.problem.ErrorCode;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class ScratchSchemaTest {
    private static final String SCHEMAS = "select nspname from pg_namespace where nspname like 'anabranch%'";

    private TestDatabase database;
    private Connection connection;

    @BeforeEach
    void connect() throws SQLException {
        database = TestDatabase.create();
        connection = database.connect();
    }

    @AfterEach
    void disconnect() throws SQLException {
        connection.close();
    }

    private static SqlSource source(String sql) {
        return new SqlSource("schema.sql", sql);
    }

    @Test
    void leavesNothingBehindAndShowsNothingToOthers() throws SQLException {
        try (Connection other = database.connect();
                var scratch = ScratchSchema.open(connection)) {
            scratch.run(source("create table plan (id int primary key); insert into plan values (1);"));
            assertThat(scratch.snapshot().tables()).hasSize(1);
            assertThat(TestDatabase.strings(connection, "select current_schemas(false)::text"))
                    .containsExactly("{" + scratch.name() + "}");
            assertThat(TestDatabase.strings(other, SCHEMAS)).isEmpty();
        }
        assertThat(TestDatabase.strings(connection, SCHEMAS)).isEmpty();
        assertThat(connection.getAutoCommit()).isTrue();
        assertThat(TestDatabase.strings(connection, "show search_path")).containsExactly("\"$user\", public");
        assertThat(TestDatabase.strings(connection, "show lock_timeout")).containsExactly("0");
    }

    @Test
    void leavesNothingBehindAfterAnError() throws SQLException {
        assertThatThrownBy(() -> ScratchSchema.snapshotOf(connection, List.of(source("create table a (b int); select 1/0"))))
                .hasMessageContaining("22012");
        assertThat(TestDatabase.strings(connection, SCHEMAS)).isEmpty();
        assertThat(connection.getAutoCommit()).isTrue();
    }

    @Test
    void namesFileLineStatementAndState() {
        String sql =
                """
                create table plan (id int primary key);

                -- the next one is wrong
                create table price (
                    plan_id int references plann (id)
                );
                """;
        assertThatThrownBy(() -> ScratchSchema.snapshotOf(connection, List.of(source(sql))))
                .isInstanceOfSatisfying(AnabranchException.class, e -> {
                    assertThat(e.code()).isEqualTo(ErrorCode.MIGRATION_INVALID);
                    assertThat(e.problem())
                            .startsWith("schema.sql line 4: ERROR: relation \"plann\" does not exist")
                            .contains("SQLState 42P01")
                            .contains("create table price ( plan_id int references plann (id) )")
                            .contains(database.name());
                });
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "commit", "ROLLBACK", "begin", "start transaction", "end", "abort", "savepoint a", "/* x */ commit",
                "prepare transaction 'x'", "rollback to savepoint a", "release savepoint a", "\\connect other"
            })
    void refusesWhatBeginsOrEndsATransaction(String statement) throws SQLException {
        assertThatThrownBy(() -> ScratchSchema.snapshotOf(
                        connection, List.of(source("create table plan (id int);\n" + statement + ";"))))
                .hasMessageContaining("schema.sql line 2")
                .hasMessageContaining("Take it out");
        assertThat(TestDatabase.strings(connection, SCHEMAS)).isEmpty();
    }

    @Test
    void runsWhatBelongsOutsideOfATransaction() {
        var snapshot = ScratchSchema.snapshotOf(
                connection,
                List.of(
                        source(
                                """
                create table plan (id int, name text, tags text[] default '{}', data jsonb);
                set lock_timeout = 0;
                create unique index concurrently if not exists plan_id on plan (id);
                CREATE /* now */ INDEX
                    CONCURRENTLY plan_name on plan (name) where name <> 'concurrently';
                create index plan_data on plan (id) where data ? 'a';
                drop index concurrently plan_name;
                alter table plan add constraint named check (name <> '') not valid;
                alter table plan validate constraint named;
                reindex table concurrently plan;
                vacuum analyze plan;
                create function four() returns int begin atomic select 4; end;
                create table part (id int) partition by list (id);
                create table part_1 partition of part for values in (1);
                alter table part detach partition part_1 concurrently;
                """)));

        assertThat(snapshot.indexes("plan")).hasSize(2);
        assertThat(snapshot.constraints("plan")).hasSize(1);
        assertThat(snapshot.toString()).contains("four");
    }

    @Test
    void staysInItsSchemaWhateverAFileSets() throws SQLException {
        TestDatabase.execute(connection, "create schema neighbour", "create table neighbour.town (id int primary key)");

        assertThatThrownBy(() -> ScratchSchema.snapshotOf(
                        connection, List.of(source("set search_path = neighbour; create table intruder (id int);"))))
                .hasMessageContaining("neighbour.intruder")
                .hasMessageContaining("Leave the schema's name out");
        assertThatThrownBy(() ->
                        ScratchSchema.snapshotOf(connection, List.of(source("create type neighbour.mood as enum ('a');"))))
                .hasMessageContaining("type neighbour.mood");
        assertThat(TestDatabase.strings(connection, "select relname from pg_class where relname = 'intruder'"))
                .isEmpty();
    }

    @Test
    void pointsToANeighboursTableAndWaitsForItOnlyShortly() throws SQLException {
        TestDatabase.execute(connection, "create schema neighbour", "create table neighbour.town (id int primary key)");
        SqlSource key = source("create table house (town_id int references neighbour.town (id));");

        assertThat(ScratchSchema.snapshotOf(connection, List.of(key)).constraints("house"))
                .hasSize(1);

        try (Connection other = database.connect()) {
            other.setAutoCommit(false);
            TestDatabase.execute(other, "insert into neighbour.town values (1)");
            long begin = System.nanoTime();
            // What the file sets does not make the waits longer.
            assertThatThrownBy(() -> ScratchSchema.snapshotOf(
                            connection, List.of(source("set lock_timeout = 0;"), key)))
                    .hasMessageContaining("55P03")
                    .hasMessageContaining("Try again");
            assertThat(System.nanoTime() - begin).isLessThan(10_000_000_000L);
            other.rollback();
        }
    }

    @Test
    void saysWhichGrantIsMissing() throws SQLException {
        String role = database.name() + "_app";
        try (Connection stranger = database.connectAs(role)) {
            assertThatThrownBy(() -> ScratchSchema.open(stranger))
                    .isInstanceOfSatisfying(AnabranchException.class, e -> {
                        assertThat(e.problem()).contains(role).contains(database.name());
                        assertThat(e.hint())
                                .isEqualTo("Run: grant create on database " + database.name() + " to " + role);
                    });
            TestDatabase.execute(connection, "grant create on database " + database.name() + " to " + role);
            ScratchSchema.open(stranger).close();
        }
    }
}
