// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.routing;

import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * The most connections that this process holds to all databases together.
 *
 * <p>A permit is taken before a connection is made and given back after it was closed. (A server may still count one for
 * the instant in which it ends a session whose client has gone.) Pools are sized to share the budget ({@link PoolSettings#share}); the permits are what proves it while shares
 * change and pools are replaced.
 */
final class ConnectionBudget {
    private final int total;
    private final Semaphore permits;
    private final Runnable relief;

    /**
     * A budget with all permits free.
     *
     * @param total how many there are
     * @param relief called where none is free, to give back those that are held for nothing
     */
    ConnectionBudget(int total, Runnable relief) {
        this.total = total;
        this.relief = relief;
        this.permits = new Semaphore(total, true);
    }

    /** Waits for a permit, and says whether there was one within the time. */
    boolean take(Duration patience) throws InterruptedException {
        if (permits.tryAcquire()) {
            return true;
        }
        relief.run();
        return permits.tryAcquire(patience.toNanos(), TimeUnit.NANOSECONDS);
    }

    void giveBack() {
        permits.release();
    }

    int total() {
        return total;
    }

    int inUse() {
        return total - permits.availablePermits();
    }
}
