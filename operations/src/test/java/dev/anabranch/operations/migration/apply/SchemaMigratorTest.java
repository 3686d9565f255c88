// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.operations.migration.apply;

import dev.anabranch.operations.migration.files.MigrationFile;
import dev.anabranch.operations.migration.files.MigrationSet;
import dev.anabranch.problem.AnabranchException;
import dev.anabranch.problem.ErrorCode;
import dev.anabranch.topology.Database;
import dev.anabranch.topology.Endpoint;
import dev.anabranch.topology.Login;
import dev.anabranch.topology.Secret;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

import static dev.anabranch.operations.migration.apply.MigrationServers.execute;
import static dev.anabranch.operations.migration.apply.MigrationServers.query;
import static dev.anabranch.operations.migration.apply.MigrationServers.set;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

class SchemaMigratorTest {
    private static final String TABLE = "table\nCREATE TABLE plan (id bigint PRIMARY KEY, name text NOT NULL);\n"
            + "INSERT INTO plan VALUES (1, 'free');";
    private static final String ONLINE = "name_online\nCREATE INDEX CONCURRENTLY plan_name ON plan (name);";

    private final MigrationSettings settings = MigrationSettings.DEFAULT
            .withRunner("test")
            .withLockTimeout(Duration.ofMillis(200))
            .withLockWait(Duration.ofSeconds(20));
    private final SchemaMigrator migrator = new SchemaMigrator(settings);

    private static Target billing(Database database) {
        return new Target("billing", database, "billing");
    }

    @Test
    void bringsAnEmptyDatabaseToHeadAndThenFindsItCurrent() {
        Target target = billing(MigrationServers.owned());
        MigrationSet set = set(TABLE, ONLINE, "more\nALTER TABLE plan ADD price numeric;");
        assertThat(migrator.standing(target, set).kind()).isEqualTo(Standing.Kind.MISSING);
        List<String> told = new ArrayList<>();
        MigrationResult result = migrator.migrate(target, set, new MigrationListener() {
            @Override
            public void applying(MigrationFile file) {
                told.add("applying " + file.version());
            }

            @Override
            public void applied(MigrationFile file, Duration took) {
                told.add("applied " + file.version());
            }
        });
        assertThat(result.from()).isZero();
        assertThat(result.to()).isEqualTo(3);
        assertThat(result.applied()).isEqualTo(set.files());
        assertThat(told)
                .containsExactly("applying 1", "applied 1", "applying 2", "applied 2", "applying 3", "applied 3");
        assertThat(migrator.standing(target, set).isCurrent()).isTrue();
        assertThat(query(target.database(), "SELECT script FROM billing.flyway_schema_history ORDER BY 1"))
                .containsExactly("V1__table.sql", "V2__name_online.sql", "V3__more.sql");
        assertThat(query(target.database(), "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"))
                .containsExactly("0");
        assertThat(migrator.migrate(target, set).applied()).isEmpty();
    }

    @Test
    void appliesOnlyWhatIsNewToASchemaThatIsBehind() {
        Target target = billing(MigrationServers.plain());
        MigrationSet set = set(TABLE, ONLINE);
        migrator.migrate(target, set.upTo(1));
        Standing standing = migrator.standing(target, set);
        assertThat(standing.kind()).isEqualTo(Standing.Kind.BEHIND);
        assertThat(standing.describe()).isEqualTo("at V1, 1 behind: V2__name_online.sql");
        MigrationResult result = migrator.migrate(target, set);
        assertThat(result.from()).isEqualTo(1);
        assertThat(result.applied()).extracting(MigrationFile::version).containsExactly(2L);
    }

