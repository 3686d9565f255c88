// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.devcluster;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * One process, told from a later one with the same pid by when it began. A zombie is dead.
 *
 * @param pid the operating system's id
 * @param start when it began: boot and clock ticks since boot on Linux (a step of the clock changes nothing), else the
 *     instant
 */
record ProcessIdentity(long pid, String start) {

    private static final Path PROC = Path.of("/proc");

    /** The process that has the pid now, if one lives. */
    static Optional<ProcessIdentity> of(long pid) {
        try {
            if (Files.exists(PROC.resolve("self/stat"))) {
                // "pid (name) state ppid ... starttime ...": the name may hold anything, so count from its last ")"
                var stat = Files.readString(PROC.resolve(pid + "/stat"));
                var fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
                var zombie = fields[0].equals("Z") || fields[0].equals("X");
                return zombie ? Optional.empty() : Optional.of(new ProcessIdentity(pid, boot() + ":" + fields[19]));
            }
        } catch (IOException gone) {
            return Optional.empty();
        }
        return ProcessHandle.of(pid)
                .filter(ProcessHandle::isAlive)
                .map(handle -> new ProcessIdentity(pid, String.valueOf(handle.info().startInstant().orElse(null))));
    }

    static ProcessIdentity self() {
        var pid = ProcessHandle.current().pid();
        return of(pid).orElseThrow(() -> new IllegalStateException("This process (" + pid + ") is not alive"));
    }

    boolean isAlive() {
        return of(pid).filter(this::equals).isPresent();
    }

    private static String boot() throws IOException {
        return Files.readString(PROC.resolve("sys/kernel/random/boot_id")).strip();
    }
}
