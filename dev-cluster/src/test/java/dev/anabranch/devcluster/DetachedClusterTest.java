// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.devcluster;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class DetachedClusterTest {

    private Path folder = Path.of("unset");

    @BeforeEach
    void choose(@TempDir Path temporary) {
        folder = temporary.resolve("my servers");
    }

    @AfterEach
    void cleanUp() {
        DetachedCluster.down(folder);
    }

    @Test
    void outlivesTheJvmThatBroughtItUp() throws Exception {
        var jvm = upper();
        assertThat(jvm.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(jvm.exitValue()).isZero();

        var up = DetachedCluster.status(folder);

        assertThat(up).extracting(ServerStatus::name).containsExactly("shard-1", "maria", "replica");
        assertThat(up).allMatch(ServerStatus::running);
        for (var server : up) {
            canConnect(server);
            assertThat(server.toString()).doesNotContain(server.password());
        }
        replicates(up.getFirst(), up.getLast());
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(folder.resolve("servers.properties"))))
                .isEqualTo("rw-------");
        assertThatThrownBy(() -> DetachedCluster.up(folder, "another"))
                .isInstanceOf(DevClusterException.class).hasMessageContainingAll("shard-1", "down first");

        assertThat(DetachedCluster.down(folder)).isEqualTo(up);

        assertThat(up).allSatisfy(server -> assertThat(ProcessIdentity.of(server.pid())).isEmpty());
        assertThat(folder).doesNotExist();
        assertThat(DetachedCluster.status(folder)).isEmpty();
        assertThat(DetachedCluster.down(folder)).isEmpty();
    }

    @Test
    void takesDownOnlyWhatIsUpAndWaitsForIt() throws Exception {
        var jvm = upper();
        Await.until("the servers are claimed", Duration.ofSeconds(60),
                () -> Files.exists(folder.resolve("servers.properties")));

        var down = DetachedCluster.down(folder);

        assertThat(jvm.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(jvm.exitValue()).as("it came up before it was taken down").isZero();
        assertThat(down).extracting(ServerStatus::name).containsExactly("shard-1", "maria", "replica");
        assertThat(down).allMatch(ServerStatus::running);
        assertThat(folder).doesNotExist();
    }

    @Test
    void seesAServerThatWasKilledAndStillTakesItDown() {
        var server = DetachedCluster.up(folder, "alone").getFirst();
        ProcessHandle.of(server.pid()).orElseThrow().destroyForcibly();
        Await.until("status says not running", Duration.ofSeconds(10),
                () -> !DetachedCluster.status(folder).getFirst().running());
        DetachedCluster.down(folder);
        assertThat(folder).doesNotExist();
    }

    @Test
    void leavesNothingThatDidNotComeUpAndKeepsWhatIsForeign() throws Exception {
        Files.createDirectories(folder);
        var foreign = Files.writeString(folder.resolve("notes.txt"), "mine");
        var broken = ServerOptions.defaults().withSetting("work_mem", "lots");
        assertThatThrownBy(() -> DetachedCluster.up(folder, Map.of("broken", Flavor.POSTGRES), broken))
                .isInstanceOf(DevClusterException.class).hasMessageContaining("work_mem");
        assertThat(foreign).exists();
        assertThat(folder.toFile().list()).containsExactly("notes.txt");

        for (var standbys : List.of(Map.of("replica", "nobody"), Map.of("one", "one"))) {
            assertThatThrownBy(() -> DetachedCluster.up(
                    folder, Map.of("one", Flavor.POSTGRES), standbys, ServerOptions.defaults()))
                    .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("standby");
        }

        var theirs = Files.writeString(Files.createDirectory(folder.resolve("shard-1")).resolve("data"), "mine");
        assertThatThrownBy(() -> DetachedCluster.up(folder, "shard-1"))
                .isInstanceOf(DevClusterException.class).hasMessageContaining("Move it away");
        DetachedCluster.down(folder);
        assertThat(theirs).hasContent("mine");
    }

    private Process upper() throws IOException {
        var java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        return new ProcessBuilder(java, "-cp", System.getProperty("java.class.path"), Upper.class.getName(),
                folder.toString()).inheritIO().start();
    }

    private static void replicates(ServerStatus primary, ServerStatus standby) throws SQLException {
        try (var there = connect(primary); var statement = there.createStatement()) {
            statement.execute("create table item as select 7 as id");
        }
        try (var here = connect(standby); var statement = here.createStatement()) {
            Await.until("the standby has the table", Duration.ofSeconds(10), () -> {
                try (var rows = statement.executeQuery("select to_regclass('item') is not null")) {
                    return rows.next() && rows.getBoolean(1);
                } catch (SQLException e) {
                    throw new AssertionError(e);
                }
            });
        }
    }

    private static Connection connect(ServerStatus server) throws SQLException {
        return DriverManager.getConnection(server.jdbcUrl("postgres"), server.user(), server.password());
    }

    private static void canConnect(ServerStatus server) throws SQLException {
        var database = server.flavor() == Flavor.POSTGRES ? "postgres" : "mysql";
        DriverManager.getConnection(server.jdbcUrl(database), server.user(), server.password()).close();
    }

    /** The program of a JVM that brings servers up and ends. */
    static final class Upper {

        private Upper() {
        }

        public static void main(String[] arguments) {
            var servers = new LinkedHashMap<String, Flavor>();
            servers.put("shard-1", Flavor.POSTGRES);
            servers.put("maria", Flavor.MARIADB);
            DetachedCluster.up(
                    Path.of(arguments[0]), servers, Map.of("replica", "shard-1"), ServerOptions.defaults());
        }
    }
}