    @Test
    void tellsWhereAFileFailedAndKeepsNothingOfIt() {
        Target target = billing(MigrationServers.plain());
        MigrationSet broken = set(TABLE, "broken\nCREATE TABLE made (id int);\n\nINSERT INTO\n  missing\nVALUES ('x');\n");
        assertThatExceptionOfType(AnabranchException.class)
                .isThrownBy(() -> migrator.migrate(target, broken))
                .satisfies(e -> assertThat(e.code()).isEqualTo(ErrorCode.MIGRATION_FAILED))
                .withMessageContaining("V2__broken.sql:4 failed for billing on " + target.database().name())
                .withMessageContaining(target.database().primary().address())
                .withMessageContaining("relation \"missing\" does not exist (SQLState 42P01)")
                .withMessageContaining("INSERT INTO missing VALUES ('x')");
        assertThat(query(target.database(), "SELECT version FROM billing.flyway_schema_history")).containsExactly("1");
        assertThat(query(target.database(), "SELECT to_regclass('billing.made')")).containsExactly("null");
        MigrationSet mended = set(TABLE, "broken\nCREATE TABLE made (id int);");
        assertThat(migrator.migrate(target, mended).applied()).hasSize(1);
    }

    @Test
    void refusesFilesThatWereChangedRemovedOrComeTooLate() {
        Target target = billing(MigrationServers.plain());
        MigrationSet set = set(TABLE, "two\nCREATE TABLE two ();", "three\nCREATE TABLE three ();");
        migrator.migrate(target, set);
        MigrationSet changed = set(TABLE, "two\nCREATE TABLE other ();", "three\nCREATE TABLE three ();");
        assertInvalid(target, changed, "changed after they were applied: V2__two.sql");
        assertThat(migrator.standing(target, changed).kind()).isEqualTo(Standing.Kind.CHANGED);
        assertInvalid(target, set.upTo(2), "versions that the files lack: V3");
        assertThat(migrator.standing(target, set.upTo(2)).kind()).isEqualTo(Standing.Kind.AHEAD);
        execute(target.database(), "DELETE FROM billing.flyway_schema_history WHERE version = '2'");
        assertInvalid(target, set, "A later version is applied than that of V2__two.sql");
    }

    private void assertInvalid(Target target, MigrationSet set, String message) {
        assertThatExceptionOfType(AnabranchException.class)
                .isThrownBy(() -> migrator.migrate(target, set))
                .satisfies(e -> assertThat(e.code()).isEqualTo(ErrorCode.MIGRATION_INVALID))
                .withMessageContaining(message)
                .withMessageContaining(target.database().name());
    }

    @Test
    void runsAFileAgainThatBrokeOffOutsideOfATransaction() {
        Target target = billing(MigrationServers.plain());
        MigrationSet set = set(
                TABLE + "INSERT INTO plan VALUES (2, 'free');",
                "unique_online\nCREATE INDEX CONCURRENTLY plan_first ON plan (name);\n"
                        + "CREATE UNIQUE INDEX CONCURRENTLY plan_name ON plan (name);");
        assertThatExceptionOfType(AnabranchException.class)
                .isThrownBy(() -> migrator.migrate(target, set))
                .withMessageContaining("V2__unique_online.sql:2 failed")
                .withMessageContaining("SQLState 23505")
                .withMessageContaining("run it again: what broke off is cleared away by itself");
        assertThat(migrator.standing(target, set).kind()).isEqualTo(Standing.Kind.FAILED);
        assertThat(query(target.database(), "SELECT indexrelid::regclass FROM pg_index WHERE NOT indisvalid"))
                .containsExactly("billing.plan_name");
        execute(target.database(), "DELETE FROM billing.plan WHERE id = 2");
        assertThat(migrator.migrate(target, set).applied()).hasSize(1);
        assertThat(query(target.database(), "SELECT count(*) FROM pg_index WHERE NOT indisvalid")).containsExactly("0");
        assertThat(query(target.database(), "SELECT success FROM billing.flyway_schema_history ORDER BY installed_rank"))
                .containsExactly("t", "t");
    }

