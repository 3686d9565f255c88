// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.cli;

import dev.anabranch.cli.terminal.Terminal;
import dev.anabranch.devcluster.PostgresServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

/** The commands on real databases, three of one service, with a file as the topology. */
class MigrateCommandsTest {
    private static final String OWNER_PASSWORD = "owner-password-1";
    private static final String APP_PASSWORD = "app-password-1";
    private static PostgresServer server;

    @TempDir Path folder;
    private String name = "";
    private Path config = Path.of("");
    private Path migrations = Path.of("");

    @BeforeAll
    static void startServer() throws SQLException {
        server = PostgresServer.start("migrate");
        server.createRole("migrator", OWNER_PASSWORD);
        server.execute("postgres", "ALTER ROLE migrator CREATEROLE");
    }

    @AfterAll
    static void stopServer() {
        server.close();
    }

    @BeforeEach
    void configure(TestInfo test) throws Exception {
        name = "m" + Integer.toHexString(test.getDisplayName().hashCode());
        migrations = Files.createDirectories(folder.resolve("migrations"));
        var text = new StringBuilder("databases:\n");
        for (int i = 1; i <= 3; i++) {
            server.createDatabase(name + "_" + i, "migrator");
            text.append("  shard-").append(i).append(": {url: \"").append(server.jdbcUrl(name + "_" + i))
                    .append("\", user: ").append(name).append("_app, password: \"env:APP\", owner: {user: migrator, password: \"env:OWNER\"}}\n");
        }
        text.append("  spare: {url: \"").append(server.jdbcUrl("spare_" + name)).append("\", user: ").append(name)
                .append("_app, password: \"env:APP\", owner: {user: migrator, password: \"env:OWNER\"}}\n");
        server.createDatabase("spare_" + name, "migrator");
        text.append("groups:\n  shop:\n    kind: sharded\n    placement: {hash: [shard-1, shard-2, shard-3]}\n")
                .append("    schema: shop\n    migrations: migrations\n    desired: {schema: schema.sql}\n");
        config = Files.writeString(folder.resolve("anabranch.yaml"), text.toString());
        file("V1__plan.sql", "create table plan (customer_id text not null, id bigint not null, name text, primary key (customer_id, id));");
    }

    @Test
    void plansAppliesAndTellsWhereEachStands() {
        var plan = call("plan", "--json");
        assertThat(plan.exit()).as(plan.err()).isZero();
        var id = plan.json().path("plan").asString();
        assertThat(plan.json().path("databases")).hasSize(3);

        var applied = call("apply", "--plan", id);

        assertThat(applied.exit()).as(applied.err()).isZero();
        assertThat(applied.out()).contains("shard-1", "shard-2", "shard-3", "done").doesNotContain("spare");
        assertThat(applied.err()).contains("3 of 3 done");
        var status = call("status", "--json");
        assertThat(status.exit()).isZero();
        assertThat(status.json().path("databases").valueStream().map(row -> row.path("state").asString()))
                .containsOnly("current").hasSize(3);
        assertThat(call("apply").err()).contains("Nothing to apply: all 3 databases are at V1");
        assertThat(everySaid(plan, applied, status)).doesNotContain(OWNER_PASSWORD, APP_PASSWORD);
    }

    @Test
    void changesNothingWithoutAYes() {
        var refused = call("apply");

        assertThat(refused.exit()).isEqualTo(2);
        assertThat(refused.err()).contains("canary", "shard-3", "--plan", "--yes");
        assertThat(call("status").out()).contains("empty");
        assertThat(call("status", "--at-head").exit()).isEqualTo(3);
    }

    @Test
    void refusesAnotherPlanThanWasAgreedTo() throws IOException {
        var id = call("plan", "--json").json().path("plan").asString();
        file("V2__more.sql", "alter table plan add column price int;");

        var refused = call("apply", "--plan", id);

        assertThat(refused.exit()).isEqualTo(5);
        assertThat(refused.err()).contains(id);
        assertThat(call("status").out()).contains("empty");
    }

    @Test
    void bringsADatabaseToHeadThatTheServiceDoesNotUseYet() {
        assertThat(call("apply", "--yes", "--database", "spare").exit()).isZero();

        assertThat(call("status", "--database", "spare").out()).contains("spare", "at head").doesNotContain("shard-1");
    }

    @Test
    void saysWhatFailedAndGoesOnWhenItIsMended() throws IOException {
        file("V2__broken.sql", "alter table plan add column price int;\n\nselect price / 0\n  from nowhere;\n");

        var failed = call("apply", "--yes");

        assertThat(failed.exit()).isEqualTo(1);
        assertThat(failed.err()).contains("V2__broken.sql:4", "42P01", "shard-1", "select price / 0").doesNotContain(OWNER_PASSWORD);
        assertThat(failed.out()).contains("skipped");
        file("V2__broken.sql", "alter table plan add column price int;\n");
        assertThat(call("apply", "--yes").exit()).isZero();
        assertThat(call("status", "--at-head").exit()).isZero();
    }

