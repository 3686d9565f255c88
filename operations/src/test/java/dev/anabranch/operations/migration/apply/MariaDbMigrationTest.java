// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.operations.migration.apply;

import dev.anabranch.devcluster.MariaDbServer;
import dev.anabranch.operations.migration.files.MigrationFile;
import dev.anabranch.operations.migration.files.MigrationSet;
import dev.anabranch.problem.AnabranchException;
import dev.anabranch.problem.ErrorCode;
import dev.anabranch.topology.Database;
import dev.anabranch.topology.Endpoint;
import dev.anabranch.topology.Flavor;
import dev.anabranch.topology.Secret;
import java.sql.Connection;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

import static dev.anabranch.operations.migration.apply.MigrationServers.query;
import static dev.anabranch.operations.migration.apply.MigrationServers.set;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

class MariaDbMigrationTest {
    private static final MigrationSet SET = set(
            "table\nCREATE TABLE plan (id bigint PRIMARY KEY, name varchar(40) NOT NULL);\nINSERT INTO plan VALUES (1, 'free');",
            "more\nALTER TABLE plan ADD price int;");

    private static Database database;
    private final SchemaMigrator migrator = new SchemaMigrator(MigrationSettings.DEFAULT);

    @BeforeAll
    static void start() throws Exception {
        MariaDbServer server = MigrationServers.mariadb();
        server.createDatabase("shop");
        server.execute("shop", "CREATE USER shop@'%' IDENTIFIED BY 'shop-battery-staple'");
        server.execute("shop", "GRANT ALL ON `billing%`.* TO shop@'%'");
        server.execute("shop", "GRANT ALL ON shop.* TO shop@'%'");
        database = new Database(
                "maria",
                new Endpoint(
                        Flavor.MARIADB, server.host(), server.port(), "shop", "shop", Secret.of("shop-battery-staple"), Map.of()),
                null);
    }

    private static Target target(String schema) {
        return new Target("billing", database, schema);
    }

    private static java.util.List<String> rows(String sql) throws Exception {
        try (Connection connection = MigrationServers.mariadb().connect("mysql")) {
            return query(connection, sql);
        }
    }

    @Test
    void makesADatabaseForTheSchemaAndBringsItToHead() throws Exception {
        Target target = target("billing");
        assertThat(migrator.standing(target, SET).kind()).isEqualTo(Standing.Kind.MISSING);
        assertThat(migrator.migrate(target, SET.upTo(1)).applied()).hasSize(1);
        assertThat(migrator.standing(target, SET).kind()).isEqualTo(Standing.Kind.BEHIND);
        assertThat(migrator.migrate(target, SET).from()).isEqualTo(1);
        assertThat(migrator.migrate(target, SET).applied()).isEmpty();
        assertThat(migrator.standing(target, SET).isCurrent()).isTrue();
        assertThat(rows("SELECT name FROM billing.plan WHERE price IS NULL")).containsExactly("free");
    }

    @Test
    void saysThatStatementsBeforeTheFailedOneStayed() throws Exception {
        Target target = target("billing_broken");
        MigrationSet broken = set("table\nCREATE TABLE made (id int);\n\nCREATE TABLE made (id int);");
        assertThatExceptionOfType(AnabranchException.class)
                .isThrownBy(() -> migrator.migrate(target, broken))
                .satisfies(e -> assertThat(e.code()).isEqualTo(ErrorCode.MIGRATION_FAILED))
                .withMessageContaining("V1__table.sql:3 failed for billing on maria")
                .withMessageContaining("SQLState 42S01")
                .withMessageContaining("no transactions for DDL");
        assertThat(migrator.standing(target, broken).kind()).isEqualTo(Standing.Kind.FAILED);
        MigrationSet mended = set("table\nCREATE TABLE made (id int);");
        assertThatExceptionOfType(AnabranchException.class)
                .isThrownBy(() -> migrator.migrate(target, mended))
                .withMessageContaining("V1__table.sql broke off on maria")
                .withMessageContaining("DELETE FROM billing_broken.flyway_schema_history WHERE version = '1' AND success = 0");
        MigrationServers.mariadb().execute("billing_broken", "DROP TABLE made");
        MigrationServers.mariadb()
                .execute(
                        "billing_broken",
                        "DELETE FROM billing_broken.flyway_schema_history WHERE version = '1' AND success = 0");
        assertThat(migrator.migrate(target, mended).applied()).hasSize(1);
    }

