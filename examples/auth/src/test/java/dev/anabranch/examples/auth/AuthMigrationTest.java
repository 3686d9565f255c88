// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.examples.auth;

import dev.anabranch.operations.migration.files.MigrationFile;
import dev.anabranch.operations.migration.files.MigrationSet;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** The service's schema, on a database that it shares with the billing service. */
@ExtendWith(OutputCaptureExtension.class)
class AuthMigrationTest {
    private static final Path FILES = Path.of("src/main/resources/db/migration");

    @Test
    void bringsItsOwnSchemaToHeadAndTouchesNoOther() throws Exception {
        Database database = Database.create("auth_alone");
        database.migrate("billing", Long.MAX_VALUE);
        List<String> others = database.catalog("<> 'auth'");
        assertThat(others).anyMatch(line -> line.startsWith("schema billing "));

        Service.start(database.arguments()).close();

        assertThat(database.history("auth")).containsExactly("1", "2");
        assertThat(database.catalog("<> 'auth'")).isEqualTo(others);
    }

    @Test
    void itsRoleChangesRowsAndNoTableAndReadsNothingOfTheOtherService() throws Exception {
        Database database = Database.create("auth_role");
        database.migrate("billing", Long.MAX_VALUE);
        Service.start(database.arguments()).close();
        try (Connection connection = database.connect("auth_app", "AUTH_PASSWORD");
                Statement statement = connection.createStatement()) {
            assertThat(statement.executeUpdate("delete from auth.api_key")).isZero();
            for (String refused : List.of(
                    "select * from billing.plan",
                    "select * from billing.flyway_schema_history",
                    "delete from auth.flyway_schema_history",
                    "alter table auth.api_key add column more text",
                    "create table auth.more (id int)",
                    "create table public.more (id int)")) {
                assertThatExceptionOfType(SQLException.class)
                        .as(refused)
                        .isThrownBy(() -> statement.execute(refused))
                        .satisfies(e -> assertThat(e.getSQLState()).isEqualTo("42501"));
            }
        }
    }

    @Test
    void twoInstancesThatStartAtOnceMigrateOnce(CapturedOutput output) throws Exception {
        Database database = Database.create("auth_twice");
        CyclicBarrier together = new CyclicBarrier(2);
        Callable<Service> start = () -> {
            together.await();
            return Service.start(database.arguments());
        };
        // With one that runs already: it has set up the logging that all instances of a JVM share.
        try (Service first = Service.start(Database.create("auth_before").arguments());
                ExecutorService threads = Executors.newFixedThreadPool(2)) {
            for (Future<Service> service : threads.invokeAll(List.of(start, start))) {
                try (Service started = service.get()) {
                    assertThat(started.get("/v3/api-docs").status()).isEqualTo(200);
                }
            }
            assertThat(first.get("/v3/api-docs").status()).isEqualTo(200);
        }
        assertThat(database.history("auth")).containsExactly("1", "2");
        // Of the first, and of one of the two.
        assertThat(output.getAll().split("Migrated the schema auth of ", -1)).hasSize(3);
    }

    @Test
    void verifyRefusesToStartUntilItIsAtHead(CapturedOutput output) throws Exception {
        Database database = Database.create("auth_verified");
        database.migrate("auth", 1);
        for (List<String> arguments : List.of(database.arguments(), database.argumentsWithoutOwner())) {
            assertThatThrownBy(() -> Service.start(arguments, "anabranch.migrate.mode=verify"))
                    .rootCause()
                    .hasMessageContainingAll(
                            "auth on auth", "at V1", "needs V2", "'anabranch migrate apply --service auth'");
        }
        assertThatThrownBy(() -> Service.start(database.arguments(), "spring.profiles.active=prod"))
                .rootCause()
                .hasMessageContaining("needs V2");
        assertThat(output.getAll())
                .contains("APPLICATION FAILED TO START", "(schema_behind)")
                .doesNotContain("\tat ", Database.password("AUTH_PASSWORD"));
        assertThat(database.history("auth")).containsExactly("1");

        Service.start(database.arguments()).close();
        assertThat(database.history("auth")).containsExactly("1", "2");
        Service.start(database.argumentsWithoutOwner(), "anabranch.migrate.mode=verify").close();
    }

    @Test
    void verifyRefusesToStartWhereNobodyHasMadeTheRole() throws Exception {
        Database database = Database.create("auth_without_role");
        database.execute("do $$ begin if exists (select from pg_roles where rolname = 'auth_app') then"
                + " alter role auth_app nologin; end if; end $$");
        try {
            assertThatThrownBy(() -> Service.start(
                            database.argumentsWithoutOwner(),
                            "anabranch.migrate.mode=verify",
                            "anabranch.connections.timeout=1s"))
                    .isInstanceOf(Exception.class);
        } finally {
            database.execute("do $$ begin if exists (select from pg_roles where rolname = 'auth_app') then"
                    + " alter role auth_app login; end if; end $$");
        }
    }

    @Test
    void whoCannotMigrateAndIsBehindSaysWhatItLacks() throws Exception {
        Database database = Database.create("auth_without_owner");
        database.migrate("auth", 1);
        assertThatThrownBy(() -> Service.start(database.argumentsWithoutOwner()))
                .rootCause()
                .hasMessageContainingAll("needs V2", "password of the owner");
    }

    @Test
    void aSchemaThatANewerVersionHasMigratedIsServed(CapturedOutput output) throws Exception {
        Database database = Database.create("auth_ahead");
        List<MigrationFile> files = new ArrayList<>(MigrationSet.ofFolder(FILES).files());
        files.add(MigrationSet.file("newer", "V3__later.sql", "create table later (id int primary key);"));
        database.migrate("auth", new MigrationSet("newer", files));
        for (String mode : List.of("verify", "apply")) {
            try (Service service = Service.start(database.arguments(), "anabranch.migrate.mode=" + mode)) {
                assertThat(service.get("/v3/api-docs").status()).isEqualTo(200);
            }
        }
        assertThat(output.getAll().split("a newer version has been here", -1)).hasSize(3);
        assertThat(database.history("auth")).containsExactly("1", "2", "3");
    }

    @Test
    void theEntitiesAndTheMigrationsAgree() throws Exception {
        Database database = Database.create("auth_entities");
        Service.start(database.arguments(), "spring.jpa.hibernate.ddl-auto=validate").close();
        // What would be found is found.
        database.execute("alter table auth.api_key rename column revoked_at to renamed");
        assertThatThrownBy(() -> Service.start(database.arguments(), "spring.jpa.hibernate.ddl-auto=validate"))
                .rootCause()
                .hasMessageContaining("revoked_at");
    }
}
