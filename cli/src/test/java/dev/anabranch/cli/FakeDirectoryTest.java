// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.cli;

import dev.anabranch.cli.FakeDirectory.Answer;
import dev.anabranch.cli.FakeDirectory.Asked;
import java.nio.file.Path;
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

    private static Answer requiresThePassword(Asked asked) {
        if (asked.method().equals("GET")) {
            return Answer.ok("""
                    {"items": [{"name": "shard-1", "flavor": "postgres", "host": "old", "port": 1, "database": "d",
                      "user": "u"}]}""");
        }
        return asked.body().contains("\"password\"") ? Answer.ok(PLAN) : Answer.refused(400, "credential_required");
    }
}
