// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.operations.migration.lint;

import dev.anabranch.operations.migration.files.MigrationSet;
import dev.anabranch.operations.migration.sql.SqlToken;
import dev.anabranch.topology.Flavor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

import static dev.anabranch.operations.migration.lint.Files.ids;
import static dev.anabranch.operations.migration.lint.Files.lint;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.groups.Tuple.tuple;

class LintTest {
    private static List<Finding> sharded(String sql) {
        return Lint.of(Files.context(Files.set(sql)).withTimeoutsByRunner().withShardKey("customer_id", Set.of("country")))
                .findings();
    }

    @Test
    void aSetAsTheGeneratorWritesItPasses() {
        assertThat(lint(
                        """
                        CREATE TABLE plan (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text NOT NULL);
                        CREATE UNIQUE INDEX plan_name_idx ON plan (name);
                        ALTER TABLE account ADD COLUMN plan_id bigint;
                        ALTER TABLE account ADD CONSTRAINT account_plan_fkey FOREIGN KEY (plan_id) REFERENCES plan (id) NOT VALID;
                        ALTER TABLE account ADD CONSTRAINT account_plan_not_null CHECK (plan IS NOT NULL) NOT VALID;
                        """,
                        """
                        -- V3__next_online.sql
                        DROP INDEX CONCURRENTLY IF EXISTS account_seen_idx;
                        CREATE INDEX CONCURRENTLY IF NOT EXISTS account_seen_idx ON account (seen);
                        CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS account_email_key ON account (email);
                        ALTER TABLE account VALIDATE CONSTRAINT account_plan_fkey;
                        ALTER TABLE account VALIDATE CONSTRAINT account_plan_not_null;
                        ALTER TABLE account ALTER COLUMN plan SET NOT NULL;
                        ALTER TABLE account DROP CONSTRAINT IF EXISTS account_plan_not_null;
                        """,
                        """
                        ALTER TABLE account ADD CONSTRAINT account_email_key UNIQUE USING INDEX account_email_key;
                        -- The column account.price is lost:
                        -- ALTER TABLE account DROP COLUMN price;
                        """))
                .isEmpty();
    }

    @Test
    void onlyWhatIsKnownToBeAppliedNowhereIsNew() {
        MigrationSet set = Files.set("CREATE TABLE made (id bigint);", "CREATE INDEX made_idx ON made (id);");
        LintContext context = LintContext.of(set, Files.SCHEMA).withTimeoutsByRunner();
        assertThat(Lint.of(Files.context(set)).findings()).as("above the history's head").isEmpty();
        assertThat(ids(Lint.of(LintContext.of(set, Files.SCHEMA)).findings()))
                .as("nobody knows what is applied").contains("index-not-concurrent", "missing-timeout");
        assertThat(ids(Lint.of(context.withApplied(Map.of())).findings()))
                .as("an empty database is no proof").contains("index-not-concurrent");
        assertThat(Lint.of(context.withNothingApplied()).findings()).as("somebody knows it").isEmpty();
    }

    @Test
    void fromDecidesOnlyWhatIsReported() {
        MigrationSet set = Files.set("CREATE TABLE made (id bigint);", "CREATE INDEX made_idx ON made (id);");
        LintContext context = LintContext.of(set, Files.SCHEMA).withTimeoutsByRunner();
        for (long from = 1; from <= 3; from++) {
            assertThat(Lint.of(context.withFrom(from)).findings())
                    .as("from " + from)
                    .extracting(Finding::file, finding -> finding.rule().id())
                    .containsExactly(tuple("V3__next.sql", "index-not-concurrent"));
            assertThat(Lint.of(Files.context(set).withFrom(from)).findings()).as("from %s, V1 applied", from).isEmpty();
        }
        assertThat(Lint.of(context.withFrom(4)).findings()).isEmpty();
    }

    @Test
    void anEmptyHistoryIsNoted() {
        MigrationSet set = Files.set("SELECT 1;");
        LintContext context = LintContext.of(set, Files.SCHEMA);
        assertThat(Lint.of(context.withApplied(Map.of())).notes()).singleElement().asString().contains("history is empty");
        assertThat(Lint.of(context).notes()).singleElement().asString().contains("No history");
        assertThat(Lint.of(Files.context(set)).notes()).isEmpty();
        assertThat(Lint.of(context.withNothingApplied()).notes()).isEmpty();
        assertThat(Lint.of(LintContext.of(Files.set(), Files.SCHEMA).withApplied(Map.of())).notes())
                .as("one file alone").isEmpty();
    }

