// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.routing;

import dev.anabranch.consistency.ServerChoice;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.concurrent.atomic.AtomicBoolean;

/** A pool's connection that is lent to a reader, and the server that it leads to. */
final class Loan {
    private final ServerChoice choice;
    private final Connection connection;
    private final PhysicalConnection physical;
    private final AtomicBoolean ended = new AtomicBoolean();
    /** By {@link System#nanoTime()}; 0 while the reader does not wait for what can be had elsewhere. */
    private volatile long waitingSince;

    Loan(ServerChoice choice, Connection connection) throws SQLException {
        this.choice = choice;
        this.connection = connection;
        this.physical = connection.unwrap(PhysicalConnection.class);
    }

    /** Whether it is given back for the first time: an abort by another thread may be as fast as its owner. */
    boolean endsNow() {
        return ended.compareAndSet(false, true);
    }

    String server() {
        return choice.server();
    }

    boolean isReplica() {
        return !choice.isPrimary();
    }

    Connection connection() {
        return connection;
    }

    PhysicalConnection physical() {
        return physical;
    }

    /** From now on the reader waits for an answer that another server could give as well. */
    void waits() {
        waitingSince = System.nanoTime() | 1;
    }

    void waitsNoLonger() {
        waitingSince = 0;
    }

    /** How long the reader has been waiting; nothing where it does not. */
    long waitedNanos() {
        long since = waitingSince;
        return since == 0 ? 0 : System.nanoTime() - since;
    }
}
