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
public abstract sealed class DatabaseServer implements AutoCloseable permits PostgresServer, MariaDbServer {

    private final Flavor flavor;
    private final String name;
    private final String superuser;
    private final String password;
    private final ServerLife life;

    DatabaseServer(Flavor flavor, String name, String superuser, String password, ServerLife life) {
        this.flavor = flavor;
        this.name = name;
        this.superuser = superuser;
        this.password = password;
        this.life = life;
    }

    /** What it speaks. */
    public final Flavor flavor() {
        return flavor;
    }

    /** The name it was started under. */
    public final String name() {
        return name;
    }

    /** Always {@code 127.0.0.1}: nothing outside of this machine reaches it. */
    public final String host() {
        return "127.0.0.1";
    }

    /** Its TCP port, outside of the range that the system takes for outgoing connections. */
    public final int port() {
        return life.port();
    }

    /** The superuser's name. */
    public final String superuser() {
        return superuser;
    }

    /** The superuser's password. */
    public final String password() {
        return password;
    }

    /** The folder that holds its data and log, gone after {@link #close()}. */
    public final Path folder() {
        return life.folder().path();
    }

    /** The folder the server itself calls its data folder. */
    public final Path dataFolder() {
        return life.folder().data();
    }

    /** The file all its output goes to. */
    public final Path log() {
        return life.folder().log();
    }

    /** The URL of one of its databases, without credentials. */
    public final String jdbcUrl(String database) {
        return flavor().jdbcUrl(host(), port(), database);
    }

    /** Connects as the superuser. */
    public final Connection connect(String database) throws SQLException {
        return connect(database, superuser(), password());
    }

    /** Connects as anybody, past every pool. */
    public final Connection connect(String database, String user, String password) throws SQLException {
        return DriverManager.getConnection(jdbcUrl(database), user, password);
    }

    /** Executes one statement as the superuser, auto-committed (PostgreSQL also takes several). */
    public final void execute(String database, String sql) throws SQLException {
        try (var connection = connect(database); var statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    /** Creates a database owned by the superuser; the name may be anything, it is quoted. */
    public abstract void createDatabase(String database) throws SQLException;

    /** The operating system's id of the server process, also after it has ended; another one after a restart. */
    public final long pid() {
        return life.pid();
    }

    /** Whether its process lives (paused counts as alive). */
    public final boolean isRunning() {
        return life.isRunning();
    }

    /**
     * Shuts it down in order, ending all sessions; nothing happens if it does not run. The data stays. On PostgreSQL
     * this is the "fast" mode: open transactions are rolled back, and a checkpoint is written.
     */
    public final void stop() {
        life.stop();
    }

    /** Sends SIGKILL to the server and all its children, as a power cut would; nothing happens if it does not run. */
    public final void kill() {
        life.kill();
    }

    /** Starts it again on the same port and data, after a {@link #stop()} if it runs. */
    public final void restart() {
        life.restart();
    }

    /** Freezes the server and all its children (SIGSTOP): connections stay open and nothing answers. */
    public final void pause() {
        life.pause();
    }

    /** Lets it go on after {@link #pause()} (SIGCONT). */
    public final void resume() {
        life.resume();
    }

    /** Ends the server at once and removes its folder with all data; closing again does nothing. */
    @Override
    public void close() {
        life.close();
    }

    /** Name, address and folder, without the password. */
    @Override
    public final String toString() {
        return flavor + " \"" + name + "\" on " + host() + ":" + port() + " in " + folder();
    }
}