    @Test
    void theFirstFilesOfANewServicePass() {
        MigrationSet set = Files.set("""
                -- V2__begin_online.sql
                CREATE INDEX CONCURRENTLY IF NOT EXISTS account_seen_idx ON account (seen);
                """);
        for (LintContext context : List.of(
                LintContext.of(set, Files.SCHEMA), LintContext.of(set, Files.SCHEMA).withApplied(Map.of()),
                LintContext.of(set, Files.SCHEMA).withFrom(1))) {
            assertThat(Lint.of(context.withTimeoutsByRunner()).findings()).isEmpty();
        }
    }

    @Test
    void whatIsAppliedIsNotReported() {
        MigrationSet set = Files.set("CREATE INDEX x ON account (plan);");
        Map<Long, Integer> applied = Map.of(1L, set.files().get(0).checksum(), 2L, set.files().get(1).checksum());
        assertThat(Lint.of(LintContext.of(set, Files.SCHEMA).withApplied(applied)).findings()).isEmpty();
    }

    @Test
    void concurrentStatementsStandApart() {
        List<Finding> found = lint("""
                CREATE INDEX CONCURRENTLY IF NOT EXISTS x ON account (plan);
                ALTER TABLE account ADD COLUMN extra text;
                INSERT INTO invoice (id) VALUES (1);
                ALTER TABLE account ADD COLUMN IF NOT EXISTS more text;
                INSERT INTO invoice (id) VALUES (1) ON CONFLICT DO NOTHING;
                """);
        assertThat(found).extracting(Finding::line).containsExactly(2, 3);
        assertThat(ids(found)).containsOnly("concurrently-mixed");
    }

    @Test
    void aLongScanUnderAStrongLockIsFound() {
        String both = "ALTER TABLE account ADD CONSTRAINT c CHECK (price > 0) NOT VALID;\nALTER TABLE account VALIDATE CONSTRAINT c;";
        assertThat(ids(lint(both))).containsExactly("validated-under-lock");
        assertThat(ids(lint("ALTER TABLE account ADD CONSTRAINT c CHECK (price > 0) NOT VALID, VALIDATE CONSTRAINT c;")))
                .containsExactly("validated-under-lock");
        assertThat(lint("ALTER TABLE account ADD CONSTRAINT c CHECK (price > 0) NOT VALID;",
                        "ALTER TABLE account VALIDATE CONSTRAINT c;"))
                .isEmpty();
    }

    @Test
    void aConstraintThatIsNotEnforcedReadsNoRows() {
        assertThat(lint("ALTER TABLE account ADD CONSTRAINT c CHECK (price > 0) NOT ENFORCED;")).isEmpty();
        assertThat(ids(lint("ALTER TABLE account ADD CONSTRAINT c CHECK (price > 0);"))).containsExactly("check-validated");
    }

    @Test
    void aColumnOfADomainWithConstraintsRewritesTheTable() {
        String add = "ALTER TABLE account ADD COLUMN rank \"Positive\";";
        assertThat(ids(lint("CREATE DOMAIN \"Positive\" AS integer CHECK (VALUE > 0);\n" + add)))
                .containsExactly("column-rewrites");
        assertThat(lint("CREATE DOMAIN \"Positive\" AS integer DEFAULT 1;\n" + add)).isEmpty();
        assertThat(ids(lint("CREATE DOMAIN \"Positive\" AS integer;\nALTER DOMAIN \"Positive\" SET NOT NULL;\n" + add)))
                .containsExactly("column-rewrites");
        assertThat(lint("CREATE DOMAIN \"Positive\" AS integer CHECK (VALUE > 0);\n"
                        + "ALTER DOMAIN \"Positive\" DROP CONSTRAINT \"Positive_check\";\n" + add))
                .isEmpty();
    }

    @Test
    void aDomainsConstraintCanBeValidatedAgain() {
        assertThat(lint("-- V2__next_online.sql\nALTER DOMAIN positive VALIDATE CONSTRAINT c;")).isEmpty();
        assertThat(ids(lint("-- V2__next_online.sql\nALTER DOMAIN positive ADD CONSTRAINT c CHECK (VALUE > 0) NOT VALID;")))
                .containsExactly("concurrently-mixed");
    }

    @Test
    void aTableThatCannotBeThereIsNew() {
        assertThat(lint("CREATE TABLE invoice (id bigint);\nCREATE INDEX i ON invoice (id);")).isEmpty();
        assertThat(ids(lint("CREATE TABLE IF NOT EXISTS invoice (id bigint);\nCREATE INDEX i ON invoice (id);")))
                .containsExactly("index-not-concurrent");
    }

