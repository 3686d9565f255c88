// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/** What needs no directory. */
class CommandLineTest {
    /** A port that nothing listens on. */
    private static final String NOBODY = "--endpoint=http://127.0.0.1:1";

    @TempDir Path folder;

    @ParameterizedTest
    @ValueSource(
            strings = {
                "", "demo", "serve", "status", "database", "database add", "database list", "database remove",
                "database show", "database promote", "database replica", "database replica add", "database replica list",
                "database replica remove", "audience", "audience set", "audience list", "audience remove", "group",
                "group add", "group list", "group show", "group remove", "tenant", "tenant place", "tenant show", "tenant list",
                "tenant remove", "token", "token create", "token list", "token revoke", "explain", "dev", "dev up",
                "dev status", "dev down", "version"
            })
    void helpsOnEveryCommand(String command) {
        var invocation = Invocation.of((command + " --help").strip().split(" ", -1));

        assertThat(invocation.exit()).isZero();
        assertThat(invocation.out()).startsWith("Usage: anabranch").contains("--json").doesNotContain("\033[");
        assertThat(invocation.err()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "frob", "tenant", "tenant frob", "tenant show", "status --frob", "demo --requests x"})
    void refusesWhatItDoesNotUnderstand(String command) {
        var invocation = Invocation.of(command.isEmpty() ? new String[0] : command.split(" ", -1));

        assertThat(invocation.exit()).isEqualTo(2);
        assertThat(invocation.out()).isEmpty();
        assertThat(invocation.err()).startsWith("anabranch: ").contains("--help");
    }

    @ParameterizedTest
    @ValueSource(strings = {"status --frob", "group add people", "frob", "tenant", "--frob"})
    void saysInJsonWhatItDoesNotUnderstand(String command) {
        var invocation = Invocation.of((command + " --json").split(" ", -1));

        assertThat(invocation.exit()).isEqualTo(2);
        assertThat(invocation.json().path("error").path("code").asString()).isEqualTo("usage");
        assertThat(invocation.json().path("error").path("detail").asString()).isNotEmpty();
        assertThat(invocation.err()).startsWith("anabranch: ");
    }

    @Test
    void refusesALiteralPasswordWithoutRepeatingIt() {
        var invocation = Invocation.of(
                "database", "add", "shard-1", "--host", "h", "--password", "hunter2", NOBODY, "--yes");

        assertThat(invocation.exit()).isEqualTo(2);
        assertThat(invocation.err()).contains("list of processes").contains("--password-file").doesNotContain("hunter2");
        assertThat(invocation.out()).isEmpty();
    }

    @Test
    void refusesALiteralPasswordOfAnOwnerToo() {
        var invocation = Invocation.of(
                "database", "add", "shard-1", "--owner-user", "o", "--owner-password", "hunter2", NOBODY, "--yes");

        assertThat(invocation.exit()).isEqualTo(2);
        assertThat(invocation.err()).contains("--owner-password-file").doesNotContain("hunter2");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "database add x --no-owner --owner-user o", "group add x", "group add x --global a --tenants any",
                "database add x --owner-password env:A --owner-password-file f"
            })
    void refusesWhatExcludesEachOther(String command) {
        var invocation = Invocation.of((command + " --yes " + NOBODY).split(" ", -1));

        assertThat(invocation.exit()).isEqualTo(2);
    }

    @Test
    void saysInTwoLinesThatTheDirectoryIsNotThere() {
        var invocation = Invocation.of("status", NOBODY);

        assertThat(invocation.exit()).isEqualTo(1);
        assertThat(invocation.err().lines()).hasSize(2);
        assertThat(invocation.err()).contains("http://127.0.0.1:1").contains("anabranch serve");
        assertThat(invocation.out()).isEmpty();
    }

    @Test
    void saysTheSameInJson() {
        var invocation = Invocation.of("status", NOBODY, "--json");

        assertThat(invocation.exit()).isEqualTo(1);
        assertThat(invocation.json().path("error").propertyNames())
                .containsExactlyInAnyOrder("code", "detail", "next_step");
    }

    @Test
    void refusesAnEndpointThatIsNone() {
        var invocation = Invocation.of("status", "--endpoint", "directory:8400");

        assertThat(invocation.exit()).isEqualTo(2);
        assertThat(invocation.err()).contains("directory:8400");
    }

    @Test
    void needsAMetaDatabaseToServe() throws Exception {
        var jar = Files.createFile(folder.resolve("directory-exec.jar"));

        var invocation = Invocation.in(Map.of("ANABRANCH_DIRECTORY_JAR", jar.toString()), "serve");

        assertThat(invocation.exit()).isEqualTo(2);
        assertThat(invocation.err()).contains("--meta-url").contains("--dev");
    }

    @Test
    void servesWithTheKeyFileThatIsGivenAlsoWhereAKeyIsSet() {
        var given = Map.of("ANABRANCH_CREDENTIAL_KEY", "from-the-shell", "ANABRANCH_META_URL", "jdbc:postgresql://h/x");

        var environment = ServeCommand.keys(given, Path.of("/run/key"), false);

        assertThat(environment).containsEntry("ANABRANCH_CREDENTIAL_KEY", null)
                .containsEntry("ANABRANCH_CREDENTIAL_KEY_FILE", "/run/key");
        assertThat(ServeCommand.keys(given, null, true)).isEmpty();
        assertThat(ServeCommand.keys(Map.of(), null, true)).containsOnlyKeys("ANABRANCH_CREDENTIAL_KEY");
        assertThat(ServeCommand.keys(Map.of(), null, false)).isEmpty();
    }

    @Test
    void refusesATokenFileThatExistsBeforeATokenIsMade() throws Exception {
        var file = Files.createFile(folder.resolve("token"));

        var invocation = Invocation.of("token", "create", "x", "--role", "app", "--out", file.toString(), NOBODY, "-y");

        assertThat(invocation.exit()).isEqualTo(2);
        assertThat(invocation.err()).contains(file.toString());
    }

    @Test
    void explainsWithoutADirectory() throws Exception {
        var yaml = Files.writeString(folder.resolve("anabranch.yaml"), """
                databases:
                  main: {url: "jdbc:postgresql://db0/app", user: app, password: "env:MAIN_PASSWORD"}
                  big: {url: "jdbc:postgresql://db1/app", user: app, password: "env:MAIN_PASSWORD"}
                groups:
                  people: {kind: sharded, placement: {hash: [main], pinned: {bigcorp: big}}}
                """);
        var environment = Map.of(
                "SHARDING_MODE", "standalone", "SHARDING_CONFIG", yaml.toString(), "MAIN_PASSWORD", "not-shown");

        var invocation = Invocation.in(environment, "explain", "--tenant", "bigcorp", "--json");

        assertThat(invocation.exit()).as(invocation.err()).isZero();
        assertThat(invocation.json().path("database").asString()).isEqualTo("big");
        assertThat(invocation.json().path("reason").asString()).isEqualTo("pinned");
        assertThat(invocation.json().path("source").asString()).isEqualTo("configuration");
        assertThat(invocation.out()).doesNotContain("not-shown");
    }
}
