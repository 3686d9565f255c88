// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.devcluster;

import java.sql.SQLException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class MariaDbServerTest {

    private static MariaDbServer server;

    @BeforeAll
    static void start() throws SQLException {
        server = MariaDbServer.start("maria", ServerOptions.defaults().withMaxConnections(42));
        server.createDatabase("app_1");
        server.createDatabase("appx1");
        server.createUser("o'app", "pass'word\\", "app_1");
    }

    @AfterAll
    static void close() {
        server.close();
        server.close();
        assertThat(server.folder()).doesNotExist();
        assertThat(ProcessIdentity.of(server.pid())).isEmpty();
    }

    @BeforeEach
    void runs() {
        if (!server.isRunning()) {
            server.restart();
        }
    }

    @Test
    void isConfigured() throws SQLException {
        assertThat(query("select version()")).startsWith("11.4.");
        assertThat(query("select @@max_connections")).isEqualTo("42");
        assertThat(query("select @@bind_address")).isEqualTo("127.0.0.1");
        assertThat(query("select @@character_set_server")).isEqualTo("utf8mb4");
    }

    @Test
    void hasNoAccountWithoutAPassword() throws SQLException {
        assertThat(query("select group_concat(concat(user, '@', host)) from mysql.user"
                + " where authentication_string in ('', 'invalid') and user <> 'mariadb.sys'")).isNull();
        assertThatThrownBy(() -> server.connect("mysql", "root", "")).isInstanceOf(SQLException.class);
        assertThatThrownBy(() -> server.connect("mysql", "root", "guessed")).isInstanceOf(SQLException.class);
        assertThatThrownBy(() -> server.connect("mysql", "", "")).isInstanceOf(SQLException.class);
    }

    @Test
    void givesAUserOneDatabaseOnly() throws SQLException {
        try (var connection = server.connect("app_1", "o'app", "pass'word\\");
                var statement = connection.createStatement()) {
            statement.execute("create table mine (id int)");
        }
        assertThatThrownBy(() -> server.connect("app_1", "o'app", "guessed")).isInstanceOf(SQLException.class);
        assertThatThrownBy(() -> server.connect("appx1", "o'app", "pass'word\\")).isInstanceOf(SQLException.class);

        server.changePassword("o'app", "another");
        server.connect("app_1", "o'app", "another").close();
        assertThatThrownBy(() -> server.connect("app_1", "o'app", "pass'word\\")).isInstanceOf(SQLException.class);
        server.changePassword("o'app", "pass'word\\");
    }

    @Test
    void keepsPortAndCommittedDataWhenKilledAndRestarted() throws SQLException {
        server.execute("app_1", "create table kept (id int)");
        server.execute("app_1", "insert into kept values (7)");
        var port = server.port();
        server.kill();
        assertThat(server.isRunning()).isFalse();
        server.restart();
        assertThat(server.port()).isEqualTo(port);
        assertThat(query("select id from app_1.kept")).isEqualTo("7");
    }

    @Test
    void saysWhatIsWrong() {
        var options = ServerOptions.defaults().withSetting("no_such_setting", "1").withPassword("s3cret-word");
        assertThatThrownBy(() -> MariaDbServer.start("broken", options))
                .isInstanceOf(DevClusterException.class)
                .hasMessageContainingAll("\"broken\"", "unknown variable 'no_such_setting=1'")
                .hasMessageNotContaining("s3cret-word");
    }

    private static String query(String sql) throws SQLException {
        try (var connection = server.connect("mysql");
                var statement = connection.createStatement();
                var rows = statement.executeQuery(sql)) {
            assertThat(rows.next()).isTrue();
            return rows.getString(1);
        }
    }
}
