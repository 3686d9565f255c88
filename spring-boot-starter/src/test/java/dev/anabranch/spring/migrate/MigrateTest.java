// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.spring.migrate;

import dev.anabranch.devcluster.PostgresServer;
import dev.anabranch.operations.migration.apply.SchemaMigrator;
import dev.anabranch.problem.AnabranchException;
import dev.anabranch.problem.ErrorCode;
import dev.anabranch.spring.Contexts;
import dev.anabranch.tenant.TenantContext;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** Schemas at start, on two servers of which one may be down. */
@ExtendWith(OutputCaptureExtension.class)
class MigrateTest {
    private static final String PASSWORD_OF_OWNER = "owner-42";
    private static int databases;
    private static PostgresServer sound;
    private static PostgresServer fragile;

    @TempDir
    private Path folder;

    private Path migrations;
    private String database;

    @BeforeAll
    static void startServers() throws SQLException {
        sound = PostgresServer.start("sound");
        fragile = PostgresServer.start("fragile");
        for (PostgresServer server : new PostgresServer[] {sound, fragile}) {
            server.createRole("owner", PASSWORD_OF_OWNER);
            server.execute("postgres", "alter role owner createrole");
        }
    }

    @AfterAll
    static void stopServers() {
        sound.close();
        fragile.close();
    }

    @BeforeEach
    void makeDatabases() throws Exception {
        if (!fragile.isRunning()) {
            fragile.restart();
        }
        database = "migrate" + ++databases;
        sound.createDatabase(database, "owner");
        fragile.createDatabase(database, "owner");
        migrations = Files.createDirectory(folder.resolve("migrations"));
        migration("V1__note.sql", "create table note (customer_id text not null, text text);");
        migration("V2__more.sql", "alter table note add column more text;");
        Files.writeString(
                folder.resolve("two.yaml"),
                """
                databases:
                  sound: {url: "%s", user: %s_app, password: app-42, owner: {user: owner, password: "env:OWNER"}}
                  fragile: {url: "%s", user: %s_app, password: app-42, owner: {user: owner, password: "env:OWNER"}}
                groups:
                  default: {kind: sharded, schema: notes, placement: {hash: [sound], pinned: {"1": sound, "2": fragile}}}
                """
                        .formatted(sound.jdbcUrl(database), database, fragile.jdbcUrl(database), database));
    }

    @Test
    void everyDatabaseIsAtHeadBeforeABeanGetsTheDataSource() throws Exception {
        Contexts.start(new SpringApplicationBuilder(Contexts.Application.class, Early.class), properties()).close();
        for (PostgresServer server : new PostgresServer[] {sound, fragile}) {
            assertThat(ask(server.connect(database), "select string_agg(version, ',') from notes.flyway_schema_history"))
                    .isEqualTo("1,2");
        }
    }

    @Test
    void aDatabaseThatIsDownKeepsNobodyFromStartingAndIsMigratedBeforeItsFirstStatement(CapturedOutput output)
            throws Exception {
        fragile.kill();
        try (ConfigurableApplicationContext context = start()) {
            assertThat(output.getAll()).contains("The database fragile cannot be reached now");
            assertThat(count(context, "1")).isEqualTo("0");
            assertThatThrownBy(() -> count(context, "2"))
                    .satisfies(e -> assertThat(codeOf(e)).isEqualTo(ErrorCode.DATABASE_UNAVAILABLE));
            fragile.restart();
            assertThat(countWhenItAnswers(context, "2")).isEqualTo("0");
        }
        assertThat(output.getAll())
                .contains("Migrated the schema notes of default on fragile from V0 to V2")
                .doesNotContain(PASSWORD_OF_OWNER, "app-42");
    }

    @Test
    void oneThatWasDownAndIsBehindIsNotUsedBeforeSomebodyMigratesIt() throws Exception {
        start().close();
        fragile.execute(database, "drop schema notes cascade");
        fragile.kill();
        try (ConfigurableApplicationContext context = start("anabranch.migrate.mode=verify")) {
            fragile.restart();
            await(() -> codeOf(failureOf(context, "2")) == ErrorCode.SCHEMA_BEHIND);
            start().close();
            assertThat(countWhenItAnswers(context, "2")).isEqualTo("0");
        }
    }

    @Test
    void refusesToStartAndNamesEveryDatabaseThatIsBehind(CapturedOutput output) throws Exception {
        start().close();
        migration("V3__again.sql", "alter table note add column again text;");
        assertThatThrownBy(() -> start("anabranch.migrate.mode=verify").close())
                .satisfies(e -> assertThat(codeOf(e)).isEqualTo(ErrorCode.SCHEMA_BEHIND));
        assertThat(output.getAll())
                .contains(
                        "APPLICATION FAILED TO START",
                        "2 databases",
                        "default on sound",
                        "default on fragile",
                        "'anabranch migrate apply --service default'")
                .doesNotContain("\tat ", PASSWORD_OF_OWNER);
    }

