// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.cli.demo;

import dev.anabranch.cli.terminal.CliFailure;
import dev.anabranch.cli.terminal.Terminal;
import dev.anabranch.devcluster.DevCluster;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The life of a demo: its folder and its processes, which end with {@link #close()} and with the JVM, however that ends. Not
 * thread-safe, but for closing.
 */
abstract class RunningDemo implements AutoCloseable {
    final Terminal terminal;
    final DemoFolder folder;
    private final Thread atExit = new Thread(this::stop, "anabranch-demo-exit");
    private @Nullable DemoProcesses started;
    private boolean ended;
    private volatile boolean failed;

    RunningDemo(Terminal terminal) {
        this.terminal = terminal;
        this.folder = DemoFolder.create();
        Runtime.getRuntime().addShutdownHook(atExit);
    }

    /** Starts the database servers. */
    final DemoProcesses servers(String what, List<String> postgres) {
        return servers(what, DevCluster.builder().postgres(postgres.toArray(String[]::new)));
    }

    /** Starts the database servers, of which some may be standbys. */
    final DemoProcesses servers(String what, DevCluster.Builder described) {
        return started(new DemoProcesses(terminal, folder, what, described));
    }

    private synchronized DemoProcesses started(DemoProcesses running) {
        started = running;
        if (ended) {
            // Ctrl-C was faster
            running.close();
        }
        return running;
    }

    /** Does a part of the demo: where it fails, the logs are kept. */
    final <T> T guarded(Supplier<T> part) {
        try {
            return part.get();
        } catch (RuntimeException e) {
            failed = true;
            throw e;
        }
    }

    /** Keeps the logs, and says where they are. */
    final void keepLogs() {
        failed = true;
        terminal.say("The logs stay in " + folder.path() + " until the next demo.");
    }

    /** Says where to look, and returns only when a process has ended that should not have: by a failure. */
    final void stayUp(List<String> lines) throws InterruptedException {
        terminal.say("");
        lines.forEach(terminal::say);
        terminal.say("Logs:                  " + folder.path());
        terminal.say("");
        terminal.say("Ctrl-C ends all of it.");
        var never = new CountDownLatch(1);
        while (!never.await(1, TimeUnit.SECONDS)) {
            synchronized (this) {
                if (started != null && !ended) {
                    try {
                        started.requireAlive();
                    } catch (CliFailure e) {
                        failed = true;
                        throw e;
                    }
                }
            }
        }
    }

    /** Ends all processes and removes the folder; but for the logs, if something went wrong. Closing again does nothing. */
    @Override
    public final void close() {
        try {
            Runtime.getRuntime().removeShutdownHook(atExit);
        } catch (IllegalStateException alreadyExiting) {
            stop();
            return;
        }
        end(failed);
    }

    /** At Ctrl-C nothing has gone wrong, however it looks to who meets the processes' ends. */
    private void stop() {
        end(false);
    }

    private synchronized void end(boolean keepsLogs) {
        if (ended) {
            return;
        }
        ended = true;
        try {
            if (started != null) {
                started.close();
            }
        } finally {
            if (keepsLogs) {
                folder.deleteAllButLogs();
            } else {
                folder.delete();
            }
        }
    }
}
