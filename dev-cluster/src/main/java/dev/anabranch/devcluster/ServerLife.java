// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.devcluster;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;

/**
 * What every server goes through, whatever it speaks: made, started on a port that nobody else took first, stopped,
 * killed, started again, removed. Thread-safe by its own lock.
 */
final class ServerLife {

    private static final int PORTS_TO_TRY = 10;

    private final ServerFolder folder;
    private final ServerProcess process;
    private final Kind kind;
    private final Duration startTimeout;
    private final @Nullable Watchdog watchdog;
    private int port;
    private boolean closed;

    private ServerLife(
            ServerFolder folder, ServerProcess process, Kind kind, Duration startTimeout, @Nullable Watchdog watchdog) {
        this.folder = folder;
        this.process = process;
        this.kind = kind;
        this.startTimeout = startTimeout;
        this.watchdog = watchdog;
    }

    /** Makes the folder, sets a watchdog on it if it is owned, and starts the server; on failure nothing is left. */
    static ServerLife begin(String name, Path path, Lifetime lifetime, Kind kind, Duration startTimeout,
            IntSupplier ports) {
        try {
            var folder = ServerFolder.create(path, lifetime, kind.launcher(), kind.binaries(), kind.endSignal());
            var watchdog = lifetime == Lifetime.OWNED ? Watchdog.over(folder) : null;
            var process = new ServerProcess(name, folder, kind.launcher(), startTimeout);
            var life = new ServerLife(folder, process, kind, startTimeout, watchdog);
            try {
                kind.initialize(folder, process);
                life.startOnFreePort(ports);
                return life;
            } catch (IOException | InterruptedException | RuntimeException e) {
                life.remove();
                throw e;
            }
        } catch (IOException e) {
            throw new DevClusterException("Server \"" + name + "\" could not be made in " + path + ": " + e
                    + ". Is there room, and the right to write?", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new DevClusterException("Interrupted while server \"" + name + "\" started in " + path, e);
        }
    }

    ServerFolder folder() {
        return folder;
    }

    int port() {
        return port;
    }

    synchronized long pid() {
        return process.pid();
    }

    synchronized boolean isRunning() {
        return !closed && process.isAlive();
    }

    synchronized void stop() {
        alter("stop", () -> process.stop(kind.stopSignal()));
    }

    synchronized void kill() {
        alter("kill", process::kill);
    }

    synchronized void restart() {
        alter("restart", () -> {
            process.stop(kind.stopSignal());
            long deadline = System.nanoTime() + startTimeout.toNanos();
            while (startOn(port) != ServerProcess.Start.READY) {
                if (System.nanoTime() > deadline) {
                    throw process.failure("It could not have its port or memory back within "
                            + startTimeout.toSeconds() + " s", "Who has it? ss -ltnp; ipcs -m");
                }
            }
        });
    }

    synchronized void pause() {
        alter("pause", () -> process.signalAll("STOP"));
    }

    synchronized void resume() {
        alter("resume", () -> process.signalAll("CONT"));
    }

    /** Writes its configuration again, and has it read that if it runs; settings that need a restart wait for one. */
    synchronized void reconfigure() {
        alter("take another configuration", () -> {
            kind.configure(folder, port);
            process.reload();
        });
    }

    synchronized void close() {
        if (!closed) {
            remove();
            closed = true;
        }
    }

    DevClusterException failure(String what, String advice, @Nullable Exception cause) {
        return process.failure(what, advice, cause);
    }

    private void remove() {
        if (watchdog != null) {
            watchdog.close();
            return;
        }
        try {
            Watchdog.cleanNow(folder);
        } catch (IOException e) {
            throw new DevClusterException("The server in " + folder.path() + " could not be removed: " + e, e);
        }
    }

    private void startOnFreePort(IntSupplier ports) throws IOException, InterruptedException {
        for (int attempt = 0; attempt < PORTS_TO_TRY; attempt++) {
            port = ports.getAsInt();
            if (startOn(port) == ServerProcess.Start.READY) {
                return;
            }
        }
        throw process.failure("Somebody else took each of " + PORTS_TO_TRY + " ports first", "Look: ss -ltnp");
    }

    private ServerProcess.Start startOn(int onPort) throws IOException, InterruptedException {
        kind.configure(folder, onPort);
        return process.start(onPort, kind.command(folder), pid -> kind.isReady(folder, onPort, pid));
    }

    private void alter(String verb, Change change) {
        if (closed) {
            throw new IllegalStateException(
                    "The server in " + folder.path() + " is closed and cannot " + verb + ". Start another one.");
        }
        try {
            change.make();
        } catch (IOException e) {
            throw process.failure("It could not " + verb + ": " + e, "Is the folder still there?", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw process.failure("Interrupted before it could " + verb, "Do it again.", e);
        }
    }

    /** What differs between the servers that there are. */
    interface Kind {

        /** The account its programs run under. */
        Launcher launcher();

        /** The folder of its programs. */
        Path binaries();

        /** Ends it at once, data lost or not, without a trace outside of its folder. */
        String endSignal();

        /** Ends it in order, without waiting for clients. */
        String stopSignal();

        /** Makes its data. */
        void initialize(ServerFolder folder, ServerProcess process) throws IOException, InterruptedException;

        /** Writes its configuration; again before each start. */
        void configure(ServerFolder folder, int port) throws IOException;

        List<String> command(ServerFolder folder);

        /** Whether it takes connections; the pid tells it from a predecessor that died and left files behind. */
        boolean isReady(ServerFolder folder, int port, long pid);
    }

    private interface Change {
        void make() throws IOException, InterruptedException;
    }
}