    @Test
    void refusesAFileThatMixesWhatRunsInATransactionAndWhatCannot() {
        Target target = billing(MigrationServers.plain());
        assertInvalid(
                target,
                set("mixed\nCREATE TABLE a (id int);\nCREATE INDEX CONCURRENTLY a_id ON a (id);"),
                "V1__mixed.sql:2 (CREATE INDEX CONCURRENTLY a_id ON a (id)) cannot run in a transaction, and line 1");
        assertInvalid(
                target,
                set("unnamed_online\nCREATE INDEX CONCURRENTLY ON a (id);"),
                "V1__unnamed_online.sql:1 builds an index concurrently that has no name");
        assertThat(query(target.database(), "SELECT count(*) FROM pg_namespace WHERE nspname = 'billing'"))
                .containsExactly("0");
    }

    @Test
    void runsEachStatementOfAnOnlineFileByItselfWhateverItIs() {
        Target target = billing(MigrationServers.plain());
        MigrationSet set = set(
                TABLE,
                "check_online\nALTER TABLE plan ADD CONSTRAINT named CHECK (name <> '') NOT VALID;\n"
                        + "ALTER TABLE plan VALIDATE CONSTRAINT named;\nSELECT 1 / 0;");
        assertThatExceptionOfType(AnabranchException.class)
                .isThrownBy(() -> migrator.migrate(target, set))
                .withMessageContaining("V2__check_online.sql:3");
        assertThat(query(target.database(), "SELECT convalidated FROM pg_constraint WHERE conname = 'named'"))
                .containsExactly("t");
    }

    @Test
    void givesUpALockItDoesNotGetAndTriesAgain() throws Exception {
        Target target = billing(MigrationServers.plain());
        MigrationSet set = set(TABLE, "alter\nALTER TABLE plan ADD price numeric;");
        migrator.migrate(target, set.upTo(1));
        try (Connection reader = MigrationServers.connect(target.database().primary());
                Statement statement = reader.createStatement()) {
            reader.setAutoCommit(false);
            statement.execute("SELECT * FROM billing.plan");
            List<String> causes = new ArrayList<>();
            MigrationResult result = migrator.migrate(target, set, new MigrationListener() {
                @Override
                public void retrying(int attempt, String cause) {
                    causes.add(attempt + " " + cause);
                    if (attempt == 2) {
                        rollback(reader);
                    }
                }
            });
            assertThat(result.applied()).hasSize(1);
            assertThat(causes).hasSize(2).allSatisfy(cause -> assertThat(cause).contains("55P03"));
        }
        assertThat(query(target.database(), "SELECT count(*) FROM billing.flyway_schema_history")).containsExactly("2");
    }