    @Test
    void tellsAnAdministratorWhatToRunWhereTheDatabaseCannotBeMade() {
        assertThatExceptionOfType(AnabranchException.class)
                .isThrownBy(() -> migrator.migrate(target("elsewhere"), SET))
                .satisfies(e -> assertThat(e.code()).isEqualTo(ErrorCode.CONFIGURATION_INVALID))
                .withMessageContaining("CREATE DATABASE IF NOT EXISTS `elsewhere`");
    }

    @Test
    void theSecondRunnerSaysWhoHoldsTheLock() throws Exception {
        Target target = target("billing_locked");
        var running = new CountDownLatch(1);
        var refused = new CountDownLatch(1);
        try (var executor = Executors.newVirtualThreadPerTaskExecutor()) {
            var first = executor.submit(() -> migrator.migrate(target, SET, new MigrationListener() {
                @Override
                public void applying(MigrationFile file) {
                    running.countDown();
                    try {
                        refused.await();
                    } catch (InterruptedException e) {
                        throw new IllegalStateException(e);
                    }
                }
            }));
            running.await();
            var hasty = new SchemaMigrator(MigrationSettings.DEFAULT.withLockWait(Duration.ZERO));
            assertThatExceptionOfType(AnabranchException.class)
                    .isThrownBy(() -> hasty.migrate(target, SET))
                    .satisfies(e -> assertThat(e.code()).isEqualTo(ErrorCode.MIGRATION_LOCKED))
                    .withMessageContaining("connection ")
                    .withMessageContaining(" of shop@");
            refused.countDown();
            assertThat(first.get().applied()).hasSize(2);
        }
    }

    @Test
    void doesNotWaitForATableForADayAndSaysWhatThatMeans() throws Exception {
        Target target = target("billing_held");
        migrator.migrate(target, SET.upTo(1));
        MigrationSet padded = new MigrationSet("test", java.util.List.of(
                SET.files().getFirst(), MigrationSet.file("test", "V002__more.sql", "ALTER TABLE plan ADD price int;")));
        try (Connection reader = MigrationServers.mariadb().connect("billing_held");
                var statement = reader.createStatement()) {
            reader.setAutoCommit(false);
            statement.executeQuery("SELECT * FROM plan");
            var hasty = new SchemaMigrator(MigrationSettings.DEFAULT.withLockTimeout(Duration.ofMillis(100)));
            assertThatExceptionOfType(AnabranchException.class)
                    .isThrownBy(() -> hasty.migrate(target, padded))
                    .withMessageContaining("Somebody else holds a lock on the table")
                    .withMessageContaining("WHERE version = '002' AND success = 0");
        }
    }

    @Test
    void aDatabaseThatWasMadeByOtherMeansGetsAHistory() throws Exception {
        Target target = target("billing_brown");
        MigrationServers.mariadb().createDatabase("billing_brown");
        assertThatExceptionOfType(AnabranchException.class)
                .isThrownBy(() -> migrator.baseline(target, SET, 1))
                .withMessageContaining("has nothing in it");
        MigrationServers.mariadb().execute("billing_brown", "CREATE TABLE plan (id bigint PRIMARY KEY, name varchar(40))");
        assertThat(migrator.baseline(target, SET, 1).version()).isEqualTo(1);
        assertThat(migrator.migrate(target, SET).applied()).hasSize(1);
    }
}