    @Test
    void setNotNullNeedsACheckThatIsValidated() {
        String check = "ALTER TABLE account ADD CONSTRAINT c CHECK ((Plan) IS NOT NULL AND price > 0) NOT VALID;";
        String set = "ALTER TABLE account ALTER plan SET NOT NULL;";
        assertThat(ids(lint(check, set))).containsExactly("set-not-null-unchecked");
        assertThat(lint(check, "ALTER TABLE account VALIDATE CONSTRAINT c;", set)).isEmpty();
        assertThat(ids(lint("ALTER TABLE account ADD CONSTRAINT c CHECK (plan IS NOT NULL OR price > 0) NOT VALID;",
                        "ALTER TABLE account VALIDATE CONSTRAINT c;", set)))
                .containsExactly("set-not-null-unchecked");
    }

    @Test
    void eachActionOfAnAlterTableIsJudged() {
        assertThat(ids(lint("""
                aLtEr TABLE /* a; comment */ IF EXISTS ONLY "account" -- another;
                  ADD COLUMN "check" text DEFAULT 'a, b; ADD CHECK (x)',
                  ADD "unique" uuid DEFAULT (coalesce(NULL, gen_random_uuid())),
                  ALTER COLUMN email SET NOT NULL,
                  ADD CONSTRAINT "a;b" CHECK (price BETWEEN 1 AND 2),
                  DROP COLUMN IF EXISTS plan;
                """)))
                .containsExactly("check-validated", "set-not-null-unchecked", "volatile-default", "drop-breaks-code");
    }

    @Test
    void aKeyThatGoesIsFoundUnlessItComesAgain() {
        String drop = "ALTER TABLE account DROP CONSTRAINT account_email_key";
        assertThat(ids(lint("ALTER TABLE by_hand DROP CONSTRAINT by_hand_name_key;"))).containsExactly("drop-breaks-code");
        assertThat(ids(lint("ALTER TABLE account ADD CONSTRAINT one UNIQUE USING INDEX one;", "ALTER TABLE account DROP CONSTRAINT one;")))
                .containsExactly("drop-breaks-code");
        String index = "-- V2__next_online.sql\nCREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS %s ON account (%s);";
        String again = "ALTER TABLE account ADD CONSTRAINT other UNIQUE USING INDEX other;\n";
        String first = "ALTER TABLE account ADD CONSTRAINT account_email_key UNIQUE USING INDEX account_email_key;";
        assertThat(lint(index.formatted("account_email_key", "email"), first, index.formatted("other", "email"), again + drop + ";"))
                .isEmpty();
        assertThat(ids(lint(index.formatted("account_email_key", "email"), first, index.formatted("other", "plan"), again + drop + ";")))
                .containsExactly("drop-breaks-code");
    }

    @Test
    void tablesOfAShardedGroupHaveTheShardKey() {
        assertThat(ids(sharded("CREATE TABLE t (id bigint PRIMARY KEY);"))).containsExactly("shard-key-missing");
        assertThat(ids(sharded("CREATE TABLE t (customer_id text, id bigint);"))).containsExactly("shard-key-nullable");
        assertThat(ids(sharded("CREATE TABLE t (customer_id text NOT NULL, id bigint PRIMARY KEY, a text UNIQUE);")))
                .containsExactly("shard-key-not-in-key", "shard-key-not-in-key");
        assertThat(ids(sharded("CREATE TABLE t (customer_id text NOT NULL, id bigint);\nCREATE UNIQUE INDEX i ON t (id);")))
                .containsExactly("shard-key-not-in-key");
        assertThat(ids(sharded("ALTER TABLE account ALTER customer_id DROP NOT NULL;"))).containsExactly("shard-key-nullable");
        assertThat(ids(sharded("CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS i ON account (email);")))
                .containsExactly("shard-key-not-in-key");
        assertThat(sharded("CREATE TABLE country (code text PRIMARY KEY); CREATE TEMP TABLE x (id bigint);")).isEmpty();
        assertThat(sharded("CREATE TABLE t (customer_id text, id bigint, PRIMARY KEY (customer_id, id), UNIQUE (id, customer_id));"))
                .isEmpty();
        assertThat(sharded("CREATE TABLE t (customer_id text, id bigint); ALTER TABLE t ALTER customer_id SET NOT NULL;")).isEmpty();
    }

