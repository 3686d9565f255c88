// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.operations.migration.desired;

import dev.anabranch.operations.migration.catalog.CatalogDiff;
import dev.anabranch.operations.migration.catalog.Renames;
import dev.anabranch.operations.migration.desired.random.RandomPair;
import dev.anabranch.operations.migration.files.MigrationFile;
import dev.anabranch.operations.migration.files.MigrationSet;
import dev.anabranch.operations.migration.lint.Finding;
import dev.anabranch.operations.migration.lint.Lint;
import dev.anabranch.operations.migration.lint.LintContext;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A new service's first files pass lint, where no database was asked and where it is empty, for random schemas;
 * {@code -Danabranch.property.pairs=1000} looks at as many.
 */
class NewServiceLintTest {
    private static final int PAIRS = Integer.getInteger("anabranch.property.pairs", 20);

    @Test
    void theFirstFilesOfANewServicePass() throws SQLException {
        List<String> failures = new ArrayList<>();
        int written = 0;
        try (Connection connection = TestDatabase.create().connect()) {
            var empty = ScratchSchema.snapshotOf(connection, List.of());
            for (long seed = 1; seed <= PAIRS; seed++) {
                var wanted = ScratchSchema.snapshotOf(connection, List.of(new SqlSource("to", RandomPair.of(seed).to())));
                var none = new MigrationSet("generated", List.of());
                var writer = new MigrationWriter(Path.of("unused"), none, "shop", "a script", false, false);
                List<MigrationFile> files = writer.files("begin", CatalogDiff.between(empty, wanted, Renames.NONE)).stream()
                        .map(file -> MigrationSet.file("generated", String.valueOf(file.path().getFileName()), file.sql()))
                        .toList();
                written += files.size();
                LintContext offline =
                        LintContext.of(new MigrationSet("generated", files), "shop").withTimeoutsByRunner();
                for (LintContext context :
                        List.of(offline, offline.withFrom(1), offline.withApplied(Map.of()), offline.withNothingApplied())) {
                    for (Finding finding : Lint.of(context).findings()) {
                        failures.add("seed " + seed + ": " + finding + "\n" + finding.statement());
                    }
                }
            }
        }
        assertThat(failures).isEmpty();
        assertThat(written).as("files written").isGreaterThan(PAIRS / 2);
    }
}
