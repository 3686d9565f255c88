// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.cli.process;

import dev.anabranch.cli.terminal.CliFailure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class OwnedProcessTest {
    private static final Duration LONG = Duration.ofSeconds(30);

    @TempDir Path folder;

    private final List<ProcessHandle> programs = new ArrayList<>();

    @AfterEach
    void leaveNothingBehind() {
        programs.forEach(ProcessHandle::destroyForcibly);
    }

    @Test
    void endsTheProgramWhenItIsClosed() throws Exception {
        var process = OwnedProcess.start("program", null, pidFile(), OwnedProgram.forEver());
        var program = program(process);

        process.close();
        process.close();

        assertThat(program.isAlive()).isFalse();
        assertThat(process.isAlive()).isFalse();
    }

    @Test
    void endsTheProgramWhenItsOwnerIsKilled() throws Exception {
        var java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        var owner = new ProcessBuilder(
                        java,
                        "-cp",
                        System.getProperty("java.class.path"),
                        OwnedProgram.class.getName(),
                        folder.resolve("pid").toString())
                .inheritIO()
                .start();
        var program = program(owner);

        owner.destroyForcibly();

        assertThat(endsInTime(program)).isTrue();
    }

    @Test
    void passesTheExitCodeOn() throws Exception {
        try (var process = OwnedProcess.start("program", null, Map.of(), List.of("sh", "-c", "exit 7"))) {
            assertThat(process.await()).isEqualTo(7);
        }
    }

    @Test
    void tellsTheEndOfTheLogOfAProgramThatDoesNotStart() {
        var log = folder.resolve("log");
        var command = List.of("sh", "-c", "echo 'the port is taken'; exit 1");
        try (var process = OwnedProcess.start("little service", log, Map.of(), command)) {
            assertThatThrownBy(() -> process.awaitFile(folder.resolve("port"), LONG))
                    .isInstanceOf(CliFailure.class)
                    .hasMessageContaining("little service ended with exit code 1")
                    .hasMessageContaining("the port is taken")
                    .hasMessageContaining(log.toString());
        }
    }

    @Test
    void takesAwayAVariableAndEndsWithoutAWord() {
        var log = folder.resolve("log");
        var environment = new HashMap<String, @Nullable String>(pidFile());
        environment.put("HOME", null);
        var command = List.of("sh", "-c",
                "echo \"home=${HOME-none}\"; echo $$ > \"$PID_FILE.new\" && mv \"$PID_FILE.new\" \"$PID_FILE\""
                        + " && exec sleep 3600");
        try (var process = OwnedProcess.start("program", log, environment, command)) {
            program(process);
        }
        assertThat(log).hasContent("home=none");
    }

    private Map<String, String> pidFile() {
        return Map.of("PID_FILE", folder.resolve("pid").toString());
    }

    private ProcessHandle program(OwnedProcess process) {
        var pid = process.awaitFile(folder.resolve("pid"), LONG);
        return remembered(pid);
    }

    private ProcessHandle program(Process owner) throws IOException, InterruptedException {
        var file = folder.resolve("pid");
        long deadline = System.nanoTime() + LONG.toNanos();
        while (!Files.exists(file)) {
            assertThat(System.nanoTime()).as("no pid in time").isLessThan(deadline);
            assertThat(owner.waitFor(20, TimeUnit.MILLISECONDS)).as("the owner has ended").isFalse();
        }
        return remembered(Files.readString(file).strip());
    }

    private ProcessHandle remembered(String pid) {
        var program = ProcessHandle.of(Long.parseLong(pid)).orElseThrow();
        programs.add(program);
        return program;
    }

    private static boolean endsInTime(ProcessHandle program) throws InterruptedException, ExecutionException {
        try {
            program.onExit().get(LONG.toSeconds(), TimeUnit.SECONDS);
            return true;
        } catch (TimeoutException e) {
            return false;
        }
    }
}
