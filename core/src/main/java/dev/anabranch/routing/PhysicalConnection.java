// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.routing;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/** A driver's connection that holds a permit of the budget until it is closed. It stands beneath the pool. */
final class PhysicalConnection extends DelegatingConnection {
    private final Connection driver;
    private final int generation;
    private final Consumer<PhysicalConnection> closed;
    private final AtomicBoolean permitHeld = new AtomicBoolean(true);

    /**
     * @param driver the driver's connection
     * @param generation which address and credentials it was made with
     * @param closed called once, after the connection is gone
     */
    PhysicalConnection(Connection driver, int generation, Consumer<PhysicalConnection> closed) {
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
            // At once and here: the permit goes back only when the connection is gone.
            driver.abort(Runnable::run);
        } finally {
            giveBack();
        }
    }

    private void giveBack() {
        if (permitHeld.compareAndSet(true, false)) {
            closed.accept(this);
        }
    }
}