    @Test
    void aTableMadeByAQueryHasTheShardKey() {
        assertThat(ids(sharded("CREATE TABLE copy1 AS SELECT email FROM account;"))).containsExactly("shard-key-missing");
        assertThat(ids(sharded("CREATE TABLE copy1 (a, b) WITH (fillfactor = 70) AS SELECT email, customer_id FROM account;")))
                .containsExactly("shard-key-missing");
        assertThat(ids(sharded("CREATE TABLE copy1 AS SELECT a.customer_id, lower(email) AS email FROM account a;")))
                .containsExactly("shard-key-nullable");
        assertThat(sharded("CREATE TABLE copy1 AS SELECT id, 'x' AS customer_id FROM account;\n"
                        + "ALTER TABLE copy1 ALTER customer_id SET NOT NULL;"))
                .isEmpty();
        assertThat(sharded("CREATE TABLE country AS SELECT email FROM account; CREATE TEMP TABLE x AS SELECT 1 AS id;")).isEmpty();
        for (String unseen : List.of(
                "SELECT * FROM account", "SELECT a.* FROM account a", "TABLE account", "WITH a AS (SELECT 1) SELECT 2 AS n",
                "SELECT lower(email) FROM account", "(SELECT email FROM account)")) {
            assertThat(sharded("CREATE TABLE copy1 AS " + unseen + ";")).as(unseen).singleElement().satisfies(finding -> {
                assertThat(finding.rule()).isEqualTo(LintRule.SHARD_KEY_MISSING);
                assertThat(finding.reason()).contains("cannot be seen");
            });
        }
        String rewrite = sharded("CREATE TABLE copy1 AS SELECT customer_id FROM account;").getFirst().safeRewrite().orElseThrow();
        assertThat(sharded(rewrite)).isEmpty();
    }

    @Test
    void theShardedRewriteIsNotFound() {
        List<Finding> found = sharded("CREATE TABLE t (id bigint NOT NULL PRIMARY KEY, a text UNIQUE DEFAULT 'x', EXCLUDE (a WITH =));");
        assertThat(found.getFirst().safeRewrite().orElseThrow())
                .contains("customer_id text NOT NULL", "PRIMARY KEY (customer_id, id)", "UNIQUE (customer_id, a)");
        String table = "CREATE TABLE t (id bigint PRIMARY KEY, customer_id text NULL, a text, UNIQUE NULLS NOT DISTINCT (a));";
        assertThat(sharded(sharded(table).getFirst().safeRewrite().orElseThrow())).isEmpty();
    }

    @Test
    void filesAreComparedWithTheHistoryOnEachFlavor() {
        MigrationSet set = Files.set("SELECT 1;", "SELECT 2;", "DROP TABLE account;");
        Map<Long, Integer> applied = Map.of(1L, 7, 3L, set.files().get(2).checksum(), 9L, 1);
        LintContext context = LintContext.of(set, Files.SCHEMA).withApplied(applied);
        assertThat(Lint.of(context.withFlavor(Flavor.MARIADB)).findings())
                .extracting(Finding::file, finding -> finding.rule().id())
                .containsExactly(
                        tuple("V1__begin.sql", "edited-file"),
                        tuple("V2__next.sql", "out-of-order"),
                        tuple("V4__next.sql", "out-of-order"),
                        tuple("V9__….sql", "missing-file"));
        assertThat(Lint.of(context.withFlavor(Flavor.MYSQL)).notes()).singleElement().asString().contains("mysql", "PostgreSQL");
        assertThat(ids(Lint.of(context).findings())).contains("drop-breaks-code");
        MigrationSet named = new MigrationSet("test", List.of(MigrationSet.file("test", "V1__" + "a".repeat(201) + ".sql", "")));
        assertThat(ids(Lint.of(LintContext.of(named, Files.SCHEMA)).findings())).containsExactly("file-name");
    }

    @Test
    void anIndexOfAPartitionedTableIsMadePartByPart() {
        String parted = "CREATE TABLE event (id bigint, at date) PARTITION BY RANGE (at);";
        MigrationSet set = Files.set(parted, "CREATE INDEX event_idx ON event (id);");
        LintContext empty = LintContext.of(set, Files.SCHEMA).withTimeoutsByRunner();
        Finding finding = Lint.of(empty.withFrom(3)).findings().getFirst();
        assertThat(finding.rule()).isEqualTo(LintRule.INDEX_NOT_CONCURRENT);
        String rewrite = finding.safeRewrite().orElseThrow();
        assertThat(rewrite).startsWith("CREATE INDEX IF NOT EXISTS event_idx ON ONLY event (id);");
        MigrationSet rewritten = Files.set(parted, rewrite);
        assertThat(Lint.of(LintContext.of(rewritten, Files.SCHEMA).withFrom(3).withTimeoutsByRunner()).findings()).isEmpty();
    }

