// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.operations.migration.apply;

import dev.anabranch.operations.migration.files.MigrationFile;
import dev.anabranch.operations.migration.files.MigrationSet;
import dev.anabranch.problem.AnabranchException;
import dev.anabranch.problem.ErrorCode;
import dev.anabranch.topology.Database;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static dev.anabranch.operations.migration.apply.MigrationServers.await;
import static dev.anabranch.operations.migration.apply.MigrationServers.connect;
import static dev.anabranch.operations.migration.apply.MigrationServers.execute;
import static dev.anabranch.operations.migration.apply.MigrationServers.query;
import static dev.anabranch.operations.migration.apply.MigrationServers.set;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

@Timeout(60)
class OnlineRepairTest {
    private static final MigrationSet SET = set(
            "table\nCREATE TABLE item (id int, name text); INSERT INTO item VALUES (1, 'a');",
            """
            index
            CREATE INDEX CONCURRENTLY item_first ON item (id);
            CREATE INDEX CONCURRENTLY item_second ON item (name);
            """);
    private static final String INVALID = "SELECT indexrelid::regclass FROM pg_index WHERE NOT indisvalid";
    private static final String BUILDING =
            "SELECT pid FROM pg_stat_progress_create_index WHERE datname = current_database()";

    private final SchemaMigrator migrator = new SchemaMigrator(MigrationSettings.DEFAULT);
    private final Database database = MigrationServers.plain();
    private final Target target = new Target("app", database, "app");

    @BeforeEach
    void makeTheTable() {
        migrator.migrate(target, SET.upTo(1));
    }

    @Test
    void buildsAnewWhatIsHalfBuiltWithoutARecordOfIt() throws Exception {
        try (ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
            try (Connection writer = connect(database.primary());
                    Statement statement = writer.createStatement()) {
                writer.setAutoCommit(false);
                statement.execute("UPDATE app.item SET id = 2");
                Future<MigrationResult> broken = executor.submit(() -> migrator.migrate(target, SET));
                await("the index waits for the writer", () -> !query(database, BUILDING).isEmpty());
                // As with SIGKILL, nobody is left to write anything down.
                query(database, "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_progress_create_index");
                assertThatExceptionOfType(ExecutionException.class)
                        .isThrownBy(broken::get)
                        .withMessageContaining("it goes on where it was");
                writer.rollback();
            }
            assertThat(query(database, INVALID)).containsExactly("app.item_first");
            assertThat(query(database, "SELECT version FROM app.flyway_schema_history")).containsExactly("1");
        }
        assertThat(migrator.migrate(target, SET).applied()).hasSize(1);
        assertThat(query(database, INVALID)).isEmpty();
        assertThat(migrator.standing(target, SET).isCurrent()).isTrue();
    }

    @Test
    void keepsTheIndexesThatItHasBuiltWhereOnlyTheRecordIsMissing() {
        migrator.migrate(target, SET);
        String before = query(database, "SELECT 'app.item_first'::regclass::oid").getFirst();
        execute(database, "DELETE FROM app.flyway_schema_history WHERE version = '2'; DROP INDEX app.item_second");
        assertThat(migrator.migrate(target, SET).applied()).extracting(MigrationFile::version).containsExactly(2L);
        assertThat(query(database, "SELECT 'app.item_first'::regclass::oid")).containsExactly(before);
        assertThat(query(database, "SELECT 'app.item_second'::regclass")).containsExactly("app.item_second");
    }

    @Test
    void doesNotTakeSomebodyElsesIndexForItsOwn() {
        execute(database, "CREATE INDEX item_first ON app.item (name)");
        assertThatExceptionOfType(AnabranchException.class)
                .isThrownBy(() -> migrator.migrate(target, SET))
                .withMessageContaining("V2__index.sql:1")
                .withMessageContaining("42P07");
    }

    @Test
    void waitsForSomebodyWhoBuildsIndexesByHand() throws Exception {
        try (ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<?> byHand;
            try (Connection writer = connect(database.primary());
                    Statement statement = writer.createStatement()) {
                writer.setAutoCommit(false);
                statement.execute("UPDATE app.item SET id = 2");
                byHand = executor.submit(
                        () -> execute(database, "CREATE INDEX CONCURRENTLY item_second ON app.item (name)"));
                await("somebody builds", () -> !query(database, BUILDING).isEmpty());
                var hasty = new SchemaMigrator(MigrationSettings.DEFAULT.withLockWait(Duration.ofMillis(150)));
                assertThatExceptionOfType(AnabranchException.class)
                        .isThrownBy(() -> hasty.migrate(target, SET))
                        .satisfies(e -> assertThat(e.code()).isEqualTo(ErrorCode.MIGRATION_LOCKED))
                        .withMessageContaining("Somebody builds indexes on tables of app on " + database.name())
                        .withMessageContaining("pid ");
                writer.rollback();
            }
            byHand.get();
            assertThat(query(database, INVALID)).isEmpty();
        }
    }

