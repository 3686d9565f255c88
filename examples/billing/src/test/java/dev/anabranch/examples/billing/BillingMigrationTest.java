// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.examples.billing;

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

/** The service's schema, on a database that it shares with the auth service. */
@ExtendWith(OutputCaptureExtension.class)
class BillingMigrationTest {
    private static final Path FILES = Path.of("src/main/resources/db/migration");

    @Test
    void bringsItsOwnSchemaToHeadAndTouchesNoOther() throws Exception {
        Database database = Database.create("billing_alone");
        database.migrate("auth", Long.MAX_VALUE);
        List<String> others = database.catalog("<> 'billing'");
        assertThat(others).anyMatch(line -> line.startsWith("schema auth "));

        Service.start(database.arguments()).close();

        assertThat(database.history("billing")).containsExactly("1", "2");
        assertThat(database.catalog("<> 'billing'")).isEqualTo(others);
    }

    @Test
    void itsRoleChangesRowsAndNoTableAndReadsNothingOfTheOtherService() throws Exception {
        Database database = Database.create("billing_role");
        database.migrate("auth", Long.MAX_VALUE);
        Service.start(database.arguments()).close();
        try (Connection connection = database.connect("billing_app", "BILLING_PASSWORD");
                Statement statement = connection.createStatement()) {
            assertThat(statement.executeUpdate("delete from billing.invoice_line")).isZero();
            for (String refused : List.of(
                    "select * from auth.account",
                    "select * from auth.flyway_schema_history",
                    "delete from billing.flyway_schema_history",
                    "alter table billing.invoice_line add column more text",
                    "create table billing.more (id int)",
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
        Database database = Database.create("billing_twice");
        CyclicBarrier together = new CyclicBarrier(2);
        Callable<Service> start = () -> {
            together.await();
            return Service.start(database.arguments());
        };
        // With one that runs already: it has set up the logging that all instances of a JVM share.
        try (Service first = Service.start(Database.create("billing_before").arguments());
                ExecutorService threads = Executors.newFixedThreadPool(2)) {
            for (Future<Service> service : threads.invokeAll(List.of(start, start))) {
                try (Service started = service.get()) {
                    assertThat(started.get("/v3/api-docs").status()).isEqualTo(200);
                }
            }
            assertThat(first.get("/v3/api-docs").status()).isEqualTo(200);
        }
        assertThat(database.history("billing")).containsExactly("1", "2");
        // Of the first, and of one of the two.
        assertThat(output.getAll().split("Migrated the schema billing of ", -1)).hasSize(3);
    }

    @Test
    void verifyRefusesToStartUntilItIsAtHead(CapturedOutput output) throws Exception {
        Database database = Database.create("billing_verified");
        database.migrate("billing", 1);
        for (List<String> arguments : List.of(database.arguments(), database.argumentsWithoutOwner())) {
            assertThatThrownBy(() -> Service.start(arguments, "anabranch.migrate.mode=verify"))
                    .rootCause()
                    .hasMessageContainingAll(
                            "billing on billing", "at V1", "needs V2", "'anabranch migrate apply --service billing'");
        }
        assertThatThrownBy(() -> Service.start(database.arguments(), "spring.profiles.active=prod"))
                .rootCause()
                .hasMessageContaining("needs V2");
        assertThat(output.getAll())
                .contains("APPLICATION FAILED TO START", "(schema_behind)")
                .doesNotContain("\tat ", Database.password("BILLING_PASSWORD"));
        assertThat(database.history("billing")).containsExactly("1");

        Service.start(database.arguments()).close();
        assertThat(database.history("billing")).containsExactly("1", "2");
        Service.start(database.argumentsWithoutOwner(), "anabranch.migrate.mode=verify").close();
    }

    @Test
    void verifyRefusesToStartWhereNobodyHasMadeTheRole() throws Exception {
        Database database = Database.create("billing_without_role");
        database.execute("do $$ begin if exists (select from pg_roles where rolname = 'billing_app') then"
                + " alter role billing_app nologin; end if; end $$");
        try {
            assertThatThrownBy(() -> Service.start(
                            database.argumentsWithoutOwner(),
                            "anabranch.migrate.mode=verify",
                            "anabranch.connections.timeout=1s"))
                    .isInstanceOf(Exception.class);
        } finally {
            database.execute("do $$ begin if exists (select from pg_roles where rolname = 'billing_app') then"
                    + " alter role billing_app login; end if; end $$");
        }
    }

    @Test
    void whoCannotMigrateAndIsBehindSaysWhatItLacks() throws Exception {
        Database database = Database.create("billing_without_owner");
        database.migrate("billing", 1);
        assertThatThrownBy(() -> Service.start(database.argumentsWithoutOwner()))
                .rootCause()
                .hasMessageContainingAll("needs V2", "password of the owner");
    }

    @Test
    void aSchemaThatANewerVersionHasMigratedIsServed(CapturedOutput output) throws Exception {
        Database database = Database.create("billing_ahead");
        List<MigrationFile> files = new ArrayList<>(MigrationSet.ofFolder(FILES).files());
        files.add(MigrationSet.file("newer", "V3__later.sql", "create table later (id int primary key);"));
        database.migrate("billing", new MigrationSet("newer", files));
        for (String mode : List.of("verify", "apply")) {
            try (Service service = Service.start(database.arguments(), "anabranch.migrate.mode=" + mode)) {
                assertThat(service.get("/v3/api-docs").status()).isEqualTo(200);
            }
        }
        assertThat(output.getAll().split("a newer version has been here", -1)).hasSize(3);
        assertThat(database.history("billing")).containsExactly("1", "2", "3");
    }

    @Test
    void theEntitiesAndTheMigrationsAgree() throws Exception {
        Database database = Database.create("billing_entities");
        Service.start(database.arguments(), "spring.jpa.hibernate.ddl-auto=validate").close();
        // What would be found is found.
        database.execute("alter table billing.invoice_line rename column description to renamed");
        assertThatThrownBy(() -> Service.start(database.arguments(), "spring.jpa.hibernate.ddl-auto=validate"))
                .rootCause()
                .hasMessageContaining("description");
    }
}
