// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.operations.migration.apply;

import dev.anabranch.problem.AnabranchException;
import dev.anabranch.problem.ErrorCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;

/**
 * How patient a migration is, and by what name others see it.
 *
 * @param lockWait how long to wait for another runner that migrates the same schema; zero gives up at once
 * @param lockTimeout how long a statement of a file that runs in a transaction waits for a table's lock, at least 1 ms: while
 *     it waits, everybody who comes after it waits too
 * @param attempts how often a file is tried that did not get its locks (SQLState 55P03) or was a deadlock's victim (40P01)
 * @param connectTimeout how long a server may take to accept a connection
 * @param runner who migrates, for those who wait: {@code anabranch plan ab12, web-3:4711}
 */
public record MigrationSettings(
        Duration lockWait, Duration lockTimeout, int attempts, Duration connectTimeout, String runner) {
    /** Waits a minute for another runner and 4 s for locks, tries 8 times, and connects within 5 s. */
    public static final MigrationSettings DEFAULT = new MigrationSettings(
            Duration.ofMinutes(1),
            Duration.ofSeconds(4),
            8,
            Duration.ofSeconds(5),
            host() + ":" + ProcessHandle.current().pid());

    /** By what this machine calls itself, without asking the network, which may take its time. */
    private static String host() {
        try {
            return Files.readString(Path.of("/proc/sys/kernel/hostname")).strip();
        } catch (IOException e) {
            return Objects.requireNonNullElse(System.getenv("COMPUTERNAME"), "pid");
        }
    }

    /** Checks the bounds. */
    public MigrationSettings {
        if (lockWait.isNegative() || lockTimeout.toMillis() < 1 || attempts < 1 || connectTimeout.toMillis() < 1) {
            throw new AnabranchException(
                    ErrorCode.CONFIGURATION_INVALID,
                    "The migration settings lockWait=" + lockWait + ", lockTimeout=" + lockTimeout + ", attempts=" + attempts
                            + ", connectTimeout=" + connectTimeout + " cannot be used",
                    "Give times of at least 1 ms, and at least one attempt");
        }
    }

    /** The same with another patience for other runners. */
    public MigrationSettings withLockWait(Duration wait) {
        return new MigrationSettings(wait, lockTimeout, attempts, connectTimeout, runner);
    }

    /** The same with another patience for tables' locks. */
    public MigrationSettings withLockTimeout(Duration timeout) {
        return new MigrationSettings(lockWait, timeout, attempts, connectTimeout, runner);
    }

    /** The same with another number of attempts. */
    public MigrationSettings withAttempts(int number) {
        return new MigrationSettings(lockWait, lockTimeout, number, connectTimeout, runner);
    }

    /** The same with another patience for servers that do not answer. */
    public MigrationSettings withConnectTimeout(Duration timeout) {
        return new MigrationSettings(lockWait, lockTimeout, attempts, timeout, runner);
    }

    /** The same under another name. */
    public MigrationSettings withRunner(String name) {
        return new MigrationSettings(lockWait, lockTimeout, attempts, connectTimeout, name);
    }
}
