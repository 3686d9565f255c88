// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

/** Against a real directory process. Each test uses names of its own. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class DirectoryCommandsTest {
    private static final String HOST = "--host=127.0.0.1";

    private Path folder;
    private Path password;
    private RunningDirectory directory;

    @BeforeAll
    void start(@TempDir Path shared) throws Exception {
        folder = shared;
        // a skipped test proves nothing, so whoever wants none of it says so
        assumeTrue(!Boolean.getBoolean("anabranch.without.directory"), "told to go without the directory");
        assertThat(RunningDirectory.isBuilt())
                .as("the directory's jar is built: run mvn verify, or pass -Danabranch.without.directory=true").isTrue();
        password = Files.writeString(folder.resolve("password"), "correct horse\n");
        directory = new RunningDirectory(folder);
        addDatabase("base-1");
        addDatabase("base-2");
        assertDone(directory.call("group", "add", "people", "--hash", "base-1,base-2", "--yes"));
    }

    @AfterAll
    void stop() {
        if (directory != null) {
            directory.close();
        }
    }

    @Test
    void tellsItsStatus() {
        var table = directory.call("status");
        var json = directory.call("status", "--json");

        assertThat(table.exit()).isZero();
        assertThat(table.out()).contains("revision").contains(directory.endpoint());
        assertThat(json.json().path("revision").asLong()).isPositive();
    }

    @Test
    void showsAPlanAndChangesNothingWhereNobodyAgrees() {
        var invocation = directory.call(addition("plan-only", "--json"));

        assertThat(invocation.exit()).isEqualTo(2);
        assertThat(invocation.err()).contains("database.add plan-only").contains("--yes");
        assertThat(invocation.json().path("applied").asBoolean()).isFalse();
        assertThat(invocation.json().path("plan").path("dry_run").asBoolean()).isTrue();
        assertThat(directory.call("database", "list").out()).doesNotContain("plan-only");
    }

    @Test
    void appliesAPlanWithYes() {
        var invocation = directory.call(addition("planned", "--json", "--yes"));

        assertThat(invocation.exit()).isZero();
        assertThat(invocation.json().path("applied").asBoolean()).isTrue();
        assertThat(invocation.json().path("result").path("changed").asBoolean()).isTrue();
        assertThat(directory.call("database", "list").out()).contains("planned");
        assertThat(invocation.out() + invocation.err()).doesNotContain("correct horse");
    }

    @Test
    void hasNothingToChangeTheSecondTime() {
        assertDone(directory.call(addition("twice", "--region", "eu", "--yes")));

        // A password that is given counts as a change: whether it is the same is nobody's to find out.
        var again = directory.call("database", "add", "twice", "--region", "eu");

        assertThat(again.exit()).as("no agreement is needed for nothing").isZero();
        assertThat(again.err()).contains("Nothing to change");
    }

    @Test
    void changesOnlyWhatIsGiven() {
        assertDone(directory.call(addition("moving", "--region", "eu", "--yes")));

        assertDone(directory.call("database", "add", "moving", "--host", "elsewhere", "--yes",
                "--password-file", password.toString()));

        var row = database("moving");
        assertThat(row.path("host").asString()).isEqualTo("elsewhere");
        assertThat(row.path("region").asString()).isEqualTo("eu");
        assertThat(row.path("user").asString()).isEqualTo("app");
    }

    @Test
    void keepsWhatSomebodyElseChangedAtTheSameTime() throws IOException {
        assertDone(directory.call(addition("busy", "--region", "eu", "--yes")));
        var others = new AtomicInteger(2);

        try (var before = FakeDirectory.before(directory.endpoint(), asked -> {
            // once between reading and planning, once between planning and applying
            if (!asked.method().equals("GET") && asked.target().contains("busy") && asked.applies() == (others.get() == 1)
                    && others.get() > 0) {
                var port = String.valueOf(7000 + others.getAndDecrement());
                assertDone(directory.call(
                        "database", "add", "busy", "--port", port, "--password-file", password.toString(), "-y"));
            }
        })) {
            assertDone(directory.call("database", "add", "busy", "--region", "us", "--yes",
                    "--endpoint", before.endpoint()));
        }

        assertThat(others).hasValue(0);
        var row = database("busy");
        assertThat(row.path("port").asInt()).isEqualTo(7001);
        assertThat(row.path("region").asString()).isEqualTo("us");
    }

    @Test
    void keepsWhatIsNotGivenOfAGroup() {
        assertDone(directory.call("group", "add", "strict", "--hash", "base-1,base-2", "--tenants", "listed", "--yes"));

        var same = directory.call("group", "add", "strict", "--hash", "base-1,base-2");
        assertDone(same);
        assertThat(same.err()).contains("Nothing to change");

        assertDone(directory.call("group", "add", "strict", "--tenants", "any", "--yes"));
        var group = directory.call("group", "list", "--json").json().path("items").valueStream()
                .filter(one -> one.path("name").asString().equals("strict")).findFirst().orElseThrow();
        assertThat(group.path("tenants").asString()).isEqualTo("any");
        assertThat(group.path("hash").toString()).isEqualTo("[\"base-1\",\"base-2\"]");
        assertThat(directory.call("group", "add", "unheard-of", "--tenants", "any").exit()).isEqualTo(2);
    }

    @Test
    void givesAGroupItsSchemaAndShowsIt() {
        assertDone(directory.call("group", "add", "billing", "--global", "base-1", "--schema", "billing",
                "--migrations", "db/billing", "--entities", "billing.jar", "--extra-file", "extra.sql", "--yes"));

        var shown = directory.call("group", "show", "billing");
        assertThat(shown.out()).contains("base-1").contains("db/billing").contains("billing.jar").contains("extra.sql");
        assertThat(directory.call("group", "list").out()).contains("db/billing");

        // what is not given stays, and one kind of desired state takes the other's place
        assertDone(directory.call("group", "add", "billing", "--schema-file", "schema.sql", "--yes"));
        var schema = directory.call("group", "show", "billing", "--json").json().path("schema");
        assertThat(schema.toString()).isEqualTo("{\"name\":\"billing\",\"migrations\":\"db/billing\","
                + "\"file\":\"schema.sql\",\"extra\":\"extra.sql\"}");
        assertThat(directory.call("group", "add", "billing", "--global", "base-1").err()).contains("Nothing to change");

        var renamed = directory.call("group", "add", "billing", "--schema", "invoices", "--yes", "--json");
        assertThat(renamed.exit()).isEqualTo(5);
        assertThat(renamed.json().path("error").path("code").asString()).isEqualTo("schema_fixed");
        assertThat(directory.call("group", "add", "people", "--migrations", "x").exit())
                .as("migrations of no schema").isEqualTo(2);
        assertThat(directory.call("group", "show", "unheard-of").exit()).isEqualTo(1);
    }

    @Test
    void givesADatabaseAnOwner() throws IOException {
        var secret = Files.writeString(folder.resolve("owner-password"), "battery staple\n").toString();
        var added = directory.call(addition("owned", "--owner-user", "x_owner", "--owner-password-file", secret, "--yes"));
        assertDone(added);
        assertThat(database("owned").path("owner").toString())
                .isEqualTo("{\"user\":\"x_owner\",\"credential\":\"encrypted\"}");
        assertThat(directory.call("database", "list").out()).contains("x_owner");

        // the region changes, and both passwords stay
        assertThat(directory.call("database", "add", "owned", "--region", "eu", "--yes").exit()).isZero();
        assertThat(database("owned").path("owner").path("user").asString()).isEqualTo("x_owner");

        // another owner needs a password, and another host both
        var other = directory.call("database", "add", "owned", "--owner-user", "y_owner", "--yes");
        assertThat(other.exit()).isEqualTo(1);
        assertThat(other.err()).contains("--owner-password-file");
        var moved = directory.call("database", "add", "owned", "--host=elsewhere", "--yes", "--no-check",
                "--password-file", password.toString());
        assertThat(moved.exit()).isEqualTo(1);
        assertThat(moved.err()).contains("--owner-password-file");
        assertDone(directory.call("database", "add", "owned", "--host=elsewhere", "--yes", "--no-check",
                "--password-file", password.toString(), "--owner-password-file", secret));

        assertDone(directory.call("database", "add", "owned", "--no-owner", "--yes"));
        assertThat(database("owned").has("owner")).isFalse();
        assertThat(directory.call("database", "add", "owned", "--owner-password-file", secret).exit()).isEqualTo(2);
        assertThat(added.out() + added.err() + moved.err()).doesNotContain("battery staple");
        assertDone(directory.call("token", "create", "who-migrates", "--role", "migrator", "--yes"));
    }

    @Test
    void saysWhetherTheDirectoryCanLogIn() {
        assertThat(directory.call(addition("tried", "--no-check")).err()).doesNotContain("Warning");
        assertThat(directory.call(addition("tried")).err())
                .contains("Warning: The user 'app' cannot log in to 127.0.0.1:1/x").doesNotContain("correct horse");
    }

    @Test
    void endsWithFailureWhereWhatIsRemovedIsNotThere() {
        for (var noun : List.of("database", "group")) {
            var nothing = directory.call(noun, "remove", "nope", "--yes");

            assertThat(nothing.exit()).isEqualTo(1);
            assertThat(nothing.err()).contains("no " + noun + " 'nope'").contains("anabranch " + noun + " list");
        }
    }

    @Test
    void endsWithConflictWhenTheDatabaseIsInUse() {
        var invocation = directory.call("database", "remove", "base-1", "--yes", "--json");

        assertThat(invocation.exit()).isEqualTo(5);
        assertThat(invocation.json().path("error").path("code").asString()).isEqualTo("database_in_use");
    }

    @Test
    void endsWithNotAllowedWithoutAndWithTheWrongToken() throws IOException {
        var viewer = folder.resolve("viewer.token");
        assertDone(directory.call("token", "create", "a-viewer", "--role", "viewer", "--out", viewer.toString(), "-y"));

        var unknown = directory.callWith(Map.of("ANABRANCH_TOKEN", "anab_none"), "status");
        var asViewer = directory.callWith(
                Map.of("ANABRANCH_TOKEN_FILE", viewer.toString()), "group", "remove", "people", "--yes");

        assertThat(unknown.exit()).isEqualTo(4);
        assertThat(asViewer.exit()).isEqualTo(4);
        assertThat(asViewer.err()).doesNotContain("\tat ");
        assertThat(Files.getPosixFilePermissions(viewer)).isEqualTo(PosixFilePermissions.fromString("rw-------"));
    }

    @Test
    void printsATokenAndNothingElse() {
        var created = directory.call("token", "create", "short-lived", "--role", "app", "--yes");
        assertThat(created.exit()).isZero();
        assertThat(created.out()).matches("anab_\\S+\n");
        var environment = Map.of("ANABRANCH_TOKEN", created.out().strip());
        assertThat(directory.callWith(environment, "tenant", "show", "1", "--group", "people").exit()).isZero();

        assertDone(directory.call("token", "revoke", "short-lived", "--yes"));

        assertThat(directory.callWith(environment, "tenant", "show", "1", "--group", "people").exit()).isEqualTo(4);
        assertThat(directory.call("token", "revoke", "short-lived", "--yes").exit()).isEqualTo(1);
    }

    @Test
    void listsAndShowsTenants() {
        assertDone(directory.call("tenant", "place", "a tenant/../;--", "--by-hash", "-y", "--reason", "Größe"));

        var shown = directory.call("tenant", "show", "a tenant/../;--", "--json");
        var listed = directory.call("tenant", "list", "--json", "--limit", "1000");

        assertThat(shown.json().path("tenant").asString()).isEqualTo("a tenant/../;--");
        assertThat(shown.json().path("database").asString()).startsWith("base-");
        assertThat(listed.out()).contains("a tenant/../;--");
    }

    @Test
    void keepsReplicasAndPromotesOne() {
        addDatabase("reviews");
        var secret = password.toString();

        var added = directory.call("database", "replica", "add", "reviews", "reviews-b", "--host=db-b", "--weight=2",
                "--password-file", secret, "--no-check", "--yes");
        assertDone(directory.call("database", "replica", "set", "reviews", "reports", "--host=db-c", "--user=reader",
                "--audience=internal", "--password-file", secret, "--no-check", "--yes"));
        assertDone(directory.call("database", "replica", "set", "reviews", "reports", "--weight=3", "--no-check", "--yes"));

        assertDone(added);
        var shown = directory.call("database", "show", "reviews", "--json").json();
        assertThat(shown.path("replicas").valueStream().map(one -> one.path("name").asString() + one.path("weight").asInt()))
                .containsExactly("reports3", "reviews-b2");
        assertThat(directory.call("database", "show", "reviews").out()).contains("reviews-b", "db-c", "internal");
        assertThat(directory.call("database", "replica", "list", "reviews").out()).contains("reader", "encrypted");
        assertThat(directory.call("audience", "list").out()).contains("internal", "reports");
        assertThat(directory.call("audience", "remove", "internal", "--yes").exit()).isEqualTo(5);
        assertDone(directory.call("audience", "set", "internal", "--read-only", "--yes"));
        assertThat(directory.call("status", "--json").json().path("replicas").asInt()).isPositive();

        var plan = directory.call("database", "promote", "reviews", "--replica=reviews-b");
        assertThat(plan.exit()).as("nobody agreed").isEqualTo(2);
        assertThat(plan.err()).contains("database.promote reviews", "db-b", "is not kept");
        assertDone(directory.call("database", "promote", "reviews", "--replica=reviews-b", "--keep-old-as=reviews-a", "--yes"));
        assertThat(database("reviews").path("host").asString()).isEqualTo("db-b");
        assertThat(directory.call("database", "replica", "list", "reviews").out()).contains("reviews-a").doesNotContain("reviews-b");
        assertDone(directory.call("database", "replica", "remove", "reviews", "reports", "--yes"));
        assertThat(directory.call("database", "replica", "remove", "reviews", "reports", "--yes").exit()).isEqualTo(1);
        assertThat(added.out() + added.err()).doesNotContain("correct horse");
    }

    @Test
    void routesAGroupByAudience() {
        addDatabase("routed-1");
        addDatabase("routed-2");
        assertDone(directory.call("group", "add", "routed", "--global", "routed-1", "--route", "public=routed-2", "--yes"));

        assertThat(directory.call("group", "show", "routed").out()).contains("routed-1, public: routed-2");
        assertDone(directory.call("group", "set", "routed", "--route", "draft=routed-1", "--yes"));
        assertThat(directory.call("group", "show", "routed", "--json").json().path("audiences")).hasSize(2);
        assertDone(directory.call("group", "set", "routed", "--no-route", "public,draft", "--yes"));
        assertThat(directory.call("group", "show", "routed").out()).contains("routed-1").doesNotContain("routed-2");
        assertThat(directory.call("group", "set", "people", "--route", "public=routed-2", "--yes").exit()).isEqualTo(2);
    }

    @Test
    void explainsAsAnApplicationAlsoWhenTheDirectoryIsGone(@TempDir Path own) throws Exception {
        var meta = Files.createDirectory(own.resolve("directory"));
        try (var mortal = new RunningDirectory(meta)) {
            var secret = Files.writeString(own.resolve("password"), "correct horse\n").toString();
            assertDone(mortal.call("database", "add", "only", HOST, "--database=x", "--user=app",
                    "--password-file", secret, "--yes"));
            assertDone(mortal.call("group", "add", "people", "--hash", "only", "--yes"));
            var token = mortal.call("token", "create", "app", "--role", "app", "--yes").out().strip();
            var environment = Map.of(
                    "SHARDING_MODE", "api",
                    "SHARDING_API_TOKEN", token,
                    "SHARDING_SNAPSHOT_FILE", own.resolve("snapshot").toString());

            var live = mortal.callWith(environment, "explain", "--tenant", "42", "--group", "people", "--json");
            mortal.stopDirectory();
            var cached = mortal.callWith(environment, "explain", "--tenant", "42", "--group", "people", "--json");

            assertThat(live.json().path("from_cache").asBoolean(true)).as(live.err()).isFalse();
            assertThat(live.json().path("database").asString()).isEqualTo("only");
            assertThat(cached.json().path("from_cache").asBoolean(false)).as(cached.err()).isTrue();
            assertThat(cached.json().path("revision")).isEqualTo(live.json().path("revision"));
            assertThat(live.out() + cached.out()).doesNotContain("correct horse");
        }
    }

    private JsonNode database(String name) {
        return directory.call("database", "list", "--json").json().path("items").valueStream()
                .filter(one -> one.path("name").asString().equals(name)).findFirst().orElseThrow();
    }

    private void addDatabase(String name) {
        assertDone(directory.call(addition(name, "--yes")));
    }

    private String[] addition(String name, String... more) {
        var given = new ArrayList<>(List.of(
                "database", "add", name, HOST, "--port=1", "--database=x", "--user=app",
                "--password-file", password.toString()));
        given.addAll(List.of(more));
        return given.toArray(String[]::new);
    }

    private static void assertDone(Invocation invocation) {
        assertThat(invocation.exit()).as(invocation.err()).isZero();
    }
}
