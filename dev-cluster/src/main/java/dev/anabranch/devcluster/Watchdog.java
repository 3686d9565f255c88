// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.devcluster;

import java.io.File;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A small process beside a server that outlives this JVM just long enough to clean up.
 *
 * <p>It reads from a pipe that only this JVM holds. When the pipe ends, because {@link #close()} closed it, the JVM
 * exited or something killed the JVM, it ends the server's processes and removes the server's folder. There is one way
 * to clean up, and every test that closes a server walks it.
 */
final class Watchdog implements AutoCloseable {

    private static final int SECONDS_TO_CLEAN = 30;

    private final ServerFolder folder;
    private final Process process;
    private final Thread atExit = new Thread(this::release, "anabranch-dev-cluster-exit");

    private Watchdog(ServerFolder folder) throws IOException {
        this.folder = folder;
        this.process = spawn(folder, Redirect.PIPE);
    }

    static Watchdog over(ServerFolder folder) throws IOException {
        var watchdog = new Watchdog(folder);
        Runtime.getRuntime().addShutdownHook(watchdog.atExit);
        return watchdog;
    }

    /** Ends the processes of a server that nobody watches, and removes its folder. */
    static void cleanNow(ServerFolder folder) throws IOException {
        if (folder.isComplete()) {
            folder.renewScript();
            if (!cleans(spawn(folder, Redirect.from(new File("/dev/null"))), folder)) {
                throw failed(folder, null);
            }
        } else {
            Trees.delete(folder.path());
        }
    }

    /** Cleans up, and returns when it is done; calling again does nothing. */
    @Override
    public void close() {
        try {
            Runtime.getRuntime().removeShutdownHook(atExit);
        } catch (IllegalStateException alreadyExiting) {
            // the hook and this do the same, and may do it twice
        }
        release();
    }

    private void release() {
        try {
            process.getOutputStream().close();
        } catch (IOException alreadyDead) {
            // a broken pipe is as closed as it gets
        }
        try {
            if (!cleans(process, folder)) {
                // somebody killed the watchdog itself
                cleanNow(folder);
            }
        } catch (IOException e) {
            throw failed(folder, e);
        }
    }

    private static Process spawn(ServerFolder folder, Redirect input) throws IOException {
        var script = folder.path().resolve("watchdog.sh").toString();
        return Launcher.AS_IS.start(
                Path.of("/"), input, Redirect.DISCARD, List.of("sh", script, folder.path().toString()));
    }

    /** Waits for a watchdog to end; false if it ended or was overdue with the folder still there. */
    private static boolean cleans(Process process, ServerFolder folder) {
        try {
            return process.waitFor(SECONDS_TO_CLEAN, TimeUnit.SECONDS) && !Files.exists(folder.path());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw failed(folder, e);
        }
    }

    private static DevClusterException failed(ServerFolder folder, @Nullable Exception cause) {
        return new DevClusterException("The server in " + folder.path() + " could not be cleaned up in "
                + SECONDS_TO_CLEAN + " s. End the processes that work in that folder, and remove it.", cause);
    }
}