    @Test
    void tellsAFileThatWasChangedAfterItWasApplied() throws IOException {
        assertThat(call("apply", "--yes").exit()).isZero();
        file("V1__plan.sql", "create table plan (customer_id text primary key);");
        assertThat(call("plan").exit()).isEqualTo(3);

        assertThat(call("status").exit()).isEqualTo(3);
        assertThat(call("status").out()).contains("changed", "V1__plan.sql");
        var refused = call("apply", "--yes");
        assertThat(refused.exit()).isEqualTo(3);
        assertThat(refused.err()).contains("V1__plan.sql");
    }

    @Test
    void goesOnAfterAFailureWhereToldTo() throws SQLException {
        server.execute(name + "_2", "create schema shop; create table shop.stranger (id int)");

        var stopped = call("apply", "--yes", "--json");
        assertThat(stopped.exit()).isEqualTo(1);
        assertThat(states(stopped)).containsExactly("done", "failed", "skipped");

        var gone = call("apply", "--yes", "--json", "--on-error", "continue");
        assertThat(gone.exit()).isEqualTo(1);
        assertThat(states(gone)).containsExactly("done", "failed", "done");
        assertThat(call("plan", "--on-error", "stop", "--max-failures", "3").exit()).isEqualTo(2);
    }

    @Test
    void takesTablesThatAreThereForAVersionOfTheFiles() throws Exception {
        file("V2__price.sql", "alter table plan add column price int;");
        for (int i = 1; i <= 3; i++) {
            server.execute(name + "_" + i, "set role migrator; create schema shop; create table shop.plan (customer_id text not null,"
                    + " id bigint not null, name text, primary key (customer_id, id))");
        }
        assertThat(call("apply", "--yes").err()).contains("--baseline");

        assertThat(call("apply", "--baseline", "1").exit()).isEqualTo(2);
        var taken = call("apply", "--baseline", "1", "--yes");

        assertThat(taken.exit()).as(taken.err()).isZero();
        assertThat(call("status", "--at-head").exit()).isZero();
        assertThat(call("drift").exit()).isZero();
    }

    private static List<String> states(Invocation invocation) {
        return invocation.json().path("result").path("databases").valueStream()
                .map(row -> row.path("state").asString())
                .toList();
    }

    @Test
    void generatesTheNextFilesWhichPassLintAndLeadToTheDesiredState() throws IOException {
        assertThat(call("apply", "--yes").exit()).isZero();
        schema("create table plan (customer_id text not null, id bigint not null, name text not null, price numeric(10,2),"
                + " primary key (customer_id, id));\ncreate index plan_name on plan (name);\n"
                + "create table invoice (customer_id text not null, id bigint not null, plan_id bigint not null,"
                + " primary key (customer_id, id), foreign key (customer_id, plan_id) references plan (customer_id, id));");

        var made = call("new", "-m", "Add price", "--json");

        assertThat(made.exit()).as(made.err()).isZero();
        assertThat(made.json().path("files").valueStream().map(one -> Path.of(one.path("path").asString()).getFileName().toString()))
                .contains("V2__add_price.sql", "V3__add_price_online.sql");
        var lint = call("lint");
        assertThat(lint.exit()).as(lint.out() + lint.err()).isZero();
        assertThat(call("check").exit()).isZero();
        var applied = call("apply", "--yes");
        assertThat(applied.exit()).as(applied.err()).isZero();
        var again = call("new", "-m", "again");
        assertThat(again.err()).contains("No difference");
        assertThat(call("drift").exit()).isZero();
    }

    @Test
    void asksWhetherADropAndAnAdditionAreARename() throws IOException {
        assertThat(call("apply", "--yes").exit()).isZero();
        schema("create table plan (customer_id text not null, id bigint not null, title text, primary key (customer_id, id));");
        List<String> asked = new ArrayList<>();

        var made = by(
                new Terminal.Questions() {
                    @Override
                    public String line(String question) {
                        asked.add(question);
                        return "y";
                    }

                    @Override
                    public @Nullable String secret(String question) {
                        return null;
                    }
                },
                "new",
                "-m",
                "rename");

        assertThat(made.exit()).as(made.err()).isZero();
        assertThat(asked).containsExactly("Was plan.name renamed to title? [y/N] ");
        assertThat(Files.readString(migrations.resolve(only("V2__rename")))).containsIgnoringCase("RENAME COLUMN name TO title");
    }

