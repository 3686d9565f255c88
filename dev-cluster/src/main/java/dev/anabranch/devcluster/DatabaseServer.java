// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.devcluster;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;

/**
 * A real server on 127.0.0.1 that belongs to this JVM, with its data in a folder of its own.
 *
 * <p>Name, address and password stay the same for its whole life, through {@link #kill()} and {@link #restart()}.
 * {@link #close()} removes it with all its data; so does the end of the JVM, even by SIGKILL. Thread-safe.
 */
public sealed interface DatabaseServer extends AutoCloseable permits PostgresServer, MariaDbServer {

    /** What it speaks. */
    Flavor flavor();

    /** The name it was started under. */
    String name();

    /** Always {@code 127.0.0.1}: nothing outside of this machine reaches it. */
    default String host() {
        return "127.0.0.1";
    }

    /** Its TCP port, outside of the range that the system takes for outgoing connections. */
    int port();

    /** The superuser's name. */
    String superuser();

    /** The superuser's password. */
    String password();

    /** The folder that holds its data and log, gone after {@link #close()}. */
    Path folder();

    /** The folder the server itself calls its data folder. */
    default Path dataFolder() {
        return folder().resolve("data");
    }

    /** The file all its output goes to. */
    default Path log() {
        return folder().resolve("log");
    }

    /** The URL of one of its databases, without credentials. */
    default String jdbcUrl(String database) {
        return flavor().jdbcUrl(host(), port(), database);
    }

    /** Connects as the superuser. */
    default Connection connect(String database) throws SQLException {
        return connect(database, superuser(), password());
    }

    /** Connects as anybody, past every pool. */
    default Connection connect(String database, String user, String password) throws SQLException {
        return DriverManager.getConnection(jdbcUrl(database), user, password);
    }

    /** Executes one statement as the superuser, auto-committed (PostgreSQL also takes several). */
    default void execute(String database, String sql) throws SQLException {
        try (var connection = connect(database); var statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    /** Creates a database owned by the superuser; the name may be anything, it is quoted. */
    void createDatabase(String name) throws SQLException;

    /** The operating system's id of the server process, also after it has ended; another one after a restart. */
    long pid();

    /** Whether its process lives (paused counts as alive). */
    boolean isRunning();

    /** Shuts it down in order, ending all sessions; nothing happens if it does not run. The data stays. */
    void stop();

    /** Sends SIGKILL to the server and all its children, as a power cut would; nothing happens if it does not run. */
    void kill();

    /** Starts it again on the same port and data, after a {@link #stop()} if it runs. */
    void restart();

    /** Freezes the server and all its children (SIGSTOP): connections stay open and nothing answers. */
    void pause();

    /** Lets it go on after {@link #pause()} (SIGCONT). */
    void resume();

    /** Ends the server at once and removes its folder with all data; closing again does nothing. */
    @Override
    void close();
}
