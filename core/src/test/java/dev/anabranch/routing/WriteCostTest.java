// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.routing;

import dev.anabranch.Anabranch;
import dev.anabranch.Servers;
import dev.anabranch.Settings;
import dev.anabranch.TopologySource;
import dev.anabranch.consistency.ConsistencyContext;
import dev.anabranch.consistency.ConsistencySession;
import dev.anabranch.devcluster.DevCluster;
import dev.anabranch.devcluster.PostgresServer;
import dev.anabranch.devcluster.ServerOptions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/** What reading what one wrote costs those who write: nothing that the primary could see. */
class WriteCostTest {
    private static final int WRITES = 10;
    private static final String END = "end of what is counted";

    private static DevCluster cluster;
    private static PostgresServer primary;

    @BeforeAll
    static void start() {
        ServerOptions logs = ServerOptions.defaults()
                .withSetting("log_statement", "all")
                .withSetting("log_line_prefix", "pid=%p ");
        cluster = DevCluster.builder().postgres("cost", logs).standby("cost-1", "cost").start();
        primary = cluster.postgres("cost");
        Servers.database(primary, "cost");
        cluster.postgres("cost-1").awaitCaughtUp(Duration.ofSeconds(10));
    }

    @AfterAll
    static void stop() {
        cluster.close();
    }

    /** Writes, and gives the session's process. */
    @FunctionalInterface
    private interface Writer {
        String write(boolean autoCommit) throws SQLException;
    }

    @Test
    void sendsThePrimaryNoStatementMoreThanABareConnectionDoes() throws SQLException {
        List<String> bare;
        try (Connection connection = primary.connect("cost", "cost", Servers.PASSWORD)) {
            bare = statements(autoCommit -> write(connection, autoCommit));
        }
        assertThat(bare).hasSize(WRITES * 4).contains("BEGIN", "COMMIT");

        try (Anabranch anabranch = Anabranch.open(Settings.of(
                new TopologySource.Fixed(Replicated.topology(
                        1,
                        Replicated.database(
                                "cost", primary, Replicated.replica("cost-1", cluster.postgres("cost-1"), "cost")))),
                "notes"))) {
            Replicated.awaitInRotation(anabranch, "cost-1");
            DataSource notes = anabranch.dataSource("notes");
            ConsistencySession session = new ConsistencySession();
            List<String> routed = statements(autoCommit -> ConsistencyContext.<String, SQLException>call(session, () -> {
                try (Connection connection = notes.getConnection()) {
                    return write(connection, autoCommit);
                }
            }));
            assertThat(routed).isEqualTo(bare);
            assertThat(session.required("cost")).isPresent();
        }
    }

    /** What the server says that the writer's session has sent, once it has said all. */
    private static List<String> statements(Writer writer) throws SQLException {
        String pid = "";
        for (boolean autoCommit : new boolean[] {true, false}) {
            for (int turn = 0; turn < WRITES; turn++) {
                pid = writer.write(autoCommit);
            }
        }
        primary.execute("cost", "select '" + END + " " + pid + "'");
        String prefix = "pid=" + pid + " ";
        String end = END + " " + pid;
        Servers.await("the server's log", () -> log().stream().anyMatch(line -> line.contains(end)));
        return log().stream()
                .filter(line -> line.startsWith(prefix) && (line.contains("statement: ") || line.contains("execute ")))
                .map(line -> line.replaceFirst(".*?LOG:\\s+(statement|execute [^:]+): ", ""))
                // The driver's own, and the question for the process.
                .filter(sql -> !sql.contains("pg_backend_pid") && !sql.contains("extra_float_digits"))
                .filter(sql -> !sql.contains("application_name"))
                // What the pool asks of a connection that it has just made.
                .dropWhile(sql -> !sql.contains("insert"))
                .toList();
    }

    private static List<String> log() {
        try {
            return Files.readAllLines(primary.log());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String write(Connection connection, boolean autoCommit) throws SQLException {
        connection.setAutoCommit(autoCommit);
        try (PreparedStatement insert = connection.prepareStatement("insert into note values ('c', ?)")) {
            insert.setString(1, "cost");
            insert.executeUpdate();
        }
        String pid = Replicated.ask(connection, "select pg_backend_pid()");
        if (!autoCommit) {
            connection.commit();
        }
        return pid;
    }
}