    @Test
    void refusesToStartWhereNobodyHasMigratedYetAndSaysWhatTo(CapturedOutput output) {
        assertThatThrownBy(() -> start("anabranch.migrate.mode=verify").close())
                .satisfies(e -> assertThat(codeOf(e)).isEqualTo(ErrorCode.CONFIGURATION_INVALID));
        assertThat(output.getAll())
                .contains("APPLICATION FAILED TO START", "2 databases", "sound", "fragile",
                        "'anabranch migrate apply --service default'")
                .doesNotContain("\tat ", PASSWORD_OF_OWNER, "app-42");
    }

    @Test
    void verifyingNeedsNothingOfTheOwner() throws Exception {
        start().close();
        start("anabranch.migrate.mode=verify", "OWNER=wrong").close();
        start("anabranch.migrate.mode=verify", "OWNER=").close();
        for (PostgresServer server : new PostgresServer[] {sound, fragile}) {
            server.execute("postgres", "alter role owner nologin");
        }
        try {
            start("anabranch.migrate.mode=verify").close();
        } finally {
            for (PostgresServer server : new PostgresServer[] {sound, fragile}) {
                server.execute("postgres", "alter role owner login");
            }
        }
    }

    @Test
    void aLoginThatOneDatabaseRefusesIsSaidAndKeepsNobodyElseFromBeingServed(CapturedOutput output) throws Exception {
        start().close();
        fragile.changePassword(database + "_app", "another");
        for (String mode : new String[] {"verify", "apply"}) {
            servesTheSoundOneAlone("anabranch.migrate.mode=" + mode);
        }
        assertThat(output.getAll()).contains("password authentication failed for user \"" + database + "_app\"");
        fragile.changePassword(database + "_app", "app-42");
        fragile.execute(database, "drop schema notes cascade");
        fragile.changePassword("owner", "another");
        try {
            servesTheSoundOneAlone("anabranch.migrate.mode=apply");
        } finally {
            fragile.changePassword("owner", PASSWORD_OF_OWNER);
        }
        assertThat(output.getAll())
                .contains("password authentication failed for user \"owner\"")
                .doesNotContain("cannot be reached now");
    }

    private void servesTheSoundOneAlone(String mode) throws Exception {
        try (ConfigurableApplicationContext context = start(mode)) {
            assertThat(count(context, "1")).isEqualTo("0");
            assertThatThrownBy(() -> count(context, "2")).isNotNull();
        }
    }

    @Test
    void aRightThatTheApplicationLacksIsNoDatabaseThatIsDown(CapturedOutput output) throws Exception {
        start().close();
        fragile.execute(database, "revoke all on schema notes from " + database + "_app");
        assertThatThrownBy(() -> start("anabranch.migrate.mode=verify").close())
                .rootCause()
                .hasMessageContaining("permission denied for schema notes");
        assertThat(output.getAll()).doesNotContain("cannot be reached now");
    }

    @Test
    void aServerThatTakesNoMoreConnectionsIsNotDownWhenVerifying(CapturedOutput output) throws Exception {
        start().close();
        fragile.execute("postgres", "alter role " + database + "_app connection limit 0");
        FutureTask<Optional<Throwable>> started = new FutureTask<>(() -> {
            try {
                start("anabranch.migrate.mode=verify").close();
                return Optional.empty();
            } catch (RuntimeException e) {
                return Optional.of(e);
            }
        });
        Thread.ofVirtual().start(started);
        Instant began = Instant.now();
        // Longer than it waits for a connection.
        await(() -> Duration.between(began, Instant.now()).toMillis() > 3_000);
        assertThat(started.isDone()).isFalse();
        fragile.execute("postgres", "alter role " + database + "_app connection limit -1");
        assertThat(started.get(30, TimeUnit.SECONDS)).isEmpty();
        assertThat(output.getAll()).doesNotContain("cannot be reached now");
    }

    @Test
    void aMigrationThatFailsIsToldWithItsFileAndTheApplicationDoesNotStart(CapturedOutput output) throws Exception {
        migration("V3__broken.sql", "alter table note\n  add column nonsense;");
        assertThatThrownBy(() -> start().close())
                .satisfies(e -> assertThat(codeOf(e)).isEqualTo(ErrorCode.MIGRATION_FAILED));
        assertThat(output.getAll())
                .contains("APPLICATION FAILED TO START", "V3__broken.sql", "42601", "sound", "fragile")
                .doesNotContain("\tat ");
    }

