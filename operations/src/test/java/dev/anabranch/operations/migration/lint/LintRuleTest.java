// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.operations.migration.lint;

import dev.anabranch.devcluster.PostgresServer;
import dev.anabranch.operations.migration.sql.SqlScript;
import dev.anabranch.operations.migration.sql.SqlStatement;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.groups.Tuple.tuple;

/** For each rule a file that it finds, with its line, and the safe rewrite, which runs and is not found. */
class LintRuleTest {
    /** A statement and the rule that finds it. */
    record Unsafe(LintRule rule, String sql) {
        @Override
        public String toString() {
            return rule.id() + ": " + sql;
        }
    }

    private static final List<Unsafe> CASES = List.of(
            new Unsafe(LintRule.INDEX_NOT_CONCURRENT, "CREATE INDEX account_plan_idx ON account (plan)"),
            new Unsafe(LintRule.INDEX_NOT_CONCURRENT, "create unique index ON only account using btree (lower(plan), id) where id > 3"),
            new Unsafe(LintRule.DROP_INDEX_NOT_CONCURRENT, "DROP INDEX account_email_idx"),
            new Unsafe(LintRule.REINDEX_NOT_CONCURRENT, "REINDEX INDEX account_email_idx"),
            new Unsafe(LintRule.CONCURRENTLY_NOT_REPEATABLE, "CREATE INDEX CONCURRENTLY account_plan_idx ON account (plan)"),
            new Unsafe(LintRule.CONCURRENTLY_NOT_REPEATABLE, "DROP INDEX CONCURRENTLY account_email_idx"),
            new Unsafe(
                    LintRule.FOREIGN_KEY_VALIDATED,
                    "ALTER TABLE invoice ADD CONSTRAINT to_account FOREIGN KEY (account_id) REFERENCES account (id) ON DELETE SET NULL"
                            + " DEFERRABLE INITIALLY DEFERRED"),
            new Unsafe(LintRule.FOREIGN_KEY_VALIDATED, "ALTER TABLE invoice ADD FOREIGN KEY (account_id) REFERENCES account"),
            new Unsafe(LintRule.CHECK_VALIDATED, "ALTER TABLE account ADD CHECK (amount > 0)"),
            new Unsafe(LintRule.CHECK_VALIDATED, "ALTER TABLE account ADD COLUMN age integer CONSTRAINT adult CHECK (age > 17)"),
            new Unsafe(LintRule.UNIQUE_NOT_USING_INDEX, "ALTER TABLE account ADD CONSTRAINT one_email UNIQUE (email)"),
            new Unsafe(
                    LintRule.UNIQUE_NOT_USING_INDEX,
                    "ALTER TABLE account ADD UNIQUE NULLS NOT DISTINCT (email, plan) INCLUDE (amount) DEFERRABLE"),
            new Unsafe(LintRule.UNIQUE_NOT_USING_INDEX, "ALTER TABLE account ADD COLUMN code text UNIQUE"),
            new Unsafe(LintRule.SET_NOT_NULL_UNCHECKED, "ALTER TABLE account ALTER COLUMN email SET NOT NULL"),
            new Unsafe(LintRule.NOT_NULL_WITHOUT_DEFAULT, "ALTER TABLE account ADD COLUMN kind text NOT NULL"),
            new Unsafe(LintRule.VOLATILE_DEFAULT, "ALTER TABLE account ADD COLUMN token uuid DEFAULT gen_random_uuid() NOT NULL"),
            new Unsafe(LintRule.VOLATILE_DEFAULT, "ALTER TABLE account ADD token timestamptz DEFAULT pg_catalog.clock_timestamp()"),
            new Unsafe(LintRule.COLUMN_REWRITES, "ALTER TABLE account ADD COLUMN number bigserial"),
            new Unsafe(LintRule.COLUMN_REWRITES, "ALTER TABLE account ADD COLUMN number bigint GENERATED ALWAYS AS IDENTITY"),
            new Unsafe(
                    LintRule.COLUMN_REWRITES,
                    "ALTER TABLE account ADD COLUMN twice numeric GENERATED ALWAYS AS (amount * 2) STORED"),
            new Unsafe(LintRule.TYPE_CHANGE_REWRITES, "ALTER TABLE account ALTER COLUMN price TYPE bigint"),
            new Unsafe(LintRule.TYPE_CHANGE_REWRITES, "ALTER TABLE account ALTER email SET DATA TYPE character varying(50)"),
            new Unsafe(LintRule.TYPE_CHANGE_REWRITES, "ALTER TABLE account ALTER amount TYPE numeric(12,3)"),
            new Unsafe(LintRule.TYPE_CHANGE_REWRITES, "ALTER TABLE account ALTER plan TYPE integer USING length(plan)"),
            new Unsafe(LintRule.RENAME_BREAKS_CODE, "ALTER TABLE invoice RENAME TO bill"),
            new Unsafe(LintRule.RENAME_BREAKS_CODE, "ALTER TABLE account RENAME plan TO tariff"),
            new Unsafe(LintRule.RENAME_BREAKS_CODE, "ALTER VIEW paying RENAME TO payers"),
            new Unsafe(LintRule.DROP_BREAKS_CODE, "DROP TABLE IF EXISTS invoice"),
            new Unsafe(LintRule.DROP_BREAKS_CODE, "DROP VIEW paying"),
            new Unsafe(LintRule.DROP_BREAKS_CODE, "ALTER TABLE account DROP COLUMN plan"),
            new Unsafe(LintRule.DROP_BREAKS_CODE, "ALTER TABLE account DROP CONSTRAINT account_pkey"),
            new Unsafe(LintRule.DROP_BREAKS_CODE, "ALTER TABLE account DROP CONSTRAINT IF EXISTS account_pkey CASCADE"),
            new Unsafe(LintRule.UNBATCHED_BACKFILL, "UPDATE account SET plan = 'free', amount = 0"),
            new Unsafe(LintRule.UNBATCHED_BACKFILL, "UPDATE account SET plan = 'free' WHERE plan IS NULL"),
            new Unsafe(LintRule.UNBATCHED_BACKFILL, "DELETE FROM invoice"),
            new Unsafe(LintRule.UNBATCHED_BACKFILL, "UPDATE account SET plan = 'x' WHERE id > 0"),
            new Unsafe(LintRule.UNBATCHED_BACKFILL, "UPDATE account SET plan = 'x' WHERE 0 < id AND plan <> 'x'"),
            new Unsafe(LintRule.UNBATCHED_BACKFILL, "UPDATE account SET plan = 'x' WHERE id = id"),
            new Unsafe(LintRule.UNBATCHED_BACKFILL, "UPDATE account SET plan = 'x' WHERE NOT (id = 3)"),
            new Unsafe(LintRule.UNBATCHED_BACKFILL, "UPDATE account SET plan = 'x' WHERE id = 3 OR price > 0"),
            new Unsafe(LintRule.UNBATCHED_BACKFILL, "UPDATE account SET plan = 'x' WHERE (id = 3 OR true) AND plan IS NULL"),
            new Unsafe(LintRule.UNBATCHED_BACKFILL, "UPDATE account SET plan = 'x' WHERE id NOT IN (1, 2)"),
            new Unsafe(LintRule.UNBATCHED_BACKFILL, "UPDATE account SET plan = 'x' WHERE id NOT BETWEEN 1 AND 2"),
            new Unsafe(LintRule.UNBATCHED_BACKFILL, "UPDATE account SET plan = 'x' WHERE id > 0 AND price < 9"),
            new Unsafe(
                    LintRule.UNBATCHED_BACKFILL,
                    "UPDATE account SET plan = 'x' WHERE id IN (SELECT account_id FROM invoice)"),
            new Unsafe(LintRule.UNBATCHED_BACKFILL, "UPDATE account SET plan = 'x' FROM invoice i WHERE i.id = 7"),
            new Unsafe(LintRule.UNBATCHED_BACKFILL, "DELETE FROM invoice WHERE id <> -1"),
            new Unsafe(LintRule.UNBATCHED_BACKFILL, "DELETE FROM invoice WHERE 2 > 1"),
            new Unsafe(LintRule.UNBATCHED_BACKFILL, "DELETE FROM invoice WHERE 2 = 2 RETURNING id"),
            new Unsafe(LintRule.UNBATCHED_BACKFILL, "DELETE FROM invoice WHERE note LIKE '%'"),
            new Unsafe(
                    LintRule.UNBATCHED_BACKFILL,
                    "WITH d AS (DELETE FROM invoice RETURNING *) INSERT INTO account (id) SELECT id FROM d"),
            new Unsafe(
                    LintRule.UNBATCHED_BACKFILL,
                    "WITH d AS (SELECT 1), e AS MATERIALIZED (UPDATE invoice SET note = 'x' RETURNING id) SELECT * FROM e"),
            new Unsafe(
                    LintRule.UNBATCHED_BACKFILL,
                    "WITH d AS (SELECT id FROM account) DELETE FROM invoice i USING d WHERE i.account_id = d.id"),
            new Unsafe(
                    LintRule.UNBATCHED_BACKFILL,
                    "MERGE INTO invoice i USING account a ON a.id = i.account_id WHEN MATCHED THEN UPDATE SET note = a.plan"),
            new Unsafe(
                    LintRule.UNBATCHED_BACKFILL,
                    "MERGE INTO invoice i USING (SELECT 1 AS id LIMIT 1) a ON a.id = i.id WHEN NOT MATCHED BY SOURCE THEN DELETE"),
            new Unsafe(LintRule.OWN_SCHEMA_NAMED, "COMMENT ON TABLE billing.account IS 'who pays'"),
            new Unsafe(LintRule.TABLE_REWRITES, "REFRESH MATERIALIZED VIEW totals"),
            new Unsafe(LintRule.TRUNCATE, "TRUNCATE invoice"),
            new Unsafe(LintRule.MISSING_TIMEOUT, "ALTER TABLE account ADD COLUMN extra text"),
            new Unsafe(LintRule.MISSING_TIMEOUT, "CREATE POLICY mine ON account USING (customer_id = current_user)"),
            // Without a rewrite in SQL.
            new Unsafe(LintRule.FOREIGN_SCHEMA, "SELECT * FROM auth.login"),
            new Unsafe(LintRule.FOREIGN_SCHEMA, "GRANT SELECT ON auth.login TO app"),
            new Unsafe(LintRule.FOREIGN_SCHEMA, "GRANT USAGE ON SCHEMA auth TO app"),
            new Unsafe(LintRule.FOREIGN_SCHEMA, "COMMENT ON COLUMN auth.login.name IS 'x'"),
            new Unsafe(LintRule.FOREIGN_SCHEMA, "ALTER TABLE account ALTER COLUMN id SET DEFAULT nextval('auth.numbers'::regclass)"),
            new Unsafe(LintRule.FOREIGN_SCHEMA, "UPDATE \"Auth\".login SET name = 'x' WHERE id = 1"),
            new Unsafe(LintRule.FOREIGN_SCHEMA, "INSERT INTO invoice (id) SELECT l.id FROM account a, auth.login l WHERE l.id = a.id"),
            new Unsafe(LintRule.FOREIGN_SCHEMA, "CREATE TABLE person (id bigint, name auth.name_type)"),
            new Unsafe(LintRule.FOREIGN_SCHEMA, "DO $$ BEGIN PERFORM auth.clean(); END $$"),
            new Unsafe(LintRule.FOREIGN_SCHEMA, "ALTER TABLE invoice SET SCHEMA auth"),
            new Unsafe(
                    LintRule.FOREIGN_SCHEMA,
                    "CREATE FUNCTION f() RETURNS int LANGUAGE sql SET search_path = auth AS $$ SELECT 1 $$"),
            new Unsafe(
                    LintRule.FOREIGN_SCHEMA,
                    "CREATE OR REPLACE PROCEDURE p() LANGUAGE sql SET work_mem = '1MB' SET \"search_path\" TO billing, 'auth' AS $$ $$"),
            new Unsafe(
                    LintRule.FOREIGN_SCHEMA,
                    "CREATE FUNCTION f() RETURNS int LANGUAGE plpgsql AS $$ BEGIN SET LOCAL search_path = auth; RETURN 1; END $$"),
            new Unsafe(LintRule.FOREIGN_SCHEMA, "ALTER FUNCTION f() SET search_path = pg_catalog, auth"),
            new Unsafe(
                    LintRule.NEIGHBOUR_REFERENCE,
                    "ALTER TABLE invoice ADD CONSTRAINT f FOREIGN KEY (id) REFERENCES auth.login (id) NOT VALID"),
            new Unsafe(LintRule.SEARCH_PATH, "SET search_path TO auth"),
            new Unsafe(LintRule.SEARCH_PATH, "set local SEARCH_PATH = auth"),
            new Unsafe(LintRule.SEARCH_PATH, "SELECT pg_catalog.set_config('search_path', 'auth', false)"),
            new Unsafe(LintRule.SEARCH_PATH, "DO $$ BEGIN SET LOCAL search_path = auth; END $$"),
            new Unsafe(LintRule.ROLE_CHANGE, "SET ROLE postgres"),
            new Unsafe(LintRule.ROLE_CHANGE, "SET SESSION AUTHORIZATION postgres"),
            new Unsafe(LintRule.GRANT_TO_PUBLIC, "GRANT ALL ON account TO PUBLIC"),
            new Unsafe(LintRule.GRANT_TO_PUBLIC, "GRANT SELECT (id), UPDATE (id) ON account TO app, public WITH GRANT OPTION"),
            new Unsafe(LintRule.GRANT_TO_PUBLIC, "ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO PUBLIC"),
            new Unsafe(LintRule.GRANT_TO_PUBLIC, "DO $$ BEGIN GRANT SELECT ON account TO PUBLIC; END $$"),
            new Unsafe(LintRule.TRANSACTION_CONTROL, "COMMIT"),
            new Unsafe(LintRule.TRANSACTION_CONTROL, "BEGIN"),
            new Unsafe(LintRule.TRANSACTION_CONTROL, "DO $$ BEGIN COMMIT; END $$"),
            new Unsafe(LintRule.TABLE_REWRITES, "VACUUM FULL account"),
            new Unsafe(LintRule.TABLE_REWRITES, "VACUUM (VERBOSE, FULL) account"),
            new Unsafe(LintRule.TABLE_REWRITES, "CLUSTER account USING account_pkey"),
            new Unsafe(LintRule.TABLE_REWRITES, "LOCK TABLE account IN SHARE MODE"),
            new Unsafe(LintRule.TABLE_REWRITES, "ALTER TABLE account SET UNLOGGED"),
            new Unsafe(LintRule.DROP_SCHEMA, "DROP SCHEMA old CASCADE"),
            new Unsafe(LintRule.CREATE_EXTENSION, "CREATE EXTENSION IF NOT EXISTS pgcrypto"),
            new Unsafe(LintRule.LOCK_IN_BODY, "DO $$ BEGIN LOCK TABLE account; END $$"));

