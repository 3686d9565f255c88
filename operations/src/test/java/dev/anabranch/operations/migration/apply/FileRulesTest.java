// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.operations.migration.apply;

import dev.anabranch.operations.migration.files.MigrationSet;
import dev.anabranch.problem.AnabranchException;
import dev.anabranch.problem.ErrorCode;
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
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

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
        assertThat(FileRules.work("CREATE INDEX CONCURRENTLY a ON t (b);"))
                .isEqualTo(FileRules.work("/* why */ CREATE INDEX  CONCURRENTLY a\n ON t (b)"))
                .extracting(FileRules.Work::builds, FileRules.Work::index)
                .containsExactly(true, new FileRules.Index(null, "a"));
        assertThat(FileRules.work("CREATE INDEX CONCURRENTLY a ON ONLY \"O t\" . t (b)"))
                .extracting(FileRules.Work::index)
                .isEqualTo(new FileRules.Index("O t", "a"));
        assertThat(FileRules.work("CREATE INDEX CONCURRENTLY IF NOT EXISTS a ON t (b)")).isNull();
        assertThat(FileRules.work("CREATE INDEX a ON t (b)")).isNull();
        assertThat(FileRules.work("DROP INDEX CONCURRENTLY Other.a CASCADE"))
                .extracting(FileRules.Work::builds, FileRules.Work::index)
                .containsExactly(false, new FileRules.Index("other", "a"));
        assertThat(FileRules.work("DROP INDEX CONCURRENTLY IF EXISTS a")).isNull();
        assertThat(FileRules.waits("VACUUM t")).isTrue();
        assertThat(FileRules.waits("REINDEX (VERBOSE) TABLE CONCURRENTLY t")).isTrue();
        assertThat(FileRules.waits("ALTER TABLE t ALTER a SET NOT NULL")).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "VACUUM FULL t",
                "VACUUM (ANALYZE, FULL) t",
                "REINDEX TABLE t",
                "REFRESH MATERIALIZED VIEW CONCURRENTLY v",
                "COMMENT ON TABLE t IS 'built CONCURRENTLY'"
            })
    void whatTakesAStrongLockDoesNotWaitForItForever(String sql) {
        assertThat(FileRules.waits(sql)).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "BEGIN", "START TRANSACTION READ WRITE", "COMMIT", "commit work", "END", "ROLLBACK", "ROLLBACK AND CHAIN",
                "ABORT", "PREPARE TRANSACTION 'x'", "ROLLBACK PREPARED 'x'"
            })
    void aFileThatRunsInATransactionDoesNotEndIt(String sql) {
        assertThatExceptionOfType(AnabranchException.class)
                .isThrownBy(() -> rules("V1__x.sql", "CREATE TABLE t (a int);\n" + sql + ";"))
                .satisfies(e -> assertThat(e.code()).isEqualTo(ErrorCode.MIGRATION_INVALID))
                .withMessageContaining("V1__x.sql:2 (" + sql + ") begins or ends a transaction");
        assertThat(rules("V1__x_online.sql", sql).online()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "SAVEPOINT a; ROLLBACK TO SAVEPOINT a; ROLLBACK WORK TO a; RELEASE a",
                "DO $$ BEGIN NULL; END $$",
                "CREATE FUNCTION f() RETURNS int LANGUAGE sql BEGIN ATOMIC SELECT 1; END",
                "INSERT INTO t VALUES ('COMMIT')"
            })
    void savepointsAndBodiesEndNothing(String sql) {
        assertThat(rules("V1__x.sql", sql).online()).isFalse();
    }
}