    @Test
    void aFileThatWasChangedAfterItWasAppliedIsRefused() throws Exception {
        start().close();
        migration("V1__note.sql", "create table note (customer_id text not null, text text, later int);");
        for (String mode : new String[] {"apply", "verify"}) {
            assertThatThrownBy(() -> start("anabranch.migrate.mode=" + mode).close())
                    .rootCause()
                    .hasMessageContaining("V1__note.sql");
        }
    }

    @Test
    void withoutMigrationsNothingIsLookedAt(CapturedOutput output) {
        Contexts.start(new SpringApplicationBuilder(Contexts.Application.class)).close();
        assertThat(output.getAll()).doesNotContain("cannot be reached now");
    }

    @Test
    void migrationsThatAreAskedForMustBeThere() {
        assertThatThrownBy(() -> Contexts.start(
                                new SpringApplicationBuilder(Contexts.Application.class), "anabranch.migrate.mode=apply")
                        .close())
                .rootCause()
                .hasMessageContainingAll("no migrations", "classpath:db/migration", "anabranch.migrate.mode to off");
    }

    @Test
    void withoutOperationsAnApplicationStartsAsEverAndOneThatAsksForMigrationsIsToldWhatToAdd() {
        ApplicationContextRunner runner = new ApplicationContextRunner()
                .withConfiguration(AutoConfigurations.of(
                        AnabranchMigrateAutoConfiguration.class, dev.anabranch.spring.AnabranchAutoConfiguration.class))
                .withClassLoader(new FilteredClassLoader(SchemaMigrator.class))
                .withPropertyValues(
                        "anabranch.mode=standalone",
                        "anabranch.host=127.0.0.1",
                        "anabranch.port=1",
                        "anabranch.user=nobody",
                        "anabranch.database=none");
        runner.run(context -> assertThat(context).hasNotFailed());
        for (String asked :
                new String[] {"anabranch.migrate.mode=verify", "anabranch.migrate.location=classpath:db/mine"}) {
            runner.withPropertyValues(asked).run(context -> assertThat(context.getStartupFailure())
                    .rootCause()
                    .hasMessageContainingAll("dev.anabranch:anabranch-operations", "anabranch.migrate.mode"));
        }
    }

    private ConfigurableApplicationContext start(String... more) {
        return Contexts.start(new SpringApplicationBuilder(Contexts.Application.class), properties(more));
    }

    private String[] properties(String... more) {
        String[] all = new String[more.length + 4];
        all[0] = "SHARDING_CONFIG=" + folder.resolve("two.yaml");
        all[1] = "anabranch.migrate.location=file:" + migrations;
        all[2] = "OWNER=" + PASSWORD_OF_OWNER;
        all[3] = "anabranch.connections.timeout=2s";
        System.arraycopy(more, 0, all, 4, more.length);
        return all;
    }

    private void migration(String name, String sql) throws IOException {
        Files.writeString(migrations.resolve(name), sql);
    }

    private static String count(ConfigurableApplicationContext context, String tenant) throws SQLException {
        return TenantContext.call(
                tenant, () -> ask(context.getBean(DataSource.class).getConnection(), "select count(more) from note"));
    }

    private static Throwable failureOf(ConfigurableApplicationContext context, String tenant) {
        try {
            return new AssertionError("It answered: " + count(context, tenant));
        } catch (SQLException e) {
            return e;
        }
    }

    private static String countWhenItAnswers(ConfigurableApplicationContext context, String tenant) throws Exception {
        await(() -> {
            try {
                return count(context, tenant) != null;
            } catch (SQLException e) {
                return false;
            }
        });
        return count(context, tenant);
    }

    private static void await(java.util.function.BooleanSupplier condition) {
        Instant deadline = Instant.now().plus(Duration.ofSeconds(20));
        while (!condition.getAsBoolean()) {
            assertThat(Instant.now()).isBefore(deadline);
            // A pause between two looks, not a wait for something to have happened.
            LockSupport.parkNanos(20_000_000);
        }
    }

    private static ErrorCode codeOf(Throwable failure) {
        return AnabranchException.in(failure).orElseThrow(() -> new AssertionError(failure)).code();
    }

    private static String ask(Connection from, String sql) throws SQLException {
        try (Connection connection = from;
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            row.next();
            return Objects.requireNonNull(row.getString(1));
        }
    }

    /** Asks as soon as it is made. */
    @Configuration(proxyBeanMethods = false)
    static class Early {
        @Bean
        String early(DataSource dataSource) throws SQLException {
            for (String tenant : new String[] {"1", "2"}) {
                String found = TenantContext.call(
                        tenant, () -> ask(dataSource.getConnection(), "select count(more) || current_user from note"));
                assertThat(found).matches("0migrate\\d+_app");
            }
            return "asked";
        }
    }
}