    private static PostgresServer server;

    @BeforeAll
    static void start() {
        server = PostgresServer.start("lint-rules");
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    static List<Unsafe> cases() {
        return CASES;
    }

    @ParameterizedTest
    @MethodSource("cases")
    void findsTheStatementOnItsLine(Unsafe one) {
        assertThat(found(one)).extracting(Finding::line, Finding::file).containsExactly(tuple(4, "V2__next.sql"));
    }

    /** The findings of the case's rule. */
    private static List<Finding> found(Unsafe one) {
        LintContext context = Files.context(Files.set("-- A comment; with a semicolon.\nSELECT 1;\n\n" + one.sql() + ";\n"));
        return Lint.of(one.rule() == LintRule.MISSING_TIMEOUT ? context : context.withTimeoutsByRunner()).findings().stream()
                .filter(finding -> finding.rule() == one.rule())
                .toList();
    }

    @ParameterizedTest
    @MethodSource("cases")
    void theSafeRewriteIsNotFoundAndRuns(Unsafe one) throws SQLException {
        Finding finding = found(one).getFirst();
        assertThat(finding.reason()).contains(one.rule().reason());
        if (finding.safeRewrite().isEmpty()) {
            return;
        }
        String[] files = finding.safeRewrite().get().split("(?=" + Finding.NEXT_FILE + ")", -1);
        LintContext context = Files.context(Files.set(files));
        LintReport report = Lint.of(one.rule() == LintRule.MISSING_TIMEOUT ? context : context.withTimeoutsByRunner());
        assertThat(report.findings()).isEmpty();
        // Nobody but a person knows what to fill the new column with.
        runs(one.rule() == LintRule.NOT_NULL_WITHOUT_DEFAULT ? 0 : 12000, files);
    }

    private static void runs(int rows, String... files) throws SQLException {
        try (Connection connection =
                        DriverManager.getConnection(server.jdbcUrl("postgres"), server.superuser(), server.password());
                Statement statement = connection.createStatement()) {
            statement.setEscapeProcessing(false);
            statement.execute("DROP SCHEMA IF EXISTS billing CASCADE");
            statement.execute("CREATE SCHEMA billing");
            statement.execute("SET search_path TO billing");
            statement.execute(Files.HISTORY);
            statement.execute("INSERT INTO account SELECT n, 'c', 'e' || n, 'p', n, now(), n FROM generate_series(1, " + rows
                    + ") n");
            for (String file : files) {
                for (SqlStatement next : SqlScript.split(file)) {
                    statement.execute(next.text());
                }
            }
            statement.execute("DROP SCHEMA billing CASCADE");
        }
    }

    @Test
    void eachRuleIsTestedSomewhere() {
        Set<LintRule> tested = EnumSet.noneOf(LintRule.class);
        CASES.forEach(one -> tested.add(one.rule()));
        // In LintTest and TraceTest.
        tested.addAll(EnumSet.of(
                LintRule.CONCURRENTLY_MIXED, LintRule.VALIDATED_UNDER_LOCK, LintRule.SHARD_KEY_MISSING,
                LintRule.SHARD_KEY_NULLABLE, LintRule.SHARD_KEY_NOT_IN_KEY, LintRule.EDITED_FILE, LintRule.MISSING_FILE,
                LintRule.OUT_OF_ORDER, LintRule.FILE_NAME, LintRule.UNREADABLE, LintRule.STATEMENT_FAILS,
                LintRule.SUPPRESSION_WITHOUT_REASON, LintRule.SUPPRESSION_UNUSED));
        assertThat(tested).containsExactlyInAnyOrder(LintRule.values());
    }

    @Test
    void rulesHaveIdsReasonsAndRewrites() {
        List<String> ids = new ArrayList<>(Arrays.stream(LintRule.values()).map(LintRule::id).toList());
        assertThat(ids).allMatch(id -> id.matches("[a-z]+(-[a-z]+)*")).doesNotHaveDuplicates();
        assertThat(LintRule.values()).allSatisfy(rule -> {
            assertThat(rule.reason()).endsWith(".");
            assertThat(rule.rewrite()).isNotBlank();
            assertThat(LintRule.of(rule.id())).contains(rule);
        });
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "ALTER TABLE account ADD COLUMN made timestamptz NOT NULL DEFAULT now()",
                "ALTER TABLE account ADD COLUMN kind text NOT NULL DEFAULT 'x''); gen_random_uuid()'",
                "ALTER TABLE account ADD COLUMN invoice_id bigint REFERENCES account",
                "ALTER TABLE account ALTER COLUMN email TYPE varchar(200), ALTER plan TYPE varchar, ALTER amount TYPE numeric(12,2)",
                "ALTER TABLE account ALTER COLUMN email TYPE text",
                "ALTER TABLE account ADD COLUMN twice numeric GENERATED ALWAYS AS (amount * 2) VIRTUAL",
                "CREATE TABLE made (id bigserial PRIMARY KEY, email text UNIQUE, a bigint REFERENCES account CHECK (a > 0))",
                "CREATE TABLE made (id bigint); CREATE INDEX ON made (id); ALTER TABLE made ALTER id SET NOT NULL; UPDATE made SET id = 1",
                "UPDATE account SET plan = 'x' WHERE id = 3",
                "UPDATE account a SET plan = 'x' WHERE ((a.id >= 1) AND 9 > a.id) AND plan IS NULL",
                "UPDATE account SET plan = 'x' WHERE id BETWEEN 1 AND 9 AND plan IS NULL",
                "UPDATE account SET plan = 'x' WHERE seen = date '2026-01-01' - interval '1 day' OR (customer_id, id) = ('x', -1)",
                "UPDATE account AS a SET plan = 'x' FROM invoice i WHERE a.id = i.account_id AND a.customer_id = lower('X')::text",
                "DELETE FROM invoice WHERE id IN (1, 2) OR id = ANY ('{3,4}') OR id = ANY (ARRAY[5])",
                "DELETE FROM invoice WHERE ctid = ANY (ARRAY(SELECT ctid FROM invoice LIMIT 9)) RETURNING id",
                "DELETE FROM invoice WHERE account_id IN (SELECT id FROM account WHERE customer_id = 'x')",
                "DELETE FROM invoice i USING (SELECT id FROM invoice LIMIT 9) d WHERE d.id = i.id",
                "WITH d AS (SELECT id FROM invoice LIMIT 9) DELETE FROM invoice i USING d WHERE i.id = d.id",
                "WITH d AS (SELECT id FROM invoice LIMIT 9) UPDATE invoice SET note = 'x' WHERE id IN (SELECT id FROM d)",
                "WITH d AS (DELETE FROM invoice WHERE id = 1 RETURNING *) INSERT INTO account (id) SELECT id FROM d",
                "MERGE INTO invoice i USING (VALUES (1, 'x')) v (id, note) ON v.id = i.id WHEN MATCHED THEN UPDATE SET note = v.note",
                "MERGE INTO invoice i USING account a ON a.id = i.account_id WHEN NOT MATCHED THEN INSERT (id) VALUES (a.id)",
                "ALTER TABLE account ADD CONSTRAINT c CHECK (price > 0) NOT VALID; ALTER TABLE account DROP CONSTRAINT c",
                "CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS next_key ON account (id)",
                "CREATE FUNCTION f() RETURNS int LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, billing, pg_temp AS 'SELECT 1'",
                "CREATE FUNCTION f() RETURNS int LANGUAGE sql SET search_path FROM CURRENT AS $$ SELECT 1 $$",
                "REVOKE ALL ON account FROM PUBLIC",
                "INSERT INTO invoice SELECT a.id FROM account a JOIN invoice i ON a.id = i.id WHERE extract(day FROM a.seen) = 1",
                "CREATE OR REPLACE VIEW paying AS SELECT account.id FROM account WHERE account.plan IS DISTINCT FROM account.email",
                "DROP VIEW paying; CREATE VIEW paying AS SELECT id, plan FROM account",
                "COMMENT ON COLUMN account.plan IS 'which'",
                "ALTER TABLE account ADD COLUMN u public.citext",
                "CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog AS $$ BEGIN"
                        + " new.seen := clock_timestamp(); SELECT 1 INTO new.plan; RETURN new; END $$",
                "CREATE SEQUENCE s OWNED BY account.price",
                "/* CREATE INDEX x ON account (plan); */ SELECT 'DROP TABLE account; --', E'\\'; DROP TABLE account', \"plan\" FROM account",
                "DO $x$ BEGIN RAISE NOTICE '%', $$DROP TABLE account;$$; END $x$",
                "GRANT SELECT ON account TO app",
            })
    void whatIsSafeIsNotFound(String sql) {
        assertThat(Files.lint(sql)).isEmpty();
    }
}
