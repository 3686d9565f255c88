// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.cli.demo;

import dev.anabranch.cli.Main;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

/** What a demo leaves behind that does not come to its report. */
class DemoEndTest {
    private static final int SECONDS = 90;

    @TempDir Path temporary;

    private Process demo;

    @AfterEach
    void end() throws Exception {
        demo.destroyForcibly().waitFor();
    }

    @Test
    void leavesNothingBehindWhenItIsInterrupted() throws Exception {
        awaitKey();

        new ProcessBuilder("sh", "-c", "kill -s INT " + demo.pid()).start().waitFor();

        assertThat(demo.waitFor(SECONDS, TimeUnit.SECONDS)).isTrue();
        assertThat(folders()).isEmpty();
    }

    @Test
    void leavesNothingButLogsBehindWhenItFails() throws Exception {
        assertThat(demo.waitFor(SECONDS, TimeUnit.SECONDS)).isTrue();

        assertThat(demo.exitValue()).isEqualTo(1);
        assertThat(folders()).hasSize(1);
        try (var left = Files.list(folders().getFirst())) {
            assertThat(left.map(file -> file.getFileName().toString())).containsExactlyInAnyOrder("owner", "directory.log");
        }
    }

    /** It fails at the latest where it wants to start the people service. */
    @BeforeEach
    void start() throws IOException {
        var builder = new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Djava.io.tmpdir=" + temporary,
                "-Danabranch.home=" + System.getProperty("anabranch.home"),
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName(),
                "demo",
                "--exit");
        builder.environment().put("ANABRANCH_PEOPLE_JAR", temporary.resolve("nothing.jar").toString());
        demo = builder.redirectOutput(Redirect.INHERIT).redirectError(Redirect.DISCARD).start();
    }

    private void awaitKey() throws Exception {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS);
        while (folders().stream().noneMatch(folder -> Files.exists(folder.resolve("credential.key")))) {
            assertThat(System.nanoTime()).as("no key in time").isLessThan(deadline);
            assertThat(demo.waitFor(20, TimeUnit.MILLISECONDS)).as("the demo has ended").isFalse();
        }
    }

    private List<Path> folders() throws IOException {
        try (var all = Files.list(temporary)) {
            return all.filter(path -> path.getFileName().toString().startsWith("anabranch-demo-")).toList();
        }
    }
}
