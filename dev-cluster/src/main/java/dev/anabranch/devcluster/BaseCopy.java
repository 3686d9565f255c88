// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.devcluster;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A copy of a running server's data, as pg_basebackup would make it: through PostgreSQL's low-level backup API. It is
 * only whole together with the WAL written meanwhile, which a standby streams.
 *
 * @see <a href="https://www.postgresql.org/docs/18/continuous-archiving.html#BACKUP-LOWLEVEL-BASE-BACKUP">The manual</a>
 */
final class BaseCopy {

    /** Folders whose content means nothing to another server, or is made again. */
    private static final Set<String> EMPTIED = Set.of("pg_wal", "pg_replslot", "pg_dynshmem", "pg_notify", "pg_serial",
            "pg_snapshots", "pg_stat_tmp", "pg_subtrans");
    private static final Set<String> LEFT_OUT = Set.of("postmaster.pid", "postmaster.opts", "backup_label",
            "backup_label.old", "tablespace_map", "backup_manifest", "postgresql.auto.conf.tmp", "current_logfiles");
    private static final Path PG_CONTROL = Path.of("global", "pg_control");
    private static final Duration TIME_FOR_CHECKPOINT = Duration.ofSeconds(60);

    private final PostgresServer server;
    private final Path from;
    private final Path to;
    private final Launcher launcher;

    /** Into a folder that is there and empty; what is made belongs to the launcher's account. */
    BaseCopy(PostgresServer server, Path to, Launcher launcher) {
        this.server = server;
        this.from = server.dataFolder();
        this.to = to;
        this.launcher = launcher;
    }

    void make() throws IOException {
        // the backup lasts as long as its session
        try (var control = Control.of(server, TIME_FOR_CHECKPOINT)) {
            if (control.is("select pg_is_in_recovery()")) {
                throw new DevClusterException(server + " is a standby, and no standby can be copied off it."
                        + " Make one of its primary, and have that follow it.");
            }
            control.ask("select pg_backup_start('standby', true)");
            Files.walkFileTree(from, new Copy());
            // last, so that it is not older than anything else
            copy(PG_CONTROL);
            var label = Objects.requireNonNull(control.ask("select labelfile from pg_backup_stop(false)"));
            var file = to.resolve("backup_label");
            Files.createFile(file, Home.OWNER_ONLY);
            Files.writeString(file, label, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS);
            launcher.handOver(file);
        } catch (SQLException e) {
            throw new DevClusterException("The data of " + server + " could not be copied: " + e.getMessage()
                    + ". Does it run?", e);
        }
    }

    private void copy(Path relative) throws IOException {
        var copy = to.resolve(relative);
        try {
            Files.copy(from.resolve(relative), copy, LinkOption.NOFOLLOW_LINKS);
        } catch (NoSuchFileException droppedMeanwhile) {
            return; // the WAL says so, too
        }
        launcher.handOver(copy);
    }

    private final class Copy extends SimpleFileVisitor<Path> {

        @Override
        public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) throws IOException {
            var relative = from.relativize(folder);
            var name = relative.getFileName().toString();
            if (name.startsWith("pgsql_tmp")) {
                return FileVisitResult.SKIP_SUBTREE;
            }
            if (!folder.equals(from)) {
                var copy = to.resolve(relative);
                Files.createDirectory(
                        copy, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
                launcher.handOver(copy);
            }
            return relative.getNameCount() == 1 && EMPTIED.contains(name)
                    ? FileVisitResult.SKIP_SUBTREE : FileVisitResult.CONTINUE;
        }

        @Override
        public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
            var relative = from.relativize(file);
            var name = relative.getFileName().toString();
            if (attributes.isSymbolicLink()) {
                throw new DevClusterException(server + " has data outside of its folder, at " + file
                        + ", which a standby beside it would share. Do without tablespaces.");
            }
            boolean leftOut = (relative.getNameCount() == 1 && LEFT_OUT.contains(name))
                    || name.startsWith("pg_internal.init") || relative.equals(PG_CONTROL);
            if (!leftOut && attributes.isRegularFile()) {
                copy(relative);
            }
            return FileVisitResult.CONTINUE;
        }

        @Override
        public FileVisitResult visitFileFailed(Path file, IOException e) throws IOException {
            return droppedMeanwhile(e);
        }

        @Override
        public FileVisitResult postVisitDirectory(Path folder, @Nullable IOException e) throws IOException {
            return e == null ? FileVisitResult.CONTINUE : droppedMeanwhile(e);
        }

        private FileVisitResult droppedMeanwhile(IOException e) throws IOException {
            if (e instanceof NoSuchFileException) {
                return FileVisitResult.CONTINUE;
            }
            throw e;
        }
    }
}
