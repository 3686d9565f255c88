// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.operations.migration.run;

import dev.anabranch.operations.migration.apply.MigrationServers;
import dev.anabranch.operations.migration.apply.MigrationSettings;
import dev.anabranch.operations.migration.files.MigrationSet;
import dev.anabranch.topology.Database;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import static dev.anabranch.operations.migration.apply.MigrationServers.query;
import static org.assertj.core.api.Assertions.assertThat;

/** Two processes that build the same indexes concurrently on eight shards, while the shards are written to. */
class ConcurrentIndexTest {
    private static final int SHARDS = 8;
    private static final int ROWS = Integer.getInteger("anabranch.index.rows", 20_000);

    private static final String INVALID =
            "SELECT 1 FROM pg_index WHERE NOT indisvalid AND indexrelid = to_regclass('app.item_body')";
    private static final String OF_THE_INDEX = "SELECT to_regclass('app.item_body')::oid";

    @TempDir
    private Path folder;

    private final AtomicBoolean writing = new AtomicBoolean(true);
    private final AtomicLong writes = new AtomicLong();
    private final AtomicLong waited = new AtomicLong();

    @Test
    @Timeout(180)
    void twoRunnersUnderWriteLoadLeaveNoInvalidIndexAndDoNotHang() throws Exception {
        Files.writeString(
                folder.resolve("V1__table.sql"),
                "CREATE TABLE item (id bigint PRIMARY KEY, body text NOT NULL);\n"
                        + "INSERT INTO item SELECT i, md5(i::text) FROM generate_series(1, " + ROWS + ") i;");
        List<Database> shards = new ArrayList<>();
        for (int i = 0; i < SHARDS; i++) {
            shards.add(MigrationServers.plain(MigrationServers.postgres(), "loaded" + i));
        }
        var runner = new MigrationRunner(MigrationSettings.DEFAULT);
        assertThat(runner.run(plan(shards), RunListener.NONE).isComplete()).isTrue();
        Files.writeString(
                folder.resolve("V2__indexes_online.sql"),
                "CREATE INDEX CONCURRENTLY IF NOT EXISTS item_body ON item (body);\n"
                        + "CREATE UNIQUE INDEX CONCURRENTLY item_body_id ON item (body, id);");
        int port = MigrationServers.postgres().port();
        String byHand;
        List<String> first;
        List<String> second;
        try (ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<?>> writers = new ArrayList<>();
            for (Database shard : shards) {
                writers.add(executor.submit(() -> write(shard, 1)));
                writers.add(executor.submit(() -> write(shard, 2)));
            }
            MigrationServers.await("writers write", () -> writes.get() > 100);
            Database canary = shards.getFirst();
            // For the end of this snapshot both wait: who builds an index by hand, and who migrates.
            try (Connection reader = MigrationServers.connect(canary.primary());
                    var statement = reader.createStatement();
                    var one = RunnerProcess.start(port, folder, "app", shards);
                    var two = RunnerProcess.start(port, folder, "app", shards)) {
                reader.setAutoCommit(false);
                reader.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
                statement.execute("SELECT count(*) FROM app.item");
                writers.add(executor.submit(() ->
                        MigrationServers.execute(canary, "CREATE INDEX CONCURRENTLY item_body ON app.item (body)")));
                MigrationServers.await("a superuser builds an index", () -> !query(canary, INVALID).isEmpty());
                byHand = query(canary, OF_THE_INDEX).getFirst();
                Future<List<String>> lines = executor.submit(() -> lines(one));
                Future<List<String>> others = executor.submit(() -> lines(two));
                MigrationServers.await("one waits for the other", () -> waited.get() > 0);
                reader.rollback();
                first = lines.get();
                second = others.get();
            } finally {
                writing.set(false);
            }
            for (Future<?> writer : writers) {
                writer.get();
            }
            assertThat(query(canary, OF_THE_INDEX)).as("the index that was built by hand").containsExactly(byHand);
        }
        assertThat(first.getLast()).startsWith("complete");
        assertThat(second.getLast()).isEqualTo(first.getLast());
        assertThat(waited).as("one works, and the other waits: %s / %s", first, second).hasPositiveValue();
        long migrated = first.stream().filter(line -> line.endsWith(" migrating")).count()
                + second.stream().filter(line -> line.endsWith(" migrating")).count();
        assertThat(migrated).as("each shard is migrated by one of the two").isEqualTo(SHARDS);
        System.out.println("writes while it ran: " + writes + "; waited for the other: " + waited);
        for (Database shard : shards) {
            assertThat(query(shard, "SELECT indexrelid::regclass FROM pg_index WHERE NOT indisvalid")).isEmpty();
            assertThat(query(shard, "SELECT version FROM app.flyway_schema_history WHERE success ORDER BY 1"))
                    .containsExactly("1", "2");
            assertThat(query(shard, "SELECT indexname FROM pg_indexes WHERE schemaname = 'app' AND tablename = 'item' ORDER BY 1"))
                    .containsExactly("item_body", "item_body_id", "item_pkey");
        }
    }

    private MigrationPlan plan(List<Database> shards) {
        return MigrationPlan.of(MigrationSet.ofFolder(folder), RunnerProcess.targets(shards, "app"), RunOptions.DEFAULT);
    }

    private List<String> lines(RunnerProcess process) throws Exception {
        List<String> lines = new ArrayList<>();
        for (String line = process.line(); line != null; line = process.line()) {
            lines.add(line);
            if (line.endsWith(" locked")) {
                waited.incrementAndGet();
            }
        }
        return lines;
    }

    /** Transactions of a few writes that stay open for a moment, for which the building of an index has to wait. */
    private Void write(Database shard, int writer) throws SQLException {
        try (Connection connection = MigrationServers.connect(shard.primary());
                PreparedStatement statement =
                        connection.prepareStatement("UPDATE app.item SET body = ? WHERE id = ?")) {
            connection.setAutoCommit(false);
            for (int i = 0; writing.get(); i++) {
                for (int row = 0; row < 3; row++) {
                    statement.setString(1, writer + " " + i);
                    // Rows of its own for each writer, in order: no deadlocks between the two.
                    statement.setLong(2, (i * 3L + row) % (ROWS / 2) * 2 + writer % 2);
                    statement.executeUpdate();
                    writes.incrementAndGet();
                    LockSupport.parkNanos(5_000_000);
                }
                connection.commit();
            }
        }
        return null;
    }
}
