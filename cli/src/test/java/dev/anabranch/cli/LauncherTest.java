// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/** The script {@code ./anabranch} in a clone of empty modules, with a Maven and JDKs that only tell what they are told. */
class LauncherTest {
    private static final List<String> MODULES =
            List.of(
                    "core",
                    "dev-cluster",
                    "operations",
                    "directory",
                    "spring-boot-starter",
                    "cli",
                    "examples/people",
                    "examples/auth",
                    "examples/billing",
                    "examples/reviews");
    private static final List<String> TOOLS = List.of(
            "sh", "env", "mkdir", "rmdir", "cat", "find", "head", "mv", "rm", "date", "sed", "readlink", "sleep", "touch");

    @TempDir Path folder;

    private Path clone;
    private Path tools;

    @BeforeEach
    void makeClone() throws IOException {
        clone = folder.resolve("a clone with 'spaces'");
        tools = Files.createDirectories(folder.resolve("tools"));
        for (var module : MODULES) {
            var home = clone.resolve(module);
            Files.createDirectories(home.resolve("src/main/java"));
            Files.createFile(home.resolve("pom.xml"));
            Files.createFile(home.resolve("src/main/java/Some.java"));
        }
        Files.createFile(clone.resolve("pom.xml"));
        Files.copy(Path.of(System.getProperty("anabranch.home"), "anabranch"), clone.resolve("anabranch"),
                StandardCopyOption.COPY_ATTRIBUTES);
        program(tools.resolve("mvn"), """
                echo "built with $JAVA_HOME" >> "%1$s/builds"
                while [ -e "%1$s/hold" ]; do sleep 0.02; done
                [ ! -e "%1$s/broken" ] || { echo "it does not compile" >&2; exit 1; }
                mkdir -p cli/target directory/target examples/people/target examples/auth/target examples/billing/target \\
                  examples/reviews/target
                touch cli/target/anabranch-cli-0.1.0-SNAPSHOT.jar \\
                  directory/target/anabranch-directory-0.1.0-SNAPSHOT-exec.jar \\
                  examples/people/target/anabranch-example-people-0.1.0-SNAPSHOT-exec.jar \\
                  examples/auth/target/anabranch-example-auth-0.1.0-SNAPSHOT-exec.jar \\
                  examples/billing/target/anabranch-example-billing-0.1.0-SNAPSHOT-exec.jar \\
                  examples/reviews/target/anabranch-example-reviews-0.1.0-SNAPSHOT-exec.jar
                """.formatted(folder));
        for (var tool : TOOLS) {
            link(tool);
        }
    }

    @Test
    void buildsOnceAndThenOnlyWhenASourceIsNewer() throws Exception {
        jdk("jdk", "25.0.1");

        var first = run(clone.resolve("anabranch"), "tenant", "show", "a b");
        var second = run(clone.resolve("anabranch"), "status");

        assertThat(first.exit()).as(first.err()).isZero();
        assertThat(first.out()).contains("dev.anabranch.cli.Main tenant show a b");
        assertThat(first.err()).contains("building");
        assertThat(second.err()).isEmpty();
        assertThat(builds()).hasSize(1);

        Files.setLastModifiedTime(clone.resolve("core/src/main/java/Some.java"), FileTime.from(Instant.now().plusSeconds(60)));
        assertThat(run(clone.resolve("anabranch"), "status").err()).contains("sources have changed");
        assertThat(builds()).hasSize(2);
    }

    @Test
    void buildsAgainWhenMavensOwnOptionsChange() throws Exception {
        jdk("jdk", "25");
        var options = Files.createFile(Files.createDirectory(clone.resolve(".mvn")).resolve("maven.config"));

        run(clone.resolve("anabranch"), "version");
        assertThat(run(clone.resolve("anabranch"), "version").err()).isEmpty();
        Files.setLastModifiedTime(options, FileTime.from(Instant.now().plusSeconds(60)));

        assertThat(run(clone.resolve("anabranch"), "version").err()).contains("sources have changed");
        assertThat(builds()).hasSize(2);
    }

    @Test
    void findsItsFolderThroughLinks() throws Exception {
        jdk("jdk", "26");
        var link = Files.createSymbolicLink(folder.resolve("link"), clone.resolve("anabranch"));
        var relative = Files.createSymbolicLink(folder.resolve("relative"), Path.of("link"));

        var invocation = run(relative, "version");

        assertThat(invocation.exit()).as(invocation.err()).isZero();
        assertThat(invocation.out()).contains("-Danabranch.home=" + clone.toRealPath());
        assertThat(Files.isSymbolicLink(link)).isTrue();
    }

    @Test
    void passesOverAnOldJdk() throws Exception {
        var old = jdk("old", "17.0.15");
        var young = jdk(".jdks/young", "25.0.3");

        var invocation = run(old, clone.resolve("anabranch"), "version");

        assertThat(invocation.exit()).as(invocation.err()).isZero();
        assertThat(invocation.out()).startsWith(young.toString());
    }

