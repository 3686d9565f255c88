// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.cli.process;

import dev.anabranch.cli.terminal.CliFailure;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A program that runs no longer than this JVM, even if the JVM is killed: a small shell beside it reads from a pipe that
 * only the JVM holds, and ends the program when the pipe ends. Thread-safe.
 */
public final class OwnedProcess implements AutoCloseable {
    private static final Duration GRACE = Duration.ofSeconds(10);
    private static final int LINES_OF_LOG = 15;

    private final String name;
    private final @Nullable Path log;
    private final Process shell;
    private final Thread atExit = new Thread(this::end, "anabranch-owned-exit");

    private OwnedProcess(String name, @Nullable Path log, Process shell) {
        this.name = name;
        this.log = log;
        this.shell = shell;
    }

    /**
     * Starts a program.
     *
     * @param name what messages call it
     * @param log where its output goes; null where this process's own goes
     * @param environment variables on top of this process's own; one of those is taken away where it is null
     */
    public static OwnedProcess start(
            String name, @Nullable Path log, Map<String, ? extends @Nullable String> environment, List<String> command) {
        var output = log == null ? Redirect.INHERIT : Redirect.appendTo(log.toFile());
        var line = new ArrayList<>(List.of("sh", "-c", script(), "owned", String.valueOf(GRACE.toMillis() / 100)));
        line.addAll(command);
        var builder = new ProcessBuilder(line).redirectOutput(output);
        builder.redirectError(log == null ? Redirect.INHERIT : output);
        builder.redirectErrorStream(log != null);
        environment.forEach((variable, value) -> {
            if (value == null) {
                builder.environment().remove(variable);
            } else {
                builder.environment().put(variable, value);
            }
        });
        try {
            var process = new OwnedProcess(name, log, builder.start());
            try {
                Runtime.getRuntime().addShutdownHook(process.atExit);
            } catch (IllegalStateException exiting) {
                // nobody would wait for its end
                process.end();
                throw CliFailure.failed("The " + name + " is not started, as this process is ending", "", exiting);
            }
            return process;
        } catch (IOException e) {
            throw CliFailure.failed("The " + name + " cannot be started: " + e.getMessage(), "Is there a shell (sh)?", e);
        }
    }

    /** What messages call it. */
    public String name() {
        return name;
    }

    /** Whether it runs. */
    public boolean isAlive() {
        return shell.isAlive();
    }

    /** Kills the program as a crash would (SIGKILL). */
    public void kill() {
        shell.descendants().forEach(ProcessHandle::destroyForcibly);
    }

    /**
     * Writes down what each thread of the program, a JVM, does at the moment, virtual ones too.
     *
     * @return whether that could be done
     */
    public boolean dumpThreads(Path file) {
        var jcmd = Path.of(System.getProperty("java.home"), "bin", "jcmd");
        var program = shell.descendants().filter(process -> process.children().findAny().isEmpty()).findFirst();
        if (program.isEmpty() || !Files.isExecutable(jcmd)) {
            return false;
        }
        var pid = Long.toString(program.get().pid());
        try {
            var dump = new ProcessBuilder(
                            jcmd.toString(), pid, "Thread.dump_to_file", "-overwrite", file.toString())
                    .redirectErrorStream(true)
                    .redirectOutput(Redirect.DISCARD)
                    .start();
            if (dump.waitFor(GRACE.toSeconds(), TimeUnit.SECONDS)) {
                return dump.exitValue() == 0;
            }
            dump.destroyForcibly();
            return false;
        } catch (IOException e) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /** Waits for its end, and tells its exit code. */
    public int await() throws InterruptedException {
        return shell.waitFor();
    }

    /**
     * Waits for a file that the program writes when it is ready, and reads it.
     *
     * @throws CliFailure with the end of the log, where the program ends or takes too long
     */
    public String awaitFile(Path file, Duration timeout) {
        long deadline = System.nanoTime() + timeout.toNanos();
        try {
            while (System.nanoTime() < deadline) {
                if (Files.exists(file)) {
                    var content = Files.readString(file).strip();
                    if (!content.isEmpty()) {
                        return content;
                    }
                }
                if (shell.waitFor(50, TimeUnit.MILLISECONDS)) {
                    throw failure("ended with exit code " + shell.exitValue() + " instead of starting");
                }
            }
        } catch (IOException e) {
            throw CliFailure.failed("The " + name + "'s file " + file + " cannot be read (" + e + ")", "", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw CliFailure.failed("Interrupted while the " + name + " was starting", "", e);
        }
        throw failure("was not ready within " + timeout.toSeconds() + " s");
    }

    /** A failure of this process, with the end of its log and where the log is. */
    public CliFailure failure(String what) {
        if (log == null) {
            return CliFailure.failed("The " + name + " " + what, "Its output is above", null);
        }
        return CliFailure.failed(
                "The " + name + " " + what + ". The end of its log:\n" + tail(log), "All of it: " + log, null);
    }

    /** Ends it in order, or by force if it takes more than ten seconds; closing again does nothing. */
    @Override
    public void close() {
        try {
            Runtime.getRuntime().removeShutdownHook(atExit);
        } catch (IllegalStateException alreadyExiting) {
            // the hook does the same
        }
        end();
    }

    private void end() {
        try {
            shell.getOutputStream().close();
        } catch (IOException alreadyDead) {
            // a broken pipe has ended as well
        }
        try {
            if (!shell.waitFor(GRACE.toMillis() + 2_000, TimeUnit.MILLISECONDS)) {
                shell.descendants().forEach(ProcessHandle::destroyForcibly);
                shell.destroyForcibly();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static String tail(Path log) {
        try {
            // the frames between the messages of a stack trace would fill all of it
            var lines = new String(Files.readAllBytes(log), StandardCharsets.UTF_8)
                    .lines()
                    .filter(line -> !line.matches("\\s+(at |\\.\\.\\. ).*") && !line.isBlank())
                    .toList();
            return "  " + String.join("\n  ", lines.subList(Math.max(0, lines.size() - LINES_OF_LOG), lines.size()));
        } catch (IOException e) {
            return "  (no log: " + e + ")";
        }
    }

    private static String script() {
        try (var in = OwnedProcess.class.getResourceAsStream("owned.sh")) {
            return new String(
                    Objects.requireNonNull(in, "owned.sh is not on the class path").readAllBytes(),
                    StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw CliFailure.failed("owned.sh cannot be read from the CLI's jar", "Build it again", e);
        }
    }
}