    @Test
    void clearsAwayWhatAReindexLeft() {
        migrator.migrate(target, SET);
        // What a REINDEX CONCURRENTLY leaves that broke off.
        execute(
                database,
                "CREATE INDEX item_first_ccnew ON app.item (id);"
                        + " UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'app.item_first_ccnew'::regclass");
        MigrationSet more = set(
                "table\nCREATE TABLE item (id int, name text); INSERT INTO item VALUES (1, 'a');",
                "index\n" + SET.files().get(1).sql(),
                "again_online\nREINDEX INDEX CONCURRENTLY item_first;");
        assertThat(migrator.migrate(target, more).applied()).hasSize(1);
        assertThat(query(database, "SELECT indexname FROM pg_indexes WHERE schemaname = 'app' AND tablename = 'item' ORDER BY 1"))
                .containsExactly("item_first", "item_second");
    }

    private void assertFailsTwice(MigrationSet set, String message) {
        for (int run = 1; run <= 2; run++) {
            assertThatExceptionOfType(AnabranchException.class)
                    .as("run %d", run)
                    .isThrownBy(() -> migrator.migrate(target, set))
                    .withMessageContaining(message);
        }
        assertThat(query(database, "SELECT version FROM app.flyway_schema_history WHERE success")).containsExactly("1");
    }

    private static MigrationSet then(String second) {
        return set("table\n" + SET.files().getFirst().sql(), second);
    }

    @Test
    void whatFailedBecauseOfAnotherIndexFailsAgain() {
        execute(database, "CREATE INDEX item_first ON app.item (name)");
        assertFailsTwice(SET, "42P07");
        // One of the same name elsewhere says nothing either.
        execute(database, "DROP INDEX app.item_first; CREATE SCHEMA other; CREATE TABLE other.item (id int);"
                + " ALTER SCHEMA other OWNER TO " + database.name() + "; ALTER TABLE other.item OWNER TO " + database.name()
                + "; CREATE INDEX item_first ON other.item (id); COMMENT ON TABLE app.flyway_schema_history IS NULL");
        assertFailsTwice(then("index\nCREATE INDEX CONCURRENTLY item_first ON other.item (id);"), "42P07");
    }

    @Test
    void whatFailedBecauseThereWasNothingToDropFailsAgain() {
        assertFailsTwice(then("drop\nDROP INDEX CONCURRENTLY misspelt;"), "42704");
        assertFailsTwice(then("drop\nDROP INDEX CONCURRENTLY nowhere.misspelt;"), "3F000");
    }

    @Test
    void theRestOfABrokenOffFileMayBeCorrected() {
        String first = "index_online\nCREATE INDEX CONCURRENTLY item_first ON item (id);\n";
        assertThatExceptionOfType(AnabranchException.class)
                .isThrownBy(() -> migrator.migrate(target, then(first + "CREATE INDEX CONCURRENTLY item_second ON item (nam);")))
                .withMessageContaining("42703");
        String before = query(database, "SELECT 'app.item_first'::regclass::oid").getFirst();
        assertThat(migrator.migrate(target, then(first + "CREATE INDEX CONCURRENTLY item_second ON item (name);")).applied())
                .hasSize(1);
        assertThat(query(database, "SELECT 'app.item_first'::regclass::oid")).containsExactly(before);
    }

    @Test
    void takesAFilesRecordOutByTheVersionAsItIsStored() {
        MigrationSet padded = new MigrationSet("test", java.util.List.of(
                SET.files().getFirst(),
                MigrationSet.file("test", "V002__check_online.sql", "SELECT 1 / (SELECT count(*) FROM item);")));
        execute(database, "DELETE FROM app.item");
        assertThatExceptionOfType(AnabranchException.class)
                .isThrownBy(() -> migrator.migrate(target, padded))
                .withMessageContaining("22012");
        execute(database, "INSERT INTO app.item VALUES (1)");
        assertThat(migrator.migrate(target, padded).applied()).hasSize(1);
        assertThat(query(database, "SELECT version || success FROM app.flyway_schema_history ORDER BY installed_rank"))
                .containsExactly("1true", "002true");
    }
}
