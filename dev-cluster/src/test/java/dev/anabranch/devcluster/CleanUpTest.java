// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.devcluster;

import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

/** Servers end with their JVM, however it ends. */
class CleanUpTest {

    private static final Duration LIMIT = Duration.ofSeconds(30);

    @Test
    void cleansUpAfterTheJvmWasKilled() throws Exception {
        try (var jvm = Jvm.start("stay")) {
            jvm.process().destroyForcibly().waitFor();
            jvm.awaitNothingLeft();
        }
    }

    @Test
    void cleansUpAfterTheJvmWasKilledWithItsServersPaused() throws Exception {
        try (var jvm = Jvm.start("pause")) {
            jvm.process().destroyForcibly().waitFor();
            jvm.awaitNothingLeft();
        }
    }

    @Test
    void cleansUpBeforeTheJvmHasExited() throws Exception {
        try (var jvm = Jvm.start("exit")) {
            assertThat(jvm.process().waitFor(30, TimeUnit.SECONDS)).isTrue();
            assertThat(jvm.servers()).allSatisfy(server -> assertThat(server.folder()).doesNotExist());
        }
    }

    @Test
    void cleansUpAfterCtrlC() throws Exception {
        try (var jvm = Jvm.start("stay")) {
            // what a terminal sends on Ctrl-C goes to the JVM's whole process group
            new ProcessBuilder("sh", "-c", "kill -s INT -- -" + jvm.process().pid()).inheritIO().start().waitFor();
            assertThat(jvm.process().waitFor(30, TimeUnit.SECONDS)).isTrue();
            assertThat(jvm.servers()).allSatisfy(server -> assertThat(server.folder()).doesNotExist());
        }
    }

    @Test
    void sweepsWhatADeadJvmAndADeadWatchdogLeft(@TempDir Path folder) throws Exception {
        var home = Home.of(folder);
        try (var jvm = Jvm.start("stay")) {
            // as after a power cut: nobody is left to clean up
            var left = home.servers().resolve("left-1");
            copy(jvm.servers().getFirst().folder(), left);
            var mine = home.servers().resolve("mine-1");
            Files.createDirectory(mine);
            var self = ProcessIdentity.self();
            Files.writeString(mine.resolve("owner"), self.pid() + "\n" + self.start() + "\n");
            var predecessor = home.servers().resolve("reused-1");
            Files.createDirectory(predecessor);
            Files.writeString(predecessor.resolve("owner"), self.pid() + "\nearlier\n");

            var halfMade = Files.createDirectory(home.servers().resolve(".new-1"));
            Files.setLastModifiedTime(halfMade, FileTime.from(Instant.now().minus(Duration.ofHours(1))));
            var beingMade = Files.createDirectory(home.servers().resolve(".new-2"));

            home.sweep();
            assertThat(left).exists();
            assertThat(halfMade).doesNotExist();
            assertThat(beingMade).exists();
            jvm.process().destroyForcibly().waitFor();
            home.sweep();

            assertThat(left).doesNotExist();
            assertThat(predecessor).doesNotExist();
            assertThat(mine).exists();
            jvm.awaitNothingLeft();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "\n\n", "12", "pid\nstart\n", "12\n"})
    void sweepsAFolderWhoseOwnerCannotBeReadOnceItIsOld(String owner, @TempDir Path folder) throws Exception {
        var home = Home.of(folder.resolve("home"));
        var unreadable = Files.createDirectory(home.servers().resolve("torn-1"));
        Files.writeString(unreadable.resolve("owner"), owner);

        home.sweep();
        assertThat(unreadable).exists();
        Files.setLastModifiedTime(unreadable, FileTime.from(Instant.now().minus(Duration.ofMinutes(2))));
        home.sweep();

        assertThat(unreadable).doesNotExist();
    }

    @Test
    void sweepsTheOthersWhereOneCannotBeLookedInto(@TempDir Path folder) throws Exception {
        var home = Home.of(folder.resolve("home"));
        var broken = Files.createDirectories(home.servers().resolve("a-1").resolve("owner"));
        var left = Files.createDirectory(home.servers().resolve("b-1"));
        Files.writeString(left.resolve("owner"), ProcessHandle.current().pid() + "\nearlier\n");

        home.sweep();

        assertThat(broken).exists();
        assertThat(left).doesNotExist();
    }

    @Test
    void takesNoHomeThatIsALinkOrSomebodyElses(@TempDir Path folder) throws Exception {
        var target = Files.createDirectory(folder.resolve("target"),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        var link = Files.createSymbolicLink(folder.resolve("link"), target);

        assertThatThrownBy(() -> Home.of(link)).isInstanceOf(DevClusterException.class).hasMessageContaining("link");
        assertThat(Files.getPosixFilePermissions(target)).isEqualTo(PosixFilePermissions.fromString("rwx------"));

        assumeTrue(Launcher.isRoot(), "only root gives folders away");
        Launcher.NOBODY.handOver(target);
        assertThatThrownBy(() -> Home.of(target)).isInstanceOf(DevClusterException.class).hasMessageContaining("nobody");
        assertThat(Files.getPosixFilePermissions(target)).isEqualTo(PosixFilePermissions.fromString("rwx------"));
    }

    @Test
    void closesThoughSomebodyKilledTheWatchdog() {
        var server = PostgresServer.start("unwatched");
        var watchdog = ProcessHandle.current().children()
                .filter(child -> child.info().arguments().stream().flatMap(Stream::of)
                        .anyMatch(argument -> argument.equals(server.folder().toString())))
                .filter(child -> child.pid() != server.pid())
                .findFirst().orElseThrow();
        watchdog.destroyForcibly();
        server.close();
        assertThat(server.folder()).doesNotExist();
        assertThat(ProcessIdentity.of(server.pid())).isEmpty();
    }

    private static void copy(Path from, Path to) throws IOException {
        Files.createDirectory(to);
        for (var name : List.of("owner", "server", "watchdog.sh")) {
            Files.copy(from.resolve(name), to.resolve(name));
        }
    }

    private record Server(long pid, Path folder) {
    }

    /** A JVM that owns a PostgreSQL server, its standby and a MariaDB server, in a session of its own. */
    private record Jvm(Process process, List<Server> servers) implements AutoCloseable {

        static Jvm start(String then) throws IOException {
            var java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
            var command = new ArrayList<>(Launcher.ownSession());
            command.addAll(List.of(
                    java, "-cp", System.getProperty("java.class.path"), ServerOwner.class.getName(), then));
            var process = new ProcessBuilder(command).redirectError(Redirect.INHERIT).start();
            var said = process.inputReader();
            return new Jvm(process, List.of(read(said.readLine()), read(said.readLine()), read(said.readLine())));
        }

        private static Server read(String line) {
            var words = Objects.requireNonNull(line, "The JVM ended early").split(" ", 2);
            return new Server(Long.parseLong(words[0]), Path.of(words[1]));
        }

        void awaitNothingLeft() {
            for (var server : servers) {
                Await.until("server " + server + " is gone", LIMIT, () -> ProcessIdentity.of(server.pid()).isEmpty());
                Await.until("folder of " + server + " is gone", LIMIT, () -> !Files.exists(server.folder()));
            }
        }

        @Override
        public void close() {
            process.destroyForcibly();
            awaitNothingLeft();
        }
    }
}
