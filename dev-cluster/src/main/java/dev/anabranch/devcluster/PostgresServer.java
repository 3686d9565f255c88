// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.devcluster;

import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Objects;
import java.util.function.IntSupplier;
import org.postgresql.PGConnection;

/**
 * A PostgreSQL 18 server for throwaway use: fast rather than durable ({@code fsync} is off), UTF-8 in the {@code
 * C.UTF-8} locale, time zone UTC, {@code wal_level=logical}, passwords enforced (scram-sha-256).
 *
 * <p>Each has a system identifier of its own. The first start of a user unpacks the programs; the ones after take about
 * a second. As root it runs without root's rights.
 *
 * <p>{@link #standby(String)} makes a hot standby of a running server: it streams, and can be delayed, paused, promoted
 * and made to follow another. A server is a standby or a primary at a time; once promoted, it stays a primary.
 */
public final class PostgresServer extends DatabaseServer {

    private final Postgres kind;
    private final Standby standby;

    private PostgresServer(String name, String password, Postgres kind, ServerLife life) {
        super(Flavor.POSTGRES, name, Postgres.SUPERUSER, password, life);
        this.kind = kind;
        this.standby = new Standby(this, kind, life);
    }

    /** Starts a server with {@linkplain ServerOptions#defaults() the defaults}, ready to connect on return. */
    public static PostgresServer start(String name) {
        return start(name, ServerOptions.defaults());
    }

    /** Starts a server, ready to connect on return; throws {@link DevClusterException} and leaves nothing if it fails. */
    public static PostgresServer start(String name, ServerOptions options) {
        return start(name, options, Home.ofUser(), Ports::free);
    }

    static PostgresServer start(String name, ServerOptions options, Home home, IntSupplier ports) {
        ServerFolder.requireName(name);
        try {
            home.sweep();
            var path = home.servers().resolve(ServerFolder.uniqueName(name));
            return start(name, options, home, path, Lifetime.OWNED, Launcher.unprivileged(), ports);
        } catch (IOException e) {
            throw Home.unusable(home, e);
        }
    }

    static PostgresServer start(String name, ServerOptions options, Home home, Path path, Lifetime lifetime,
            Launcher launcher, IntSupplier ports) throws IOException {
        var password = Objects.requireNonNullElseGet(options.password(), Passwords::random);
        var kind = new Postgres(launcher, new Binaries(home.binaries()).postgres(), password, options, null);
        return begin(name, options, path, lifetime, kind, password, ports);
    }

    private static PostgresServer begin(String name, ServerOptions options, Path path, Lifetime lifetime, Postgres kind,
            String password, IntSupplier ports) {
        var life = ServerLife.begin(name, path, lifetime, kind, options.startTimeout(), ports);
        return new PostgresServer(name, password, kind, life);
    }

    @Override
    public void createDatabase(String database) throws SQLException {
        createDatabase(database, Postgres.SUPERUSER);
    }

    /** Creates a database owned by a role that exists. */
    public void createDatabase(String database, String owner) throws SQLException {
        execute(Postgres.SUPERUSER, "create database " + quoted(database) + " owner " + quoted(owner));
    }

    /** Creates a role that may log in with a password and nothing else; the password never travels in the clear. */
    public void createRole(String role, String rolePassword) throws SQLException {
        execute(Postgres.SUPERUSER, "create role " + quoted(role) + " login");
        changePassword(role, rolePassword);
    }

    /** Gives a role another password; sessions that are open stay open. */
    public void changePassword(String role, String newPassword) throws SQLException {
        try (var connection = connect(Postgres.SUPERUSER)) {
            connection.unwrap(PGConnection.class).alterUserPassword(role, newPassword.toCharArray(), "scram-sha-256");
        }
    }

    /** Makes a standby with this server's options; see {@link #standby(String, ServerOptions)}. */
    public PostgresServer standby(String standbyName) {
        return standby(standbyName, kind.options());
    }

    /**
     * Makes a hot standby of this server, which must run and be a primary: a copy on a port of its own that streams
     * what is written here, and answers reads on return. A replication slot here keeps what it has not got yet, also
     * while it is down; {@link #close()} of the standby drops that. Its superuser's password is this server's; roles
     * and passwords are copied as all else is. {@code max_connections} must not be below this server's, and there must be
     * no tablespaces. A setting of use is {@code max_standby_streaming_delay}: at 0, replay cancels the reads in its way.
     */
    public PostgresServer standby(String standbyName, ServerOptions options) {
        ServerFolder.requireName(standbyName);
        return standby(standbyName, options, folder().resolveSibling(ServerFolder.uniqueName(standbyName)),
                Lifetime.OWNED, Ports::free);
    }

    PostgresServer standby(String standbyName, ServerOptions options, Path path, Lifetime lifetime, IntSupplier ports) {
        if (options.password() != null && !options.password().equals(password())) {
            throw new IllegalArgumentException("The standby \"" + standbyName + "\" cannot have a superuser's password of"
                    + " its own: it has that of " + this);
        }
        var upstream = Upstream.of(this, standbyName);
        try {
            return begin(standbyName, options, path, lifetime, kind.standby(options, upstream), password(), ports);
        } catch (RuntimeException e) {
            upstream.letGo();
            throw e;
        }
    }

    /** Whether it is a standby, and thus takes no writes. */
    public boolean isStandby() {
        return standby.isOne();
    }

    /**
     * Has this standby replay each transaction this long after its commit, from now on and also after a restart; zero
     * for at once. What waits already is held to the new delay, within milliseconds. In whole milliseconds.
     */
    public void delay(Duration delay) {
        standby.delay(delay);
    }

    /**
     * Has this standby replay nothing more until {@link #resumeReplay()}, a promotion or a restart; it still receives,
     * and answers reads. Pausing again does nothing.
     */
    public void pauseReplay() {
        standby.pauseReplay();
    }

    /** Lets this standby replay again after {@link #pauseReplay()}. */
    public void resumeReplay() {
        standby.resumeReplay();
    }

    /**
     * Makes this standby a primary on a new timeline, for good; it takes writes on return. It first replays all that it
     * has received, whatever its delay, and even if its replay is paused. The server it followed needs not run, and is
     * left as it is: {@link #kill()} it first, or there are two primaries.
     */
    public void promote() {
        standby.promote();
    }

    /**
     * Has this standby follow another server of the same origin: the one that was promoted, or another standby. It
     * streams from there on return if it runs, else after {@link #restart()}; one with a delay replays what it has
     * first. It fails if this standby has replayed more than the other had when it was promoted, or if the other does
     * not keep WAL from that far back (128 MB by default); then close this one, and make another.
     */
    public void follow(PostgresServer other) {
        standby.follow(other);
    }

    /**
     * Waits until this standby has replayed all that the server it follows had written when this was called; throws
     * {@link DevClusterException} if that takes longer than the limit.
     */
    public void awaitCaughtUp(Duration limit) {
        standby.awaitCaughtUp(limit);
    }

    /** Whether it follows another, or one that follows that. */
    boolean follows(PostgresServer other) {
        var upstream = kind.upstream();
        return equals(other) || (upstream != null && upstream.server().follows(other));
    }

    /** Removes it, and if it is a standby, what the server it follows keeps for it. */
    @Override
    public void close() {
        super.close();
        standby.letGo();
    }

    private static String quoted(String identifier) {
        return "\"" + identifier.replace("\"", "\"\"") + "\"";
    }
}