    /** Seeded: pieces of statements put together by chance, as nobody would write them. */
    @Test
    void noTextIsTooStrange() {
        Random random = new Random(42);
        List<String> words = LintRuleTest.cases().stream()
                .flatMap(one -> SqlToken.of(one.sql()).stream())
                .map(SqlToken::text)
                .toList();
        for (LintRuleTest.Unsafe one : LintRuleTest.cases()) {
            List<SqlToken> tokens = SqlToken.of(one.sql());
            for (int n = 0; n < 60; n++) {
                List<String> text = new ArrayList<>(tokens.stream().map(SqlToken::text).toList());
                text.subList(random.nextInt(text.size()), text.size()).clear();
                for (int i = random.nextInt(4); i > 0; i--) {
                    text.add(random.nextInt(text.size() + 1), words.get(random.nextInt(words.size())));
                }
                String sql = String.join(random.nextBoolean() ? " " : "", text);
                assertThatCode(() -> Lint.of(Files.context(Files.set(sql)).withShardKey("customer_id", Set.of())))
                        .as(sql)
                        .doesNotThrowAnyException();
            }
        }
    }

    @Test
    void textThatDoesNotEndIsToldWithItsLine() {
        for (String text : List.of("'open", "\"open", "/* open /* */", "$x$ open $y$")) {
            List<Finding> found = lint("SELECT 1;\n\nSELECT " + text + ";\nDROP TABLE account;");
            assertThat(found).singleElement().extracting(Finding::toString).asString().startsWith("V2__next.sql:3: error unreadable: ");
        }
    }

    @Test
    void aTimeoutIsMissingOncePerFile() {
        String alter = "ALTER TABLE account ADD COLUMN a text;\nALTER TABLE account ADD COLUMN b text;";
        MigrationSet set = Files.set(
                alter, "SET LOCAL lock_timeout = '2s'; " + alter, "SET lock_timeout TO 0;\n" + alter,
                "SELECT set_config('lock_timeout', '2s', true); " + alter, "ALTER TABLE account VALIDATE CONSTRAINT x;",
                "CREATE TABLE made (id bigint REFERENCES account);");
        assertThat(Lint.of(Files.context(set)).findings())
                .extracting(Finding::file, Finding::line, finding -> finding.rule().id())
                .containsExactly(
                        tuple("V2__next.sql", 1, "missing-timeout"),
                        tuple("V4__next.sql", 2, "missing-timeout"),
                        tuple("V7__next.sql", 1, "missing-timeout"));
        assertThat(Lint.of(Files.context(set).withTimeoutsByRunner()).findings())
                .as("switched off").extracting(Finding::file).containsExactly("V4__next.sql");
    }

    @Test
    void aCommentWithAReasonAllows() {
        assertThat(lint("-- lint: allow index-not-concurrent because the table has 12 rows\nCREATE INDEX x ON account (plan);"))
                .isEmpty();
        assertThat(lint("CREATE INDEX x /* Lint: Allow index-not-concurrent because it is small */ ON account (plan);")).isEmpty();
        assertThat(lint("-- lint: allow index-not-concurrent, drop-breaks-code because all of it is small\n\n"
                        + "CREATE INDEX x ON account (plan);\nCREATE INDEX y ON account (plan);\nDROP TABLE invoice;"))
                .isEmpty();
        assertThat(lint("-- lint: allow index-not-concurrent because it is small\nCREATE INDEX x ON account (plan);\n"
                        + "CREATE INDEX y ON account (plan);"))
                .singleElement().extracting(Finding::line).isEqualTo(3);
    }

    @Test
    void aCommentWithoutAReasonOrWithoutUseIsFound() {
        for (String comment : List.of(
                "-- lint: allow index-not-concurrent", "-- lint: allow index-not-concurrent because ",
                "-- lint: ignore index-not-concurrent because so")) {
            assertThat(ids(lint(comment + "\nCREATE INDEX x ON account (plan);")))
                    .containsExactly("suppression-without-reason", "index-not-concurrent");
        }
        List<Finding> unused = lint("""
                -- lint: allow truncate because so
                SELECT 1;
                -- lint: allow no-such-rule because so
                SELECT 2;
                -- lint: allow truncate because there is no statement after it
                """);
        assertThat(ids(unused)).containsOnly("suppression-unused");
        assertThat(unused).extracting(Finding::line, Finding::severity).containsExactly(
                tuple(1, Severity.WARNING), tuple(3, Severity.WARNING),
                tuple(5, Severity.WARNING));
    }
}