    private static void rollback(Connection connection) {
        try {
            connection.rollback();
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void lockTimeoutsAreNotTriedForever() throws Exception {
        Target target = billing(MigrationServers.plain());
        MigrationSet set = set(TABLE, "alter\nALTER TABLE plan ADD price numeric;");
        migrator.migrate(target, set.upTo(1));
        try (Connection reader = MigrationServers.connect(target.database().primary());
                Statement statement = reader.createStatement()) {
            reader.setAutoCommit(false);
            statement.execute("SELECT * FROM billing.plan");
            var hasty = new SchemaMigrator(settings.withAttempts(2).withLockTimeout(Duration.ofMillis(50)));
            assertThatExceptionOfType(AnabranchException.class)
                    .isThrownBy(() -> hasty.migrate(target, set))
                    .withMessageContaining("V2__alter.sql:1")
                    .withMessageContaining("SQLState 55P03");
        }
    }

    @Test
    void theSecondRunnerWaitsForTheFirstAndThenFindsNothingToDo() throws Exception {
        Target target = billing(MigrationServers.plain());
        MigrationSet set = set(TABLE, "slow\nSELECT pg_sleep(0.7);\nCREATE TABLE slow ();");
        var first = new SchemaMigrator(settings.withRunner("first"));
        var running = new CountDownLatch(1);
        try (var executor = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<MigrationResult> one = executor.submit(() -> first.migrate(target, set, new MigrationListener() {
                @Override
                public void applying(MigrationFile file) {
                    running.countDown();
                }
            }));
            running.await();
            var hasty = new SchemaMigrator(settings.withLockWait(Duration.ZERO));
            assertThatExceptionOfType(AnabranchException.class)
                    .isThrownBy(() -> hasty.migrate(target, set))
                    .satisfies(e -> assertThat(e.code()).isEqualTo(ErrorCode.MIGRATION_LOCKED))
                    .withMessageContaining("anabranch migrate billing on " + target.database().name() + ", first, pid");
            List<String> holders = new ArrayList<>();
            MigrationResult second = migrator.migrate(target, set, new MigrationListener() {
                @Override
                public void waiting(String holder) {
                    holders.add(holder);
                }
            });
            assertThat(one.get().applied()).hasSize(2);
            assertThat(second.applied()).isEmpty();
            assertThat(holders).hasSize(1).first().asString().contains(", first, pid");
        }
    }

    @Test
    void saysThatItDoesNotKnowTheOwnersPassword() {
        Database owned = MigrationServers.owned();
        var blind = new Database(owned.name(), owned.primary(), new Login(owned.name() + "_owner", Secret.of("")), null);
        assertThatExceptionOfType(AnabranchException.class)
                .isThrownBy(() -> migrator.migrate(billing(blind), set(TABLE)))
                .satisfies(e -> assertThat(e.code()).isEqualTo(ErrorCode.CONFIGURATION_INVALID))
                .withMessageContaining("does not know the password of " + owned.name() + "_owner");
        migrator.migrate(billing(owned), set(TABLE));
        assertThat(migrator.standing(billing(blind), set(TABLE)).isCurrent())
                .as("the application's user may read the history")
                .isTrue();
    }

    @Test
    void namesADatabaseThatCannotBeReachedAndALoginThatIsRefused() {
        Database there = MigrationServers.plain();
        var wrong = new Database(
                there.name(), there.primary().as(there.name(), Secret.of("a-wrong-secret")), null);
        assertThatExceptionOfType(AnabranchException.class)
                .isThrownBy(() -> migrator.migrate(billing(wrong), set(TABLE)))
                .satisfies(e -> assertThat(e.code()).isEqualTo(ErrorCode.CONFIGURATION_INVALID))
                .withMessageContaining("28P01")
                .withMessageContaining("Check the login")
                .withMessageNotContaining("a-wrong-secret");
    }

    @Test
    void tellsWhatIsDownFromWhatIsSetUpWrongly() {
        Database there = MigrationServers.plain();
        migrator.migrate(billing(there), set(TABLE));
        assertThatExceptionOfType(AnabranchException.class)
                .isThrownBy(() -> migrator.standing(billing(MigrationServers.known(1, "nobody")), set(TABLE)))
                .satisfies(e -> assertThat(e.code()).isEqualTo(ErrorCode.DATABASE_UNAVAILABLE));
        var blind = new Database(there.name(), there.primary().withoutPassword(), null);
        assertThatExceptionOfType(AnabranchException.class)
                .isThrownBy(() -> migrator.standing(billing(blind), set(TABLE)))
                .satisfies(e -> assertThat(e.code()).isEqualTo(ErrorCode.CONFIGURATION_INVALID))
                .withMessageContaining("The password of " + there.name() + " is not known to this process");
        execute(there, "ALTER SCHEMA billing OWNER TO postgres");
        assertThatExceptionOfType(AnabranchException.class)
                .isThrownBy(() -> migrator.standing(billing(there), set(TABLE)))
                .satisfies(e -> assertThat(e.code()).isEqualTo(ErrorCode.CONFIGURATION_INVALID))
                .withMessageContaining("42501")
                .withMessageContaining("GRANT USAGE ON SCHEMA \"billing\" TO \"" + there.name() + "\"");
    }

    @Test
    void whatAFileSetsEndsWithIt() {
        Target target = billing(MigrationServers.plain());
        execute(target.database(), "CREATE SCHEMA other; GRANT ALL ON SCHEMA other TO " + target.database().name());
        migrator.migrate(target, set(
                "one\nCREATE TABLE one (); SET search_path = other; SET statement_timeout = '5s'; SET work_mem = '1MB';",
                "two_online\nCREATE TABLE two (); SET lock_timeout = '1s'; SET search_path = other;",
                "three\nCREATE TABLE three AS SELECT name, setting FROM pg_settings WHERE name IN"
                        + " ('statement_timeout', 'lock_timeout', 'application_name', 'client_connection_check_interval',"
                        + " 'transaction_timeout');"
                        + " INSERT INTO three SELECT name, setting FROM pg_settings WHERE name = 'work_mem' AND setting = reset_val;"));
        assertThat(query(target.database(), "SELECT tablename FROM pg_tables WHERE schemaname = 'billing' AND tablename <>"
                        + " 'flyway_schema_history' ORDER BY 1"))
                .containsExactly("one", "three", "two");
        assertThat(query(target.database(), "SELECT name || '=' || setting FROM billing.three WHERE name NOT LIKE 'work%' ORDER BY 1"))
                .satisfiesExactly(
                        row -> assertThat(row).startsWith("application_name=anabranch migrate billing"),
                        row -> assertThat(row).isEqualTo("client_connection_check_interval=1000"),
                        row -> assertThat(row).isEqualTo("lock_timeout=200"),
                        row -> assertThat(row).isEqualTo("statement_timeout=0"),
                        row -> assertThat(row).isEqualTo("transaction_timeout=0"));
        assertThat(query(target.database(), "SELECT count(*) FROM billing.three WHERE name = 'work_mem'")).containsExactly("1");
    }

    @Test
    void aSocketTimeoutForTheApplicationDoesNotBreakALongFile() {
        Database plain = MigrationServers.plain();
        Endpoint at = plain.primary();
        var impatient = new Database(
                plain.name(),
                new Endpoint(
                        at.flavor(), at.host(), at.port(), at.database(), at.user(), at.password(), Map.of("socketTimeout", "1")),
                null);
        assertThat(migrator.migrate(billing(impatient), set("slow\nSELECT pg_sleep(1.2);")).applied()).hasSize(1);
    }

    @Test
    void aNewerProgramsFailedFileIsAheadOfThisOne() {
        Target target = billing(MigrationServers.plain());
        MigrationSet newer = set(TABLE, "broken_online\nSELECT 1 / 0;");
        assertThatExceptionOfType(AnabranchException.class).isThrownBy(() -> migrator.migrate(target, newer));
        assertThat(migrator.standing(target, newer).kind()).isEqualTo(Standing.Kind.FAILED);
        Standing old = migrator.standing(target, newer.upTo(1));
        assertThat(old.kind()).isEqualTo(Standing.Kind.AHEAD);
        assertThat(old.describe()).isEqualTo("at V1, with versions that the files lack: V2");
        assertInvalid(target, newer.upTo(1), "versions that the files lack: V2");
    }

    @Test
    void keepsNothingOfAFileThatWouldEndItsTransaction() {
        Target target = billing(MigrationServers.plain());
        assertInvalid(target, set("half\nCREATE TABLE half ();\nCOMMIT;\nSELECT 1 / 0;"), "V1__half.sql:2 (COMMIT)");
        assertThat(query(target.database(), "SELECT to_regclass('billing.half')")).containsExactly("null");
    }

    @Test
    void longLiteralsAndCredentialsAreNotPrinted() {
        Target target = billing(MigrationServers.plain());
        MigrationSet longOne = set("long\nSELECT password '" + "x".repeat(200_000) + "' FROM missing;");
        assertThatExceptionOfType(AnabranchException.class)
                .isThrownBy(() -> migrator.migrate(target, longOne))
                .withMessageContaining("V1__long.sql:1")
                .satisfies(e -> assertThat(e.getMessage()).hasSizeLessThan(1000));
        for (String secret : List.of(
                "CREATE SUBSCRIPTION s CONNECTION 'host=h password=s3cret' PUBLICATION p; SELECT 1 / 0",
                "CREATE ROLE " + target.database().name() + "_x PASSWORD $$s3cret$$",
                "CREATE USER MAPPING FOR PUBLIC SERVER nowhere OPTIONS (user 'u', password 's3cret')",
                "ALTER ROLE nobody_there PASSWORD E's3\\'cret'",
                "ALTER ROLE nobody_there PASSWORD s3cret")) {
            assertThatExceptionOfType(AnabranchException.class)
                    .as(secret)
                    .isThrownBy(() -> migrator.migrate(target, set("secret_online\n" + secret + ";")))
                    .withMessageContaining("V1__secret_online.sql:1 failed")
                    .withMessageNotContaining("cret'")
                    .withMessageNotContaining("s3cret");
        }
        assertThat(Redaction.brief("SET PASSWORD FOR u = PASSWORD('s3cret')")).doesNotContain("s3cret");
        assertThat(Redaction.brief("ALTER USER u IDENTIFIED VIA ed25519 USING 's3cret'")).doesNotContain("s3cret");
        assertThat(Redaction.plain("near 'IDENTIFIED BY 's3cret''")).doesNotContain("s3cret");
        assertThat(Redaction.plain("password authentication failed for user \"u\"")).endsWith("\"u\"");
    }

    @Test
    void aSchemaThatWasMadeByOtherMeansGetsAHistoryThatBeginsThere() throws Exception {
        Target target = billing(MigrationServers.owned());
        MigrationSet set = set(TABLE, ONLINE, "more\nALTER TABLE plan ADD price numeric;");
        assertThatExceptionOfType(AnabranchException.class)
                .isThrownBy(() -> migrator.baseline(target, set, 2))
                .satisfies(e -> assertThat(e.code()).isEqualTo(ErrorCode.MIGRATION_INVALID))
                .withMessageContaining("has nothing in it that could be at V2");
        String owner = target.migrating().user();
        execute(target.database(), "CREATE SCHEMA billing AUTHORIZATION " + owner + "; SET ROLE " + owner + ";"
                + " CREATE TABLE billing.plan (id bigint PRIMARY KEY, name text)");
        assertInvalid(target, set, "anabranch migrate apply --service billing --baseline");
        assertThatExceptionOfType(AnabranchException.class)
                .isThrownBy(() -> migrator.baseline(target, set, 4))
                .withMessageContaining("none of the files");
        Standing standing = migrator.baseline(target, set, 2);
        assertThat(standing.describe()).isEqualTo("at V2, 1 behind: V3__more.sql");
        assertThat(migrator.migrate(target, set).applied()).extracting(MigrationFile::version).containsExactly(3L);
        try (Connection app = MigrationServers.connect(target.database().primary());
                Statement statement = app.createStatement()) {
            statement.execute("INSERT INTO billing.plan VALUES (1, 'free', 0)");
            assertThatExceptionOfType(SQLException.class)
                    .isThrownBy(() -> statement.execute("DELETE FROM billing.flyway_schema_history"))
                    .withMessageContaining("permission denied");
        }
        assertThatExceptionOfType(AnabranchException.class)
                .isThrownBy(() -> migrator.baseline(target, set, 2))
                .withMessageContaining("has a history already, at V3");
    }

    @Test
    void filesThatBeginAboveTheFirstVersionNeedABaseline() {
        Target target = billing(MigrationServers.plain());
        MigrationSet late = new MigrationSet("test", List.of(
                MigrationSet.file("test", "V5__five.sql", "ALTER TABLE plan ADD five int;"),
                MigrationSet.file("test", "V6__six.sql", "ALTER TABLE plan ADD six int;")));
        assertInvalid(target, late, "begins with V5, and the schema is at V0");
        migrator.migrate(billing(target.database()), set(TABLE));
        execute(target.database(), "DROP TABLE billing.flyway_schema_history");
        assertThat(migrator.baseline(target, late, 4).pending()).hasSize(2);
        assertThat(migrator.migrate(target, late).to()).isEqualTo(6);
    }
}
