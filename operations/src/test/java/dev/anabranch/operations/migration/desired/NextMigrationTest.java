// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.operations.migration.desired;

import dev.anabranch.operations.migration.catalog.CatalogReader;
import dev.anabranch.operations.migration.catalog.Phase;
import dev.anabranch.operations.migration.catalog.Renames;
import dev.anabranch.operations.migration.catalog.Step;
import dev.anabranch.operations.migration.desired.GeneratedMigration.GeneratedFile;
import dev.anabranch.operations.migration.desired.shop.Shop;
import dev.anabranch.operations.migration.files.MigrationFile;
import dev.anabranch.operations.migration.files.MigrationSet;
import dev.anabranch.operations.migration.sql.SqlScript;
import dev.anabranch.operations.migration.sql.SqlStatement;
import dev.anabranch.topology.GroupSchema;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** From what a group's schema shall be to files, and from the files to the schema. */
class NextMigrationTest {
    private static final String FIRST =
            """
            create type state as enum ('open', 'paid');
            create table plan (
                id bigint generated always as identity primary key,
                name varchar(40) not null unique,
                price numeric(10,2) default 0 check (price >= 0)
            );
            create table invoice (
                id bigint generated always as identity primary key,
                plan_id bigint not null references plan (id),
                state state not null default 'open',
                kind varchar(10) check (kind in ('new', 'used'))
            );
            create index invoice_plan on invoice (plan_id);
            """;

    @TempDir
    private Path folder;

    private TestDatabase database;
    private Connection connection;
    private Path schemaFile;
    private Path migrations;

    @BeforeEach
    void connect() throws SQLException, IOException {
        database = TestDatabase.create();
        connection = database.connect();
        TestDatabase.execute(connection, "create schema billing");
        schemaFile = folder.resolve("schema.sql");
        migrations = Files.createDirectories(folder.resolve("migrations"));
    }

    @AfterEach
    void disconnect() throws SQLException {
        connection.close();
    }

    private GroupSchema.Desired file() {
        return new GroupSchema.Desired(null, schemaFile.toString(), null);
    }

    private GeneratedMigration generate(GroupSchema.Desired desired, boolean allowDestructive, String... renames) {
        return new NextMigration(
                        "billing",
                        "billing",
                        MigrationSet.ofFolder(migrations),
                        migrations,
                        desired,
                        Renames.parse(List.of(renames)),
                        allowDestructive,
                        "next step")
                .generate(connection);
    }

    /** As the program that runs migrations does it. */
    private void apply(List<GeneratedFile> files) throws SQLException, IOException {
        TestDatabase.execute(connection, "set search_path = billing");
        for (GeneratedFile file : files) {
            connection.setAutoCommit(file.phase() == Phase.ONLINE);
            for (SqlStatement statement : SqlScript.split(Files.readString(file.path()))) {
                TestDatabase.execute(connection, statement.text());
            }
            if (!connection.getAutoCommit()) {
                connection.commit();
            }
            connection.setAutoCommit(true);
        }
        TestDatabase.execute(connection, "reset all");
    }

    @Test
    void writesTheFirstMigrationAndThenFindsNothing() throws SQLException, IOException {
        Files.writeString(schemaFile, FIRST);
        GeneratedMigration first = generate(file(), false);

        assertThat(first.warnings()).isEmpty();
        assertThat(first.files()).isNotEmpty();
        assertThat(first.files().getFirst().path()).hasFileName("V1__next_step.sql");
        assertThat(first.files().getFirst().sql()).contains("from schema.sql").doesNotContain("lock_timeout");
        apply(first.files());

        DesiredState desired = DesiredState.of(connection, file());
        assertThat(CatalogReader.read(connection, "billing")).isEqualTo(desired.snapshot());
        assertThat(Replay.of(connection, MigrationSet.ofFolder(migrations))).isEqualTo(desired.snapshot());
        assertThat(Replay.lacking(connection, MigrationSet.ofFolder(migrations), desired.snapshot()))
                .isEmpty();
        GeneratedMigration second = generate(file(), false);
        assertThat(second.isUpToDate()).isTrue();
        assertThat(second.summary()).isEqualTo("No difference: nothing to write.");
        assertThat(MigrationSet.ofFolder(migrations).head()).isEqualTo(first.files().getLast().version());
    }

    @Test
    void changesTablesThatAreInUseInPhases() throws SQLException, IOException {
        Files.writeString(schemaFile, FIRST);
        apply(generate(file(), false).files());
        Files.writeString(
                schemaFile,
                FIRST.replace("default 0 check", "not null default 0 check")
                                .replace("'paid')", "'paid', 'lost')")
                                .replace("kind varchar(10)", "payer text, kind varchar(12)")
                        + "create unique index by_payer on invoice (payer, plan_id);"
                        + "alter table invoice add check (payer <> '');");
        assertThat(Replay.lacking(
                        connection,
                        MigrationSet.ofFolder(migrations),
                        DesiredState.of(connection, file()).snapshot()))
                .isNotEmpty();
        GeneratedMigration next = generate(file(), false);

        assertThat(next.warnings()).isEmpty();
        assertThat(next.pending()).isEmpty();
        assertThat(next.files()).extracting(GeneratedFile::phase).contains(Phase.EXPAND, Phase.ONLINE);
        assertThat(next.files().getFirst().sql()).contains("SET LOCAL lock_timeout = '5s';");
        apply(next.files());
        assertThat(generate(file(), false).isUpToDate()).isTrue();
    }

