// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.devcluster;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

class PostgresServerTest {

    private static PostgresServer server;

    @BeforeAll
    static void start() throws SQLException {
        server = PostgresServer.start("shared", ServerOptions.defaults().withMaxConnections(42)
                .withSetting("application_name", "it's \"quoted\""));
        server.createDatabase("app");
    }

    @AfterAll
    static void close() {
        server.close();
        server.close();
        assertThat(server.folder()).doesNotExist();
        assertThat(server.isRunning()).isFalse();
    }

    @BeforeEach
    void runs() {
        if (!server.isRunning()) {
            server.restart();
        }
    }

    @Test
    void isConfiguredForThrowawayUse() throws SQLException {
        assertThat(setting("server_version")).startsWith("18.");
        assertThat(setting("fsync")).isEqualTo("off");
        assertThat(setting("full_page_writes")).isEqualTo("off");
        assertThat(setting("synchronous_commit")).isEqualTo("on");
        assertThat(setting("wal_level")).isEqualTo("logical");
        assertThat(setting("max_prepared_transactions")).isEqualTo("20");
        assertThat(setting("max_connections")).isEqualTo("42");
        assertThat(setting("listen_addresses")).isEqualTo("127.0.0.1");
        assertThat(query("select upper('äß')")).isEqualTo("Äß");
    }

    @Test
    void refusesAWrongPassword() throws SQLException {
        server.createRole("reader", "before");
        server.connect("app", "reader", "before").close();
        assertThatThrownBy(() -> server.connect("app", "reader", "guessed"))
                .isInstanceOfSatisfying(SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("28P01"));
        assertThatThrownBy(() -> server.connect("app", "postgres", "guessed")).isInstanceOf(SQLException.class);

        server.changePassword("reader", "after");
        server.connect("app", "reader", "after").close();
        assertThatThrownBy(() -> server.connect("app", "reader", "before")).isInstanceOf(SQLException.class);
        assertThat(server.log()).content().doesNotContain("before'", "after'", server.password());
    }

    @Test
    void keepsPortAndCommittedDataWhenKilledAndRestarted() throws SQLException {
        server.execute("app", "create table kept (id int); insert into kept values (7)");
        var port = server.port();
        var family = ProcessHandle.of(server.pid()).orElseThrow().descendants().map(ProcessHandle::pid).toList();
        assertThat(family).isNotEmpty();

        server.kill();

        assertThat(server.isRunning()).isFalse();
        assertThat(family).allSatisfy(pid -> assertThat(ProcessIdentity.of(pid)).isEmpty());
        assertThatThrownBy(() -> server.connect("app")).isInstanceOf(SQLException.class);

        server.restart();

        assertThat(server.port()).isEqualTo(port);
        assertThat(query("select id from kept")).isEqualTo("7");
    }

    @Test
    void restartsAfterSomebodyElseKilledIt() throws SQLException {
        ProcessHandle.of(server.pid()).orElseThrow().destroyForcibly();
        Await.until("the server noticed", Duration.ofSeconds(10), () -> !server.isRunning());
        server.restart();
        assertThat(query("select 1")).isEqualTo("1");
    }

    @Test
    void stopsInOrderAndRestarts() throws SQLException {
        try (var open = server.connect("app")) {
            server.stop();
            server.stop();
            assertThat(server.isRunning()).isFalse();
            assertThat(open.isValid(1)).isFalse();
        }
        assertThat(server.log()).content().contains("database system is shut down");
        var before = server.pid();
        server.restart();
        assertThat(server.pid()).isNotEqualTo(before);
        assertThat(query("select 1")).isEqualTo("1");
    }

    @Test
    void answersNothingWhilePaused() throws Exception {
        try (var connection = server.connect("app");
                var statement = connection.createStatement();
                var executor = Executors.newVirtualThreadPerTaskExecutor()) {
            server.pause();
            assertThat(server.isRunning()).isTrue();
            var answer = executor.submit(() -> statement.execute("select 1"));
            assertThatThrownBy(() -> answer.get(200, TimeUnit.MILLISECONDS)).isInstanceOf(TimeoutException.class);
            server.resume();
            assertThat(answer.get(10, TimeUnit.SECONDS)).isTrue();
        }
    }

