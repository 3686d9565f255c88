// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.devcluster;

import java.nio.file.Files;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * What can be done with a server while it is a standby. Whether it is, the server itself says: it removes its {@code
 * standby.signal} when it is promoted. Thread-safe.
 */
final class Standby {

    private static final Duration TIME_TO_ANSWER = Duration.ofSeconds(10);
    private static final Duration TIME_TO_PROMOTE = Duration.ofSeconds(60);
    private static final Duration TIME_TO_STREAM = Duration.ofSeconds(15);
    private static final long POLL_MILLIS = 10;

    private final PostgresServer server;
    private final Postgres kind;
    private final ServerLife life;

    Standby(PostgresServer server, Postgres kind, ServerLife life) {
        this.server = server;
        this.kind = kind;
        this.life = life;
    }

    boolean isOne() {
        return kind.upstream() != null && Files.exists(Postgres.standbySignal(life.folder()));
    }

    synchronized void delay(Duration delay) {
        if (delay.isNegative() || delay.toMillis() > Integer.MAX_VALUE) {
            throw new IllegalArgumentException("A delay is 0 to 2147483647 ms, and not " + delay);
        }
        upstream();
        kind.delay(delay);
        life.reconfigure();
        if (life.isRunning()) {
            // a session that shows it has been told together with the process that replays
            await("replay with a delay of " + delay, TIME_TO_ANSWER, control -> control.is(
                    "select setting = ? from pg_settings where name = 'recovery_min_apply_delay'",
                    String.valueOf(delay.toMillis())));
        }
    }

    synchronized void pauseReplay() {
        upstream();
        var delayed = kind.delay().isPositive();
        var before = new @Nullable String[1];
        await("pause its replay", TIME_TO_ANSWER, control -> {
            if (isReplaying(control)) {
                control.ask("select pg_wal_replay_pause()");
            }
            // one that waits for a commit's delay to be over says "paused" after that, but replays nothing meanwhile
            var now = Objects.requireNonNullElse(control.ask("select pg_last_wal_replay_lsn()"), "none");
            boolean waits = delayed && now.equals(before[0]);
            before[0] = now;
            return waits || control.is("select pg_get_wal_replay_pause_state() = 'paused'");
        });
    }

    synchronized void resumeReplay() {
        upstream();
        await("resume its replay", TIME_TO_ANSWER, control -> {
            control.ask("select pg_wal_replay_resume()");
            return true;
        });
    }

    synchronized void promote() {
        var former = upstream();
        await("be promoted", TIME_TO_PROMOTE, control ->
                control.is("select pg_promote(true, " + TIME_TO_PROMOTE.toSeconds() + ")"));
        kind.follow(null);
        life.reconfigure();
        former.letGo();
    }

    synchronized void follow(PostgresServer other) {
        var former = upstream();
        if (other.follows(server)) {
            throw new IllegalArgumentException(server + " cannot follow " + other + ", which follows it");
        }
        boolean runs = life.isRunning();
        if (runs) {
            await("say whether it is paused", TIME_TO_ANSWER, control -> {
                if (!isReplaying(control)) {
                    throw new IllegalStateException(server + " has its replay paused, and would follow " + other
                            + " only later. Resume it first.");
                }
                return true;
            });
        }
        if (!former.server().equals(other)) {
            var next = former.at(other);
            next.keepWal();
            kind.follow(next);
            life.reconfigure();
            // this also ends the stream from there; else it would go on for as long as there is more of it
            former.letGo();
        }
        if (runs) {
            awaitStream(upstream());
        }
    }

    void awaitCaughtUp(Duration limit) {
        var target = positionOf(upstream().server());
        await("replay up to " + target, limit, control ->
                control.is("select coalesce(pg_last_wal_replay_lsn() >= ?::pg_lsn, false)", target));
    }

    /** Drops what the server that it follows keeps for it. */
    synchronized void letGo() {
        var former = kind.upstream();
        kind.follow(null);
        if (former != null) {
            former.letGo();
        }
    }

    private Upstream upstream() {
        var upstream = kind.upstream();
        if (upstream == null || !isOne()) {
            throw new IllegalStateException(server + " is no standby: it is a primary, or closed."
                    + " Make another by standby(name) of the primary.");
        }
        return upstream;
    }

    private static boolean isReplaying(Control control) throws SQLException {
        return control.is("select pg_get_wal_replay_pause_state() = 'not paused'");
    }

    /** How far the WAL has got there. */
    private static String positionOf(PostgresServer upstream) {
        try (var control = Control.of(upstream, TIME_TO_ANSWER)) {
            return Objects.requireNonNullElse(control.ask("select case when pg_is_in_recovery()"
                    + " then pg_last_wal_replay_lsn() else pg_current_wal_lsn() end"), "0/0");
        } catch (SQLException e) {
            throw new DevClusterException(upstream + " does not say how far it is: " + e.getMessage()
                    + ". Does it run?", e);
        }
    }

    private void awaitStream(Upstream upstream) {
        await("stream from " + upstream.server(), TIME_TO_STREAM.plus(kind.delay()), control -> {
            try (var there = Control.of(upstream.server(), TIME_TO_ANSWER)) {
                // a promoted server's stream first comes to the end of the timeline that it was a standby on
                var timeline = there.ask("select case when not pg_is_in_recovery() then"
                        + " substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8) end");
                return there.is("""
                                select exists (select from pg_replication_slots slot
                                    join pg_stat_replication sender on sender.pid = slot.active_pid
                                    where slot.slot_name = ? and sender.state = 'streaming')""", upstream.slot())
                        && control.is("""
                                select exists (select from pg_stat_wal_receiver
                                    where status = 'streaming' and sender_port::text = ?
                                    and coalesce(?, upper(lpad(to_hex(received_tli), 8, '0')))
                                        = upper(lpad(to_hex(received_tli), 8, '0')))""",
                                String.valueOf(upstream.server().port()), timeline);
            }
        });
    }

    private void await(String verb, Duration limit, Condition condition) {
        long deadline = System.nanoTime() + limit.toNanos();
        try (var control = Control.of(server, limit.plus(TIME_TO_ANSWER))) {
            while (!condition.holds(control)) {
                if (System.nanoTime() > deadline) {
                    throw life.failure("It did not " + verb + " within " + limit.toMillis() + " ms",
                            "Is it paused, delayed, or cut off from the server that it follows?", null);
                }
                TimeUnit.MILLISECONDS.sleep(POLL_MILLIS);
            }
        } catch (SQLException e) {
            throw life.failure("It could not " + verb + ": " + e.getMessage(), "Does it run?", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw life.failure("Interrupted before it could " + verb, "Do it again.", e);
        }
    }

    private interface Condition {
        boolean holds(Control control) throws SQLException;
    }
}