    @Test
    void leavesDestructiveStepsToAPerson() throws SQLException, IOException {
        Files.writeString(schemaFile, FIRST);
        apply(generate(file(), false).files());
        Files.writeString(schemaFile, FIRST.replace("    state state not null default 'open',\n", ""));
        long head = MigrationSet.ofFolder(migrations).head();
        GeneratedMigration careful = generate(file(), false);

        assertThat(careful.files()).isEmpty();
        assertThat(careful.isUpToDate()).isFalse();
        assertThat(careful.pending()).extracting(Step::object).contains("column invoice.state");
        assertThat(careful.summary()).startsWith("Nothing is written").contains("invoice.state").contains("--allow-destructive");
        assertThat(MigrationSet.ofFolder(migrations).head()).isEqualTo(head);

        GeneratedMigration allowed = generate(file(), true);
        assertThat(allowed.files()).isNotEmpty();
        assertThat(allowed.files().getLast().sql()).contains("-- DESTRUCTIVE: ");
        apply(allowed.files());
        assertThat(generate(file(), false).isUpToDate()).isTrue();
    }

    @Test
    void renamesWhatIsSaidToBeRenamed() throws SQLException, IOException {
        Files.writeString(schemaFile, FIRST);
        apply(generate(file(), false).files());
        TestDatabase.execute(
                connection, "insert into billing.plan (name) values ('kept')");
        Files.writeString(schemaFile, FIRST.replace("table plan", "table offer").replace("references plan", "references offer")
                .replace("price", "amount"));
        GeneratedMigration next = generate(file(), false, "plan:offer", "offer.price:amount");

        assertThat(next.pending()).isEmpty();
        apply(next.files());
        assertThat(TestDatabase.strings(connection, "select name from billing.offer")).containsExactly("kept");
        assertThat(generate(file(), false).isUpToDate()).isTrue();
    }

    @Test
    void neverMentionsANeighbour() throws SQLException, IOException {
        TestDatabase.execute(connection, "create schema neighbour");
        for (int i = 0; i < 200; i++) {
            TestDatabase.execute(
                    connection, "create table neighbour.town" + i + " (id int primary key, name text, unique (name))");
        }
        TestDatabase.execute(connection, "create table neighbour.plan (id text)", "create type neighbour.state as enum ('x')");
        var before = CatalogReader.read(connection, "neighbour");
        Files.writeString(schemaFile, FIRST);
        GeneratedMigration first = generate(file(), false);
        apply(first.files());
        Files.writeString(schemaFile, "");
        GeneratedMigration second = generate(file(), true);
        apply(second.files());

        assertThat(Stream.concat(first.files().stream(), second.files().stream()).map(GeneratedFile::sql))
                .isNotEmpty()
                .noneMatch(sql -> sql.contains("neighbour") || sql.contains("town") || sql.contains("billing."));
        assertThat(CatalogReader.read(connection, "neighbour")).isEqualTo(before);
        assertThat(CatalogReader.read(connection, "billing").tables()).isEmpty();
    }

    @Test
    void generatesFromEntitiesAndExtraSql() throws SQLException, IOException {
        Path classes = ApplicationFiles.classes(folder.resolve("target/classes"), Shop.class);
        ApplicationFiles.classPathFile(folder.resolve("target"), ApplicationFiles.libraries("spring-"));
        Path extra = Files.writeString(
                folder.resolve("extra.sql"), "create index order_state on customer_order (lower(state));");
        var desired = new GroupSchema.Desired(classes.toString(), null, extra.toString());
        GeneratedMigration first = generate(desired, false);

        assertThat(first.warnings()).isEmpty();
        assertThat(first.files().getFirst().sql()).contains("the entities of classes and extra.sql");
        apply(first.files());
        assertThat(CatalogReader.read(connection, "billing").tables())
                .extracting(Object::toString)
                .anyMatch(table -> table.contains("customer_order"));
        assertThat(generate(desired, false).isUpToDate()).isTrue();
        assertThat(Replay.lacking(
                        connection,
                        MigrationSet.ofFolder(migrations),
                        DesiredState.of(connection, desired).snapshot()))
                .isEmpty();
    }

    @Test
    void saysWhereTheDesiredStateIsWrongAndWritesNothing() throws IOException {
        Files.writeString(schemaFile, "create table a (b int);\ncreate table c (d nonsense);");

        assertThatThrownBy(() -> generate(file(), false))
                .hasMessageContaining("schema.sql line 2")
                .hasMessageContaining("create table c (d nonsense)")
                .hasMessageContaining("42704");
        assertThat(migrations).isEmptyDirectory();
        assertThatThrownBy(() -> generate(new GroupSchema.Desired(null, folder.resolve("none.sql").toString(), null), false))
                .hasMessageContaining("none.sql cannot be read");
    }

    @Test
    void warnsWhereTheDatabaseIsNotWhatItsMigrationsMake() throws SQLException, IOException {
        Files.writeString(schemaFile, "create table plan (id int primary key);");
        apply(generate(file(), false).files());
        TestDatabase.execute(connection, "alter table billing.plan add column name text");
        Files.writeString(schemaFile, "create table plan (id int primary key, name text, price int);");
        GeneratedMigration next = generate(file(), false);

        assertThat(next.warnings())
                .singleElement()
                .asString()
                .contains("not what its migrations make")
                .contains("column plan.name");
    }

    @Test
    void warnsWhereAnEarlierFileDoesNotRunFromNothing() throws SQLException, IOException {
        MigrationFile old = new MigrationFile(1, "old", "V1__old.sql", "alter table gone add column x int;");
        Files.writeString(migrations.resolve(old.fileName()), old.sql());
        Files.writeString(schemaFile, "create table plan (id int primary key);");

        assertThat(generate(file(), false).warnings())
                .singleElement()
                .asString()
                .contains("not tried out")
                .contains("V1__old.sql line 1");
    }
}
