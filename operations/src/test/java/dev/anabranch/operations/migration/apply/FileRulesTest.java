// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.operations.migration.apply;

import dev.anabranch.operations.migration.files.MigrationSet;
import dev.anabranch.topology.Database;
import dev.anabranch.topology.Endpoint;
import dev.anabranch.topology.Flavor;
import dev.anabranch.topology.Secret;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

class FileRulesTest {
    private static final Target TARGET = new Target(
            "billing",
            new Database("main", new Endpoint(Flavor.POSTGRES, "h", 1, "d", "u", Secret.of(""), Map.of()), null),
            "billing");

    private static FileRules rules(String name, String sql) {
        return FileRules.of(TARGET, MigrationSet.file("test", name, sql));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "create index concurrently a on t (b)",
                "CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS a ON t (b)",
                "DROP INDEX CONCURRENTLY IF EXISTS a",
                "REINDEX INDEX CONCURRENTLY a",
                "REINDEX (VERBOSE) TABLE CONCURRENTLY a",
                "REINDEX (CONCURRENTLY) TABLE a",
                "REINDEX DATABASE d",
                "VACUUM (ANALYZE) t",
                "vacuum",
                "ALTER SYSTEM SET work_mem = '1MB'",
                "ALTER TABLE p DETACH PARTITION q CONCURRENTLY",
                "/* why */ CREATE -- so\n INDEX CONCURRENTLY a ON t (b)",
                "SET maintenance_work_mem = '1GB'; CREATE INDEX CONCURRENTLY a ON t (b)"
            })
    void whatCannotRunInATransactionRunsOnline(String sql) {
        assertThat(rules("V1__x.sql", sql).online()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "CREATE INDEX a ON t (b)",
                "CREATE TABLE concurrently_made (a int)",
                "INSERT INTO t VALUES ('CREATE INDEX CONCURRENTLY a ON t (b)')",
                "REFRESH MATERIALIZED VIEW CONCURRENTLY v",
                "ALTER TYPE mood ADD VALUE 'calm'",
                "COMMENT ON TABLE t IS 'VACUUM; twice'",
                "-- CREATE INDEX CONCURRENTLY a ON t (b)\nSELECT 1",
                "REINDEX TABLE t",
                ""
            })
    void allElseRunsInATransaction(String sql) {
        assertThat(rules("V1__x.sql", sql).online()).isFalse();
        assertThat(rules("V1__x_online.sql", sql).online()).as("but for a file that says otherwise").isTrue();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    CREATE INDEX CONCURRENTLY Plan_Name ON plan (name)                   | plan_name
                    CREATE INDEX CONCURRENTLY IF NOT EXISTS "Plan Name" ON plan (name)   | Plan Name
                    CREATE UNIQUE INDEX CONCURRENTLY "a""b" ON ONLY plan USING btree (n) | a"b
                    CREATE INDEX CONCURRENTLY "on" ON plan (name) WHERE name <> ' ON '   | on
                    """)
    void findsTheNamesOfIndexes(String sql, String name) {
        assertThat(rules("V1__x.sql", sql).indexes()).extracting(FileRules.Index::name).containsExactly(name);
    }

    @Test
    void knowsWhatMayHaveBeenDoneBefore() {
        assertThat(FileRules.builds("CREATE INDEX CONCURRENTLY a ON t (b);")).isEqualTo("a");
        assertThat(FileRules.builds("CREATE INDEX CONCURRENTLY IF NOT EXISTS a ON t (b)")).isNull();
        assertThat(FileRules.builds("CREATE INDEX a ON t (b)")).isNull();
        assertThat(FileRules.drops("DROP INDEX CONCURRENTLY a")).isEqualTo("a");
        assertThat(FileRules.drops("DROP INDEX CONCURRENTLY IF EXISTS a")).isNull();
        assertThat(FileRules.waits("VACUUM t")).isTrue();
        assertThat(FileRules.waits("ALTER TABLE t ALTER a SET NOT NULL")).isFalse();
    }
}
