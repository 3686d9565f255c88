// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.operations.migration.run;

import dev.anabranch.operations.migration.apply.MigrationServers;
import dev.anabranch.operations.migration.apply.MigrationSettings;
import dev.anabranch.operations.migration.files.MigrationFile;
import dev.anabranch.operations.migration.files.MigrationSet;
import dev.anabranch.topology.Database;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static dev.anabranch.operations.migration.apply.MigrationServers.query;
import static org.assertj.core.api.Assertions.assertThat;

/**
 * A run over twelve shards, killed by SIGKILL at random moments and resumed.
 *
 * <p>The short form kills 3 times; {@code -Danabranch.kills=20} more often, {@code -Danabranch.seed} repeats a run's choices.
 */
class KillTest {
    private static final int KILLS = Integer.getInteger("anabranch.kills", 3);
    private static final long SEED = Long.getLong("anabranch.seed", System.nanoTime());
    private static final int SHARDS = 12;
    /** The kill that strikes while an index is built, which none of the others may. */
    private static final int HALF_BUILT = 1;

    private static final String TABLES =
            """
            CREATE TABLE person (id bigint PRIMARY KEY, name text NOT NULL, email text);
            CREATE TABLE address (id bigint PRIMARY KEY, person bigint NOT NULL, city text);
            INSERT INTO person SELECT i, 'name ' || i, i || '@example.org' FROM generate_series(1, 5000) i;
            INSERT INTO address SELECT i, i, 'city ' || i % 100 FROM generate_series(1, 5000) i;
            """;
    private static final String INDEXES =
            """
            CREATE INDEX CONCURRENTLY person_name ON person (name);
            CREATE UNIQUE INDEX CONCURRENTLY person_email ON person (email);
            DROP INDEX CONCURRENTLY person_name;
            """;
    private static final String CHANGES =
            """
            ALTER TABLE person ADD region text;
            UPDATE person SET region = 'eu';
            ALTER TABLE address ADD CONSTRAINT address_person FOREIGN KEY (person) REFERENCES person NOT VALID;
            """;
    private static final String GENERATED =
            """
            DROP INDEX CONCURRENTLY IF EXISTS address_city;
            CREATE INDEX CONCURRENTLY IF NOT EXISTS address_city ON address (city);
            ALTER TABLE address VALIDATE CONSTRAINT address_person;
            """;
    private static final String LAST =
            """
            ALTER TABLE person ADD CONSTRAINT person_email_key UNIQUE USING INDEX person_email;
            CREATE TABLE note (body text);
            """;

    @TempDir
    private Path folder;

    @Test
    void resumingAKilledRunBringsAllShardsToHead() throws Exception {
        System.out.println("seed " + SEED);
        var random = new Random(SEED);
        Files.writeString(folder.resolve("V1__tables.sql"), TABLES);
        Files.writeString(folder.resolve("V2__indexes.sql"), INDEXES);
        Files.writeString(folder.resolve("V3__changes.sql"), CHANGES);
        Files.writeString(folder.resolve("V4__changes_online.sql"), GENERATED);
        Files.writeString(folder.resolve("V5__changes_finish.sql"), LAST);
        MigrationSet set = MigrationSet.ofFolder(folder);
        List<String> expected = set.files().stream()
                .map((MigrationFile file) -> file.version() + " " + file.description() + " " + file.checksum() + " true")
                .toList();
        List<Database> shards = new ArrayList<>();
        for (int i = 0; i < SHARDS; i++) {
            shards.add(MigrationServers.plain(MigrationServers.postgres(), "shard" + i));
        }
        // Checking, each file, done; and at the end what became of it.
        int lines = SHARDS * (set.files().size() + 2) + 1;
        int interrupted = 0;
        int invalid = 0;
        for (int kill = 0; kill < KILLS; kill++) {
            String schema = "k" + kill;
            int after = random.nextInt(lines);
            // Every other time something holds indexes up, so that more of them are hit half built.
            try (var snapshots = kill % 2 == 0 ? Snapshots.none() : Snapshots.of(shards, kill != HALF_BUILT)) {
                snapshots.renew();
                if (kill == HALF_BUILT) {
                    killWithAnIndexHalfBuilt(schema, shards);
                } else {
                    killAfter(after, random.nextInt(30), schema, shards);
                }
                if (kill % 2 == 1) {
                    // As the servers do by themselves within a second, when they notice that nobody listens.
                    query(
                            shards.getFirst(),
                            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
                                    + " WHERE application_name LIKE 'anabranch migrate people%'");
                }
            }
            String left = standing(shards, schema);
            for (Database shard : shards) {
                invalid += query(shard, "SELECT 1 FROM pg_index WHERE NOT indisvalid").size();
            }
            if (kill == HALF_BUILT) {
                assertThat(invalid).as("half-built indexes that the kill left").isPositive();
            }
            MigrationPlan plan = MigrationPlan.of(set, RunnerProcess.targets(shards, schema), RunOptions.DEFAULT);
            RunReport report = new MigrationRunner(MigrationSettings.DEFAULT).run(plan, RunListener.NONE);
            assertThat(report.targets())
                    .as("kill %d after %d lines, seed %d: %s", kill, after, SEED, left)
                    .allSatisfy(entry -> assertThat(entry.state()).as(entry.toString()).isEqualTo("done"));
            interrupted += report.targets().stream().anyMatch(entry -> !entry.applied().isEmpty()) ? 1 : 0;
            System.out.println("killed after " + after + " of " + lines + " lines: " + left + "; resumed in " + report.millis() + " ms");
            for (Database shard : shards) {
                assertThat(history(shard, schema)).isEqualTo(expected);
                assertThat(query(shard, "SELECT indexrelid::regclass FROM pg_index WHERE NOT indisvalid")).isEmpty();
                assertThat(query(
                                shard,
                                "SELECT indexname FROM pg_indexes WHERE schemaname = '" + schema
                                        + "' AND tablename IN ('person', 'address') ORDER BY 1"))
                        .containsExactly("address_city", "address_pkey", "person_email_key", "person_pkey");
            }
        }
        System.out.println(interrupted + " of " + KILLS + " kills left something to do, and " + invalid + " half-built indexes");
        assertThat(interrupted).as("kills that left something to do").isPositive();
    }