    @Test
    void saysWhatToInstallWhereEveryJdkIsOld() throws Exception {
        var old = jdk("old", "17.0.15");

        var invocation = run(old, clone.resolve("anabranch"), "version");

        assertThat(invocation.exit()).isEqualTo(1);
        assertThat(invocation.err()).contains("JDK of version 25").contains(old + " (17.0.15)").contains("JAVA_HOME");
        assertThat(builds()).isEmpty();
    }

    @Test
    void saysThatMavenIsMissing() throws Exception {
        jdk("jdk", "25");
        Files.delete(tools.resolve("mvn"));

        var invocation = run(clone.resolve("anabranch"), "version");

        assertThat(invocation.exit()).isEqualTo(1);
        assertThat(invocation.err()).contains("Maven (mvn)").contains("apt-get install maven");
    }

    @Test
    void startsNothingThatDidNotBuildAndTriesAgainTheNextTime() throws Exception {
        jdk("jdk", "25");
        Files.createFile(folder.resolve("broken"));

        var invocation = run(clone.resolve("anabranch"), "version");

        assertThat(invocation.exit()).isEqualTo(1);
        assertThat(invocation.err()).contains("it does not compile").contains("the build failed");
        Files.delete(folder.resolve("broken"));
        assertThat(run(clone.resolve("anabranch"), "version").exit()).isZero();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void twoAtOnceBuildOnce(boolean withFlock) throws Exception {
        jdk("jdk", "25");
        if (withFlock) {
            link("flock");
        }
        var hold = Files.createFile(folder.resolve("hold"));

        var first = start(folder.resolve("jdk"), clone.resolve("anabranch"), "version");
        awaitFirstBuild();
        var second = start(folder.resolve("jdk"), clone.resolve("anabranch"), "version");
        Files.delete(hold);

        assertThat(first.waitFor()).isZero();
        assertThat(second.waitFor()).isZero();
        assertThat(builds()).hasSize(1);
    }

    @Test
    void takesOverTheLockOfALauncherThatIsDead() throws Exception {
        jdk("jdk", "25");
        var dead = new ProcessBuilder("true").start();
        dead.waitFor();
        var lock = Files.createDirectories(clone.resolve("target/anabranch.lock.d"));
        Files.writeString(lock.resolve("pid"), dead.pid() + "\n");

        assertThat(run(clone.resolve("anabranch"), "version").exit()).isZero();
        assertThat(lock).doesNotExist();
    }

    private Path jdk(String name, String version) throws IOException {
        var home = folder.resolve(name);
        Files.createDirectories(home.resolve("bin"));
        Files.writeString(home.resolve("release"), "IMPLEMENTOR=\"Test\"\nJAVA_VERSION=\"" + version + "\"\n");
        program(home.resolve("bin/java"), "echo \"%s $*\"\n".formatted(home));
        program(home.resolve("bin/javac"), "exit 1\n");
        return home;
    }

    private static void program(Path file, String script) throws IOException {
        Files.writeString(file, "#!/bin/sh\n" + script);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    private void link(String tool) throws IOException {
        for (var bin : List.of("/bin", "/usr/bin", "/usr/local/bin", "/opt/homebrew/bin")) {
            if (Files.isExecutable(Path.of(bin, tool))) {
                program(tools.resolve(tool), "exec %s \"$@\"\n".formatted(Path.of(bin, tool)));
                return;
            }
        }
    }

    private List<String> builds() throws IOException {
        var builds = folder.resolve("builds");
        return Files.exists(builds) ? Files.readAllLines(builds) : List.of();
    }

    private void awaitFirstBuild() throws IOException {
        long deadline = System.nanoTime() + 30_000_000_000L;
        while (builds().isEmpty()) {
            assertThat(System.nanoTime()).as("no build has begun").isLessThan(deadline);
            Thread.onSpinWait();
        }
    }

    private Invocation run(Path script, String... arguments) throws Exception {
        return run(folder.resolve("jdk"), script, arguments);
    }

    private Invocation run(Path javaHome, Path script, String... arguments) throws Exception {
        var process = start(javaHome, script, arguments);
        int exit = process.waitFor();
        return new Invocation(
                exit,
                new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8),
                new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8));
    }

    private Process start(Path javaHome, Path script, String... arguments) throws IOException {
        var command = new ArrayList<>(List.of(script.toString()));
        command.addAll(List.of(arguments));
        var builder = new ProcessBuilder(command).directory(folder.toFile());
        var environment = builder.environment();
        environment.clear();
        environment.put("PATH", tools.toString());
        environment.put("HOME", folder.toString());
        environment.put("JAVA_HOME", javaHome.toString());
        environment.put("ANABRANCH_JDK_ROOT", folder.resolve("nothing").toString());
        return builder.start();
    }
}
