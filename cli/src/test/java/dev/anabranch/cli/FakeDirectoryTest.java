// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.cli;

import dev.anabranch.cli.FakeDirectory.Answer;
import dev.anabranch.cli.FakeDirectory.Asked;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

/** What a directory says that the real one says only in rare cases, or not yet. */
class FakeDirectoryTest {
    private static final String PLAN = """
            {"revision": 7, "changed": true, "dry_run": true, "action": "database.change", "subject": "shard-1"}""";

    @TempDir Path folder;

    @Test
    void asksForThePasswordWhereTheDirectoryRequiresIt() throws Exception {
        try (var directory = new FakeDirectory(FakeDirectoryTest::requiresThePassword)) {
            var without = directory.call("database", "add", "shard-1", "--host", "new", "--yes", "--json");
            assertThat(without.exit()).isEqualTo(1);
            assertThat(without.err()).contains("--password-file FILE");
            assertThat(without.json().path("error").path("code").asString()).isEqualTo("credential_required");
            assertThat(directory.asked).noneMatch(Asked::applies);

            var typed = Invocation.by(new Person("correct horse"), directory.environment(),
                    "database", "add", "shard-1", "--host", "new", "--yes");
            assertThat(typed.exit()).as(typed.err()).isZero();
            assertThat(directory.applied().body()).contains("\"password\":\"correct horse\"").contains("\"host\":\"new\"");
            assertThat(directory.applied().headers()).containsEntry("If-Match", "\"7\"");
            assertThat(typed.out() + typed.err()).doesNotContain("correct horse");
        }
    }

    @Test
    void givesTheLocalTokenToADirectoryOnThisMachineAlone() throws Exception {
        var home = System.getProperty("user.home");
        Files.writeString(Files.createDirectory(folder.resolve(".anabranch")).resolve("admin.token"), "anab_local\n");
        System.setProperty("user.home", folder.toString());
        try (var directory = new FakeDirectory(asked -> Answer.ok("{}"))) {
            var here = Invocation.of("status", "--endpoint", directory.endpoint().replace("127.0.0.1", "localhost"));
            assertThat(here.exit()).as(here.err()).isZero();
            assertThat(directory.asked.getFirst().headers()).containsEntry("Authorization", "Bearer anab_local");

            var there = Invocation.of("status", "--endpoint", "https://127.0.0.1.directory.invalid");
            assertThat(there.exit()).isEqualTo(4);
            assertThat(there.err()).contains("127.0.0.1.directory.invalid").contains("--token-file")
                    .contains("ANABRANCH_TOKEN");
        } finally {
            System.setProperty("user.home", home);
        }
    }

    @Test
    void sendsNoTokenUnencryptedToAnotherMachine() throws Exception {
        var file = Files.writeString(folder.resolve("token"), "anab_secret\n").toString();
        String[] status = {"status", "--endpoint=http://directory.invalid:8400", "--token-file", file};

        var refused = Invocation.of(status);
        assertThat(refused.exit()).isEqualTo(2);
        assertThat(refused.err()).contains("https").contains("--insecure-http").doesNotContain("anab_secret");

        var more = Arrays.copyOf(status, status.length + 1);
        more[status.length] = "--insecure-http";
        assertThat(Invocation.of(more).err()).contains("does not answer");
        assertThat(Invocation.in(Map.of("ANABRANCH_INSECURE_HTTP", "true"), status).err()).contains("does not answer");
        assertThat(Invocation.in(Map.of("ANABRANCH_INSECURE_HTTP", "false"), status).exit()).isEqualTo(2);
    }

    @Test
    void makesNoTokenThatItCannotWriteDown() throws Exception {
        try (var directory = new FakeDirectory(FakeDirectoryTest::makesTokens)) {
            var missing = folder.resolve("missing").resolve("token");

            var invocation = create(directory, missing);

            assertThat(invocation.exit()).isEqualTo(1);
            assertThat(invocation.err()).contains(missing.toString());
            assertThat(directory.asked).noneMatch(Asked::applies);
        }
    }

    @Test
    void leavesNoTokenFileWithoutAToken() throws Exception {
        var file = folder.resolve("token");
        try (var directory = new FakeDirectory(asked ->
                asked.applies() ? Answer.refused(409, "idempotency_repeated") : makesTokens(asked))) {
            assertThat(create(directory, file).exit()).isEqualTo(5);
            assertThat(file).doesNotExist();
            assertThat(directory.call("token", "create", "app", "--role=app", "--out", file.toString()).exit()).isEqualTo(2);
            assertThat(file).doesNotExist();
        }
    }

    @Test
    void makesATokenOnceAlsoWhereTheAnswerIsLost() throws Exception {
        var file = folder.resolve("token");
        var first = new AtomicBoolean(true);
        try (var directory = new FakeDirectory(asked -> {
            if (asked.applies() && first.getAndSet(false)) {
                throw new IllegalStateException("as a connection that breaks");
            }
            return makesTokens(asked);
        })) {
            assertThat(create(directory, file).exit()).isZero();

            assertThat(file).hasContent("anab_made");
            assertThat(Files.getPosixFilePermissions(file)).isEqualTo(PosixFilePermissions.fromString("rw-------"));
            var keys = directory.asked.stream().filter(Asked::applies)
                    .map(asked -> asked.headers().get("Idempotency-Key")).toList();
            assertThat(keys).hasSize(2).doesNotContainNull();
            assertThat(keys.getFirst()).isEqualTo(keys.getLast()).hasSizeGreaterThan(20);
        }
    }

    @Test
    void writesOneDocumentWhereAPersonSaysNo() throws Exception {
        try (var directory = new FakeDirectory(FakeDirectoryTest::makesTokens)) {
            var invocation = Invocation.by(new Person("n"), directory.environment(),
                    "token", "create", "app", "--role", "app", "--json");

            assertThat(invocation.exit()).isEqualTo(1);
            assertThat(invocation.json().path("applied").asBoolean(true)).isFalse();
            assertThat(invocation.json().path("plan").path("revision").asInt()).isEqualTo(7);
        }
    }

    @Test
    void tellsForceByItsOptionAndLetsNoAnswerControlTheTerminal() throws Exception {
        try (var directory = new FakeDirectory(asked -> new Answer(409, "", """
                {"code": "group_in_use", "detail": "The group \\u001b[2Jlists tenants",
                  "next_steps": ["Unlist them first, or let an admin repeat the request with force=true"]}"""))) {
            var invocation = directory.call("group", "remove", "people", "--yes");

            assertThat(invocation.exit()).isEqualTo(5);
            assertThat(invocation.err()).contains("repeat the command with --force").doesNotContain("force=true")
                    .contains("\\u001b[2J").doesNotContain("\033");
        }
    }

    private static Invocation create(FakeDirectory directory, Path out) {
        return directory.call("token", "create", "app", "--role", "app", "--yes", "--out", out.toString());
    }

    private static Answer makesTokens(Asked asked) {
        return Answer.ok(asked.applies() ? "{\"token\": \"anab_made\", \"revision\": 8}" : PLAN);
    }

    private static Answer requiresThePassword(Asked asked) {
        if (asked.method().equals("GET")) {
            return Answer.ok("""
                    {"items": [{"name": "shard-1", "flavor": "postgres", "host": "old", "port": 1, "database": "d",
                      "user": "u"}]}""");
        }
        return asked.body().contains("\"password\"") ? Answer.ok(PLAN) : Answer.refused(400, "credential_required");
    }
}
