// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.operations.migration.lint;

import dev.anabranch.operations.migration.catalog.Renames;
import dev.anabranch.operations.migration.catalog.Step;
import dev.anabranch.operations.migration.desired.GeneratedFiles;
import dev.anabranch.operations.migration.desired.random.RandomPair;
import dev.anabranch.operations.migration.files.MigrationFile;
import dev.anabranch.operations.migration.files.MigrationSet;
import dev.anabranch.operations.migration.sql.SqlScript;
import dev.anabranch.operations.migration.sql.SqlStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What is generated passes lint, for random pairs of schemas.
 *
 * <p>{@code -Danabranch.property.pairs=1000} looks at as many, {@code -Danabranch.property.seed=1} begins with that seed, and
 * {@code -Danabranch.property.failures=20} goes on after a failure until there are so many. A tenth of them is traced as well.
 */
class GeneratedFilesTest {
    private static final int PAIRS = Integer.getInteger("anabranch.property.pairs", 100);
    private static final int TRACED = Math.max(10, PAIRS / 10);
    private static final long SEED = Long.getLong("anabranch.property.seed", 1);
    private static final int FAILURES = Integer.getInteger("anabranch.property.failures", 1);
    private static final String SCHEMA = "shop";

    @Test
    void whatIsGeneratedPassesLint() throws SQLException {
        List<String> failures = new ArrayList<>();
        int files = 0;
        int allowed = 0;
        try (var generated = GeneratedFiles.begin()) {
            for (long seed = SEED; seed < SEED + PAIRS && failures.size() < FAILURES; seed++) {
                RandomPair pair = RandomPair.of(seed);
                List<Step> steps = generated.steps(pair.from(), pair.to(), Renames.NONE);
                for (boolean allowDestructive : new boolean[] {false, true}) {
                    MigrationSet set = GeneratedFiles.set(pair.from(), steps, allowDestructive);
                    List<Finding> found = lint(set);
                    if (!found.isEmpty() && failures.size() < FAILURES) {
                        failures.add(describe(seed, allowDestructive, set, found));
                    }
                    files += set.files().size() - 1;
                    allowed += (int) made(set).stream()
                            .flatMap(file -> file.sql().lines())
                            .filter(line -> line.startsWith("-- lint: allow"))
                            .count();
                }
            }
        }
        assertThat(failures).as("pairs whose files do not pass").isEmpty();
        // Else the pairs are all alike, and the property says nothing.
        assertThat(files).isGreaterThan(2 * PAIRS);
        assertThat(allowed).isGreaterThan(PAIRS / 4);
    }

    @Test
    void whatIsGeneratedPassesTheTracedLint() throws SQLException {
        List<String> failures = new ArrayList<>();
        try (var generated = GeneratedFiles.begin()) {
            for (long seed = SEED; seed < SEED + TRACED && failures.size() < FAILURES; seed++) {
                RandomPair pair = RandomPair.of(seed);
                List<Step> steps = generated.steps(pair.from(), pair.to(), Renames.NONE);
                MigrationSet set = GeneratedFiles.set(pair.from(), steps, true);
                List<Finding> found = Lint.of(context(set).withScratch(generated.connection())).findings();
                if (!found.isEmpty()) {
                    failures.add(describe(seed, true, set, found));
                }
            }
        }
        assertThat(failures).as("pairs whose files do not pass").isEmpty();
    }

    @Test
    void aRenameThatWasAskedForPasses() throws SQLException {
        String from = "create table plan (id bigint primary key, title text); create table kind (id bigint primary key);";
        String to = "create table tariff (id bigint primary key, name text); create table kind (id bigint primary key);";
        try (var generated = GeneratedFiles.begin()) {
            List<Step> steps = generated.steps(
                    from, to, Renames.parse(List.of("plan:tariff", "tariff.title:name")));
            MigrationSet set = GeneratedFiles.set(from, steps, false);
            assertThat(lint(set)).isEmpty();
            assertThat(set.files().getLast().sql()).contains("-- lint: allow rename-breaks-code because the rename was asked for\n"
                    + "ALTER TABLE plan RENAME TO tariff;");
        }
    }

    /** A default that differs from row to row: no row is without a value, and the table is not written anew for it. */
    @Test
    void aVolatileDefaultIsGivenToTheRowsThatAreThereInBatches() throws SQLException {
        String from = "create table plan (id bigint primary key);";
        String to = "create table plan (id bigint primary key, token uuid not null default gen_random_uuid());";
        try (var generated = GeneratedFiles.begin();
                Statement statement = generated.connection().createStatement()) {
            MigrationSet set = GeneratedFiles.set(from, generated.steps(from, to, Renames.NONE), false);
            assertThat(lint(set)).isEmpty();
            assertThat(made(set)).noneMatch(file -> file.sql().contains("lint: allow"));
            statement.execute("create schema filled; set search_path = filled");
            statement.execute(from + "insert into plan select generate_series(1, 12000);");
            for (MigrationFile file : made(set)) {
                // Without a transaction, each statement by itself, as an online file needs it.
                for (SqlStatement one : SqlScript.split(file.sql())) {
                    statement.execute(one.text());
                }
            }
            try (ResultSet rows = statement.executeQuery("select count(distinct token) from plan")) {
                rows.next();
                assertThat(rows.getInt(1)).isEqualTo(12_000);
            }
        }
    }

    private static List<Finding> lint(MigrationSet set) {
        return Lint.of(context(set)).findings();
    }

    private static LintContext context(MigrationSet set) {
        Map<Long, Integer> applied = new TreeMap<>();
        set.files().stream()
                .filter(file -> file.fileName().equals("V1__from.sql"))
                .forEach(file -> applied.put(file.version(), file.checksum()));
        return LintContext.of(set, SCHEMA).withApplied(applied).withTimeoutsByRunner();
    }

    private static List<MigrationFile> made(MigrationSet set) {
        return set.files().stream()
                .filter(file -> !file.fileName().equals("V1__from.sql"))
                .toList();
    }

    private static String describe(long seed, boolean allowDestructive, MigrationSet set, List<Finding> found) {
        return "\n==== seed " + seed + (allowDestructive ? ", destructive" : "") + "\n"
                + found.stream()
                        .map(finding -> "FOUND " + finding + "\n  " + finding.statement() + "\n")
                        .collect(Collectors.joining())
                + set.files().stream()
                        .map(file -> "---- " + file.fileName() + "\n" + file.sql())
                        .collect(Collectors.joining())
                + "====\n";
    }
}
