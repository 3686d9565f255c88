// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.routing;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;

/** A driver's connection that holds a permit of the budget until it is closed. It stands beneath the pool. */
final class PhysicalConnection extends DelegatingConnection {
    private final Connection driver;
    private final int generation;
    private final Runnable closed;
    private final AtomicBoolean permitHeld = new AtomicBoolean(true);

    /**
     * @param driver the driver's connection
     * @param generation which address and credentials it was made with
     * @param closed called once, after the connection is gone
     */
    PhysicalConnection(Connection driver, int generation, Runnable closed) {
        this.driver = driver;
        this.generation = generation;
        this.closed = closed;
    }

    int generation() {
        return generation;
    }

    @Override
    Connection target() {
        return driver;
    }

    @Override
    public void close() throws SQLException {
        try {
            driver.close();
        } finally {
            giveBack();
        }
    }

    @Override
    public void abort(Executor executor) throws SQLException {
        try {
            driver.abort(executor);
        } finally {
            giveBack();
        }
    }

    private void giveBack() {
        if (permitHeld.compareAndSet(true, false)) {
            closed.run();
        }
    }
}