    @Test
    void takesAnotherPortWhenItLosesTheRace() throws Exception {
        try (var taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            var asked = new AtomicInteger();
            try (var other = PostgresServer.start("other", ServerOptions.defaults(), Home.ofUser(),
                    () -> asked.getAndIncrement() == 0 ? taken.getLocalPort() : Ports.free())) {
                assertThat(asked).hasValue(2);
                assertThat(other.port()).isNotEqualTo(taken.getLocalPort());
                other.connect("postgres").close();
                assertThat(identifier(other)).isNotEqualTo(identifier(server));
            }
        }
    }

    @Test
    void saysWhatIsWrongAndLeavesNothing() throws IOException {
        var options = ServerOptions.defaults().withSetting("work_mem", "lots").withPassword("s3cret-word");
        assertThatThrownBy(() -> PostgresServer.start("broken", options))
                .isInstanceOf(DevClusterException.class)
                .hasMessageContainingAll("\"broken\"", Home.ofUser().servers() + "/broken-", "port ",
                        "invalid value for parameter \"work_mem\": \"lots\"")
                .hasMessageNotContaining("s3cret-word");
        try (var left = Files.newDirectoryStream(Home.ofUser().servers(), "broken-*")) {
            assertThat(left).isEmpty();
        }
        assertThat(options.toString()).doesNotContain("s3cret-word", "lots");
    }

    @Test
    void closesWhilePausedOrKilledAndLeavesNoSharedMemory() throws IOException {
        var before = sharedMemory();
        var paused = PostgresServer.start("paused");
        var killed = PostgresServer.start("killed");
        paused.pause();
        killed.kill();
        paused.close();
        killed.close();
        assertThat(ProcessIdentity.of(paused.pid())).isEmpty();
        assertThat(paused.folder()).doesNotExist();
        assertThat(killed.folder()).doesNotExist();
        assertThat(sharedMemory()).isEqualTo(before);
        assertThatThrownBy(killed::restart).isInstanceOf(IllegalStateException.class).hasMessageContaining("closed");
    }

    @Test
    void runsAsNobodyWhereNamespacesAreForbidden() throws Exception {
        assumeTrue(Launcher.isRoot(), "not root");
        var home = Home.ofUser();
        var path = home.servers().resolve(ServerFolder.uniqueName("nobody"));
        try (var other = PostgresServer.start("nobody", ServerOptions.defaults(), home, path, Lifetime.OWNED,
                Launcher.NOBODY, Ports::free)) {
            assertThat(ProcessHandle.of(other.pid()).orElseThrow().info().user()).contains("nobody");
            // what root runs and believes, nobody must not write; nor may others look in
            for (var mine : List.of("", "watchdog.sh", "server", "owner", "log")) {
                assertThat(Files.getOwner(path.resolve(mine)).getName()).as(mine).isEqualTo("root");
            }
            assertThat(Files.getPosixFilePermissions(path)).isEqualTo(PosixFilePermissions.fromString("rwx--x---"));
            assertThat(Files.getOwner(path.resolve("data")).getName()).isEqualTo("nobody");
            other.restart();
            other.connect("postgres").close();
        }
        assertThat(path).doesNotExist();
    }

    @Test
    void refusesNamesThatAreNoFolderNames() {
        for (var name : new String[] {"", "../x", "a b", "-x", "a'b", "x".repeat(64)}) {
            assertThatThrownBy(() -> PostgresServer.start(name)).isInstanceOf(IllegalArgumentException.class);
        }
    }

    private static long sharedMemory() throws IOException {
        var segments = Path.of("/proc/sysvipc/shm");
        assumeTrue(Files.exists(segments), "not Linux");
        try (var lines = Files.lines(segments)) {
            // other servers may come and go meanwhile: count those that nobody uses
            return lines.skip(1).filter(line -> line.strip().split("\\s+", -1)[6].equals("0")).count();
        }
    }

    private static String identifier(PostgresServer of) throws SQLException {
        return query(of, "select system_identifier from pg_control_system()");
    }

    private static String setting(String name) throws SQLException {
        return query("show " + name);
    }

    private static String query(String sql) throws SQLException {
        return query(server, sql);
    }

    private static String query(PostgresServer on, String sql) throws SQLException {
        var database = on == server ? "app" : "postgres";
        try (var connection = on.connect(database);
                var statement = connection.createStatement();
                var rows = statement.executeQuery(sql)) {
            assertThat(rows.next()).isTrue();
            return rows.getString(1);
        }
    }
}
