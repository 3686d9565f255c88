// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.operations.migration.desired;

import dev.anabranch.operations.migration.catalog.CatalogDiff;
import dev.anabranch.operations.migration.catalog.CatalogReader;
import dev.anabranch.operations.migration.catalog.CatalogSnapshot;
import dev.anabranch.operations.migration.catalog.Phase;
import dev.anabranch.operations.migration.catalog.Renames;
import dev.anabranch.operations.migration.catalog.Step;
import dev.anabranch.operations.migration.desired.GeneratedMigration.GeneratedFile;
import dev.anabranch.operations.migration.desired.random.RandomPair;
import dev.anabranch.operations.migration.files.MigrationSet;
import dev.anabranch.operations.migration.sql.SqlScript;
import dev.anabranch.operations.migration.sql.SqlStatement;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * For random pairs of schemas: the files generated from one to the other, run on the one, make the other.
 *
 * <p>{@code -Danabranch.property.pairs=500} runs as many (the default is a short form), {@code -Danabranch.property.seed=1}
 * begins with that seed; a pair's seed alone makes it again. {@code -Danabranch.property.failures=20} goes on after a failure
 * until there are so many.
 */
class RandomSchemasTest {
    private static final int PAIRS = Integer.getInteger("anabranch.property.pairs", 100);
    private static final long SEED = Long.getLong("anabranch.property.seed", 1);
    private static final int FAILURES = Integer.getInteger("anabranch.property.failures", 1);

    @Test
    void leadsFromAnySchemaToAnyOther() throws SQLException {
        List<String> failures = new ArrayList<>();
        int changed = 0;
        try (Connection connection = TestDatabase.create().connect()) {
            for (long seed = SEED; seed < SEED + PAIRS && failures.size() < FAILURES; seed++) {
                var attempt = new Attempt(RandomPair.of(seed), connection);
                try {
                    attempt.run();
                } catch (SQLException | RuntimeException | AssertionError e) {
                    failures.add(attempt.describe(e));
                } finally {
                    attempt.cleanUp();
                }
                changed += attempt.steps.isEmpty() ? 0 : 1;
            }
        }
        assertThat(failures).as("failed pairs").isEmpty();
        // Else the pairs are all alike, and the property says nothing.
        assertThat(changed).isGreaterThan(PAIRS / 2);
    }

    /** One pair on its way. */
    private static final class Attempt {
        private final RandomPair pair;
        private final Connection connection;
        private String doing = "making both";
        private List<Step> steps = List.of();

        Attempt(RandomPair pair, Connection connection) {
            this.pair = pair;
            this.connection = connection;
        }

        void run() throws SQLException {
            CatalogSnapshot to = ScratchSchema.snapshotOf(connection, List.of(new SqlSource("to", pair.to())));
            TestDatabase.execute(connection, "create schema pair", "set search_path = pair");
            connection.setAutoCommit(false);
            for (SqlStatement statement : SqlScript.split(pair.from())) {
                doing = "from: " + statement.text();
                TestDatabase.execute(connection, statement.text());
            }
            connection.commit();
            connection.setAutoCommit(true);
            doing = "comparing";
            CatalogSnapshot from = CatalogReader.read(connection, "pair");
            steps = CatalogDiff.between(from, to, Renames.NONE);
            doing = "writing";
            var writer = new MigrationWriter(
                    Path.of("unused"), new MigrationSet("none", List.of()), "pair", "a seed", true, true);
            for (GeneratedFile file : writer.files("random", steps)) {
                apply(file);
            }
            doing = "comparing afterwards";
            CatalogSnapshot after = CatalogReader.read(connection, "pair");
            assertThat(CatalogDiff.between(after, to, Renames.NONE).stream().map(Step::sql))
                    .as("steps still left")
                    .isEmpty();
            assertThat(after).isEqualTo(to);
        }

        private void apply(GeneratedFile file) throws SQLException {
            connection.setAutoCommit(file.phase() == Phase.ONLINE);
            for (SqlStatement statement : SqlScript.split(file.sql())) {
                doing = file.phase() + ": " + statement.text();
                TestDatabase.execute(connection, statement.text());
            }
            if (file.phase() != Phase.ONLINE) {
                doing = file.phase() + ": commit";
                connection.commit();
            }
            connection.setAutoCommit(true);
        }

        void cleanUp() throws SQLException {
            if (!connection.getAutoCommit()) {
                connection.rollback();
                connection.setAutoCommit(true);
            }
            TestDatabase.execute(connection, "reset all", "set client_min_messages = error", "drop schema if exists pair cascade");
        }

        String describe(Throwable failure) {
            return "\n==== seed " + pair.seed() + ", " + doing + "\n" + failure.getMessage()
                    + "\n---- from\n" + pair.from()
                    + "---- to\n" + pair.to()
                    + "---- steps\n"
                    + steps.stream().map(step -> step.phase() + " " + step.sql() + ";").collect(Collectors.joining("\n"))
                    + "\n====\n";
        }
    }
}