    private static List<String> history(Database shard, String schema) {
        return query(
                shard,
                "SELECT concat_ws(' ', version, description, checksum, success::text) FROM " + schema
                        + ".flyway_schema_history ORDER BY installed_rank");
    }

    /** How many shards are at which version, to see where the kill struck. */
    private static String standing(List<Database> shards, String schema) {
        List<String> versions = new ArrayList<>();
        for (Database shard : shards) {
            boolean begun =
                    !query(shard, "SELECT to_regclass('" + schema + ".flyway_schema_history')").contains("null");
            versions.add(
                    begun
                            ? "V" + query(shard, "SELECT max(version) FROM " + schema + ".flyway_schema_history").getFirst()
                            : "-");
        }
        return String.join(" ", versions);
    }

    private void killAfter(int lines, int millis, String schema, List<Database> shards) throws Exception {
        try (var process = RunnerProcess.start(MigrationServers.postgres().port(), folder, schema, shards)) {
            for (int i = 0; i < lines && process.line() != null; i++) {
                // Each line is a step of the run.
            }
            // A moment between two lines.
            LockSupport.parkNanos(millis * 1_000_000L);
            process.kill();
        }
    }

    /** Nothing ends the snapshots, and so the first index on a shard stays half built. */
    private void killWithAnIndexHalfBuilt(String schema, List<Database> shards) throws Exception {
        try (var process = RunnerProcess.start(MigrationServers.postgres().port(), folder, schema, shards)) {
            MigrationServers.await(
                    "an index is half built",
                    () -> shards.stream()
                            .anyMatch(shard -> !query(shard, "SELECT 1 FROM pg_index WHERE NOT indisvalid").isEmpty()));
            process.kill();
        }
    }

    /** Open transactions, one on each shard, for whose end a concurrently built index waits. */
    private record Snapshots(List<Connection> connections, AtomicBoolean over) implements AutoCloseable {
        static Snapshots none() {
            return new Snapshots(List.of(), new AtomicBoolean());
        }

        static Snapshots of(List<Database> shards, boolean renewed) throws SQLException {
            List<Connection> connections = new ArrayList<>();
            for (Database shard : shards) {
                Connection connection = MigrationServers.connect(shard.primary());
                connection.setAutoCommit(false);
                connection.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
                connections.add(connection);
            }
            var snapshots = new Snapshots(connections, new AtomicBoolean());
            Thread.ofVirtual().start(() -> {
                while (renewed && !snapshots.over().get()) {
                    LockSupport.parkNanos(100_000_000);
                    snapshots.renew();
                }
            });
            return snapshots;
        }

        /** Ends the transactions, and begins new ones. */
        synchronized void renew() {
            for (Connection connection : connections) {
                if (over.get()) {
                    return;
                }
                try (Statement statement = connection.createStatement()) {
                    connection.rollback();
                    statement.execute("SELECT count(*) FROM pg_class");
                } catch (SQLException e) {
                    throw new IllegalStateException(e);
                }
            }
        }

        @Override
        public synchronized void close() throws SQLException {
            over.set(true);
            for (Connection connection : connections) {
                connection.close();
            }
        }
    }
}