    @Test
    void leavesDestructiveStatementsAsCommentsUnlessTheyAreAllowed() throws IOException {
        file("V2__more.sql", "create table old_prices (customer_id text primary key);");
        assertThat(call("apply", "--yes").exit()).isZero();
        schema("create table plan (customer_id text not null, id bigint not null, name text, primary key (customer_id, id));");

        var refused = call("new", "-m", "drop it");
        assertThat(refused.err()).contains("old_prices", "--allow-destructive");
        assertThat(files()).hasSize(2);

        assertThat(call("new", "-m", "drop it", "--allow-destructive").exit()).isZero();
        assertThat(Files.readString(migrations.resolve(only("V3__drop_it")))).containsIgnoringCase("DROP TABLE old_prices");
    }

    @Test
    void refusesToGenerateFromADatabaseThatIsBehind() throws IOException {
        schema("create table plan (customer_id text primary key);");

        var refused = call("new", "-m", "too early");

        assertThat(refused.exit()).isEqualTo(1);
        assertThat(refused.err()).contains("V1__plan.sql", "migrate apply");
        assertThat(files()).hasSize(1);
    }

    @Test
    void tellsDriftByObject() throws Exception {
        assertThat(call("apply", "--yes").exit()).isZero();
        assertThat(call("drift").exit()).isZero();
        server.execute(name + "_2", "alter table shop.plan add column by_hand int; create index by_hand on shop.plan (by_hand)");

        var drift = call("drift");

        assertThat(drift.exit()).isEqualTo(3);
        assertThat(drift.out())
                .contains("shard-2: unexpected column plan.by_hand", "shard-2: unexpected index by_hand")
                .contains("shard-1", "as its history says")
                .doesNotContain("missing");
    }

    @Test
    void findsWhatIsUnsafe() throws IOException {
        assertThat(call("apply", "--yes").exit()).isZero();
        file("V2__index.sql", "set local lock_timeout = '5s';\ncreate index plan_name on plan (name);\n");

        var lint = call("lint", "--json");

        assertThat(lint.exit()).isEqualTo(3);
        assertThat(lint.json().path("findings").path(0).path("rule").asString()).isEqualTo("index-not-concurrent");
        assertThat(lint.json().path("findings").path(0).path("line").asInt()).isEqualTo(2);
        assertThat(call("lint", "--offline").exit()).isEqualTo(3);
        assertThat(call("lint", "--rules").out()).contains("index-not-concurrent");
    }

    @Test
    void saysWhatIsMissing() {
        assertThat(in(Map.of(), "status", "--service", "nope").err()).contains("'nope'", "shop");
        assertThat(in(Map.of(), "status").exit()).isEqualTo(1);
        assertThat(in(Map.of(), "status").out()).contains("unreadable", "password");
        assertThat(call("plan", "--database", "nowhere").err()).contains("'nowhere'");
        assertThat(call("plan", "--folder", folder.resolve("gone").toString()).err()).contains("gone", "cannot be read");
        assertThat(call("plan", "--on-error", "perhaps").exit()).isEqualTo(2);
        for (var command : List.of("new", "lint", "plan", "apply", "status", "drift", "check")) {
            assertThat(Invocation.of("migrate", command, "--help").err()).isEmpty();
        }
    }

    private void file(String fileName, String sql) throws IOException {
        Files.writeString(migrations.resolve(fileName), sql + "\n");
    }

    private void schema(String sql) throws IOException {
        Files.writeString(folder.resolve("schema.sql"), sql);
    }

    private List<String> files() throws IOException {
        try (var all = Files.list(migrations)) {
            return all.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }

    private String only(String prefix) throws IOException {
        var found = files().stream().filter(file -> file.startsWith(prefix)).toList();
        assertThat(found).hasSize(1);
        return found.getFirst();
    }

    private Invocation call(String... arguments) {
        return in(Map.of("OWNER", OWNER_PASSWORD, "APP", APP_PASSWORD), arguments);
    }

    private Invocation in(Map<String, String> environment, String... arguments) {
        return Invocation.in(environment, line(arguments));
    }

    private Invocation by(Terminal.Questions person, String... arguments) {
        return Invocation.by(person, Map.of("OWNER", OWNER_PASSWORD, "APP", APP_PASSWORD), line(arguments));
    }

    private String[] line(String... arguments) {
        List<String> line = new ArrayList<>(List.of("migrate"));
        line.addAll(List.of(arguments));
        line.addAll(List.of("--config", config.toString()));
        return line.toArray(String[]::new);
    }

    private static String everySaid(Invocation... all) {
        var said = new StringBuilder();
        for (var one : all) {
            said.append(one.out()).append(one.err());
        }
        return said.toString();
    }
}
