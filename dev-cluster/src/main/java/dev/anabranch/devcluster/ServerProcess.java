// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.devcluster;

import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.LongPredicate;
import org.jspecify.annotations.Nullable;

/**
 * The process of one server, a child of this JVM: start, signals, end. A server on port and data it had before can be
 * started again. Not thread-safe: the server it belongs to takes care of that.
 */
final class ServerProcess {

    private static final long POLL_MILLIS = 10;
    private static final Duration TIME_TO_DIE = Duration.ofSeconds(30);

    private final String name;
    private final ServerFolder folder;
    private final Launcher launcher;
    private final Duration startTimeout;
    private @Nullable Process process;
    private int port;

    ServerProcess(String name, ServerFolder folder, Launcher launcher, Duration startTimeout) {
        this.name = name;
        this.folder = folder;
        this.launcher = launcher;
        this.startTimeout = startTimeout;
    }

    /** Runs a program to its end, its input from a file and its output to the log. */
    void run(Redirect input, List<String> command) throws IOException, InterruptedException {
        var tool = launcher.start(folder.path(), input, Redirect.appendTo(folder.log().toFile()), command);
        if (!tool.waitFor(startTimeout.toMillis(), TimeUnit.MILLISECONDS)) {
            tool.destroyForcibly();
            throw failure(programOf(command) + " did not end within " + startTimeout.toSeconds() + " s",
                    "Is the machine overloaded? Raise the start timeout.");
        }
        if (tool.exitValue() != 0) {
            throw failure(programOf(command) + " failed with exit code " + tool.exitValue(), "See its output above.");
        }
    }

    /** Starts the server and waits until it, by its pid, is ready; the answer says whether another attempt can help. */
    Start start(int onPort, List<String> command, LongPredicate ready) throws IOException, InterruptedException {
        port = onPort;
        long logged = folder.logSize();
        var started = launcher.start(folder.path(), Redirect.from(Path.of("/dev/null").toFile()),
                Redirect.appendTo(folder.log().toFile()), command);
        process = started;
        long deadline = System.nanoTime() + startTimeout.toNanos();
        while (!started.waitFor(POLL_MILLIS, TimeUnit.MILLISECONDS)) {
            if (ready.test(started.pid())) {
                return Start.READY;
            }
            if (System.nanoTime() > deadline) {
                var late = failure("It was not ready within " + startTimeout.toSeconds() + " s",
                        "Is the machine overloaded? Raise the start timeout.");
                kill();
                throw late;
            }
        }
        var said = folder.logSince(logged);
        if (said.contains("Address already in use")) {
            return Start.PORT_TAKEN;
        }
        if (said.contains("shared memory block") && said.contains("still in use")) {
            return Start.CHILDREN_OF_PREDECESSOR_ALIVE;
        }
        throw failure("It ended with exit code " + started.exitValue() + " instead of starting",
                "See the log above; a setting given to it may be wrong.");
    }

    long pid() {
        if (process == null) {
            throw new IllegalStateException("The server \"" + name + "\" has not been started");
        }
        return process.pid();
    }

    boolean isAlive() {
        return process != null && process.isAlive();
    }

    /** Asks it to end by a signal, and waits for that. */
    void stop(String signal) throws IOException, InterruptedException {
        if (process != null && process.isAlive()) {
            send(List.of(process.pid()), signal);
            send(tree(), "CONT");
            if (!process.waitFor(TIME_TO_DIE.toSeconds(), TimeUnit.SECONDS)) {
                throw failure("It did not stop within " + TIME_TO_DIE.toSeconds() + " s after SIG" + signal,
                        "kill() or close() it.");
            }
        }
    }

    /** SIGKILL to it and its children; they are dead, all of them, when this returns. */
    void kill() throws IOException, InterruptedException {
        if (process == null || !process.isAlive()) {
            return;
        }
        // stopped first, so that no child is born unseen
        send(List.of(process.pid()), "STOP");
        var family = tree();
        var identities = family.stream().flatMap(pid -> ProcessIdentity.of(pid).stream()).toList();
        send(family, "KILL");
        process.waitFor();
        long deadline = System.nanoTime() + TIME_TO_DIE.toNanos();
        while (identities.stream().anyMatch(ProcessIdentity::isAlive)) {
            if (System.nanoTime() > deadline) {
                throw failure("Its children live " + TIME_TO_DIE.toSeconds() + " s after SIGKILL", "Look at them: ps");
            }
            TimeUnit.MILLISECONDS.sleep(POLL_MILLIS);
        }
    }

    /** Sends a signal to the server and all its children. */
    void signalAll(String signal) throws IOException, InterruptedException {
        if (!isAlive()) {
            throw failure("It does not run, so it takes no SIG" + signal, "restart() it.");
        }
        send(tree(), signal);
    }

    /** Has the server read its configuration again, if it runs. */
    void reload() throws IOException, InterruptedException {
        if (process != null && process.isAlive()) {
            send(List.of(process.pid()), "HUP");
        }
    }

    DevClusterException failure(String what, String advice) {
        return failure(what, advice, null);
    }

    DevClusterException failure(String what, String advice, @Nullable Exception cause) {
        return new DevClusterException("Server \"" + name + "\" in " + folder.path()
                + (port == 0 ? "" : ", port " + port) + ": " + what + ". " + advice + " The end of its log ("
                + folder.log() + "):" + folder.logTail(), cause);
    }

    private List<Long> tree() {
        var pids = new ArrayList<Long>();
        if (process != null) {
            pids.add(process.pid());
            process.descendants().forEach(child -> pids.add(child.pid()));
        }
        return pids;
    }

    /** By the shell's own kill: Java sends TERM and KILL only. Processes that have just ended are no error. */
    private static void send(List<Long> pids, String signal) throws IOException, InterruptedException {
        var command = new ArrayList<>(List.of("sh", "-c", "kill -s \"$@\" 2>/dev/null || true", "kill", signal));
        pids.forEach(pid -> command.add(pid.toString()));
        Launcher.AS_IS.start(Path.of("/"), Redirect.from(Path.of("/dev/null").toFile()), Redirect.DISCARD, command)
                .waitFor();
    }

    private static String programOf(List<String> command) {
        return String.valueOf(Path.of(command.getFirst()).getFileName());
    }

    /** What became of an attempt to start. */
    enum Start {
        READY,
        PORT_TAKEN,
        CHILDREN_OF_PREDECESSOR_ALIVE
    }
}
