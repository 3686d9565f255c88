// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.devcluster;

import com.sun.security.auth.module.UnixSystem;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.TimeUnit;

/**
 * How processes get launched: in a session of their own, so that Ctrl-C in a terminal reaches the JVM alone, and not
 * as root where the program refuses that. All wrappers replace themselves by the program, so its pid is the process's.
 */
enum Launcher {
    /** As whoever runs the JVM. */
    AS_IS,
    /**
     * In a user namespace without any mapping: the program sees itself as nobody, while its files belong to root
     * outside. It needs no account and leaves no foreign files.
     */
    NAMESPACE,
    /** As user 65534 (nobody), where namespaces are forbidden, as in most containers; its data is given to it, and no more. */
    NOBODY;

    private static final int NOBODY_ID = 65_534;
    private static final List<String> OWN_SESSION = findOwnSession();

    /** The one for programs that refuse to run as root. */
    static Launcher unprivileged() {
        return Unprivileged.FOUND;
    }

    static boolean isRoot() {
        return uid() == 0;
    }

    /** The number of the user who runs the JVM: in a container it may have no name. */
    static long uid() {
        return new UnixSystem().getUid();
    }

    /** Whether something belongs to the user who runs the JVM; a link itself, not what it leads to. */
    static boolean isMine(Path path) throws IOException {
        return ((Number) Files.getAttribute(path, "unix:uid", LinkOption.NOFOLLOW_LINKS)).longValue() == uid();
    }

    /** What to put before a program to start it in a session of its own. */
    static List<String> ownSession() {
        return OWN_SESSION;
    }

    /** Lets the account that the processes run under pass through a folder, without writing to it. */
    void letThrough(Path folder) throws IOException {
        if (this == NOBODY) {
            Files.setAttribute(folder, "unix:gid", NOBODY_ID);
            Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx--x---"));
        }
    }

    /** Gives a folder or file to the account that the processes run under. */
    void handOver(Path path) throws IOException {
        if (this == NOBODY) {
            Files.setAttribute(path, "unix:uid", NOBODY_ID);
            Files.setAttribute(path, "unix:gid", NOBODY_ID);
        }
    }

    /** Starts a process that works in a folder, with its output appended to a file. */
    Process start(Path folder, Redirect input, Redirect output, List<String> command) throws IOException {
        var line = new ArrayList<>(OWN_SESSION);
        line.addAll(prefix());
        line.addAll(command);
        var builder = new ProcessBuilder(line)
                .directory(folder.toFile())
                .redirectInput(input)
                .redirectOutput(output)
                .redirectErrorStream(true);
        var environment = builder.environment();
        environment.keySet().removeIf(name -> name.startsWith("PG") || name.startsWith("LC_")
                || name.startsWith("MYSQL") || name.startsWith("MARIADB"));
        environment.put("LC_ALL", "C");
        return builder.start();
    }

    private List<String> prefix() {
        return switch (this) {
            case AS_IS -> List.of();
            case NAMESPACE -> List.of("unshare", "-U");
            case NOBODY ->
                List.of("setpriv", "--reuid=" + NOBODY_ID, "--regid=" + NOBODY_ID, "--clear-groups");
        };
    }

    private static List<String> findOwnSession() {
        if (onPath("setsid")) {
            return List.of("setsid");
        }
        // macOS has no setsid program, but it has a perl
        return onPath("perl") ? List.of("perl", "-MPOSIX", "-e", "POSIX::setsid(); exec @ARGV") : List.of();
    }

    private static boolean onPath(String program) {
        for (var folder : Objects.requireNonNullElse(System.getenv("PATH"), "").split(File.pathSeparator, -1)) {
            if (Files.isExecutable(Path.of(folder, program))) {
                return true;
            }
        }
        return false;
    }

    private static final class Unprivileged {

        static final Launcher FOUND = find();

        private static Launcher find() {
            if (!isRoot()) {
                return AS_IS;
            }
            for (var candidate : List.of(NAMESPACE, NOBODY)) {
                if (works(candidate)) {
                    return candidate;
                }
            }
            throw new DevClusterException("PostgreSQL does not run as root, and on this "
                    + System.getProperty("os.name").toLowerCase(Locale.ROOT) + " neither \"unshare -U\" nor \"setpriv\""
                    + " works to leave root. Run as another user, or install util-linux.");
        }

        private static boolean works(Launcher candidate) {
            if (!onPath(candidate.prefix().getFirst())) {
                return false;
            }
            try {
                var process = candidate.start(
                        Path.of("/"), Redirect.PIPE, Redirect.DISCARD, List.of("true"));
                return process.waitFor(10, TimeUnit.SECONDS) && process.exitValue() == 0;
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new DevClusterException("Interrupted while finding out how to leave root", e);
            }
        }
    }
}
