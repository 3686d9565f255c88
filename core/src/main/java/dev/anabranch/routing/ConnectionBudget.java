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
    private final Pooled pooled;
    private final Runnable relief;
    private int reserved;

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
        this.pooled = new Pooled(total);
    }

    /** What the pools may take; below nothing while they hold what has been reserved since. */
    private static final class Pooled extends Semaphore {
        private static final long serialVersionUID = 1L;

        Pooled(int permits) {
            super(permits, true);
        }

        void lower(int by) {
            reducePermits(by);
        }
    }

    /**
     * Keeps so many permits from the pools, for the connections that look after servers; one is left to the pools at least.
     *
     * @return how many are left to the pools
     */
    synchronized int reserve(int wanted) {
        int now = Math.max(0, Math.min(wanted, total - 1));
        if (now > reserved) {
            pooled.lower(now - reserved);
        } else {
            pooled.release(reserved - now);
        }
        reserved = now;
        return total - now;
    }

    /** Waits for a permit for a pool, and says whether there was one within the time. */
    boolean take(Duration patience) throws InterruptedException {
        long began = System.nanoTime();
        if (!within(pooled, patience.toNanos())) {
            return false;
        }
        if (within(permits, patience.toNanos() - (System.nanoTime() - began))) {
            return true;
        }
        pooled.release();
        return false;
    }

    /** Waits for a permit that may be one of those reserved, and says whether there was one within the time. */
    boolean takeReserved(Duration patience) throws InterruptedException {
        return within(permits, patience.toNanos());
    }

    private boolean within(Semaphore of, long nanos) throws InterruptedException {
        if (of.tryAcquire()) {
            return true;
        }
        relief.run();
        return of.tryAcquire(nanos, TimeUnit.NANOSECONDS);
    }

    /** Gives back what {@link #take} has given. */
    void giveBack() {
        permits.release();
        pooled.release();
    }

    /** Gives back what {@link #takeReserved} has given. */
    void giveBackReserved() {
        permits.release();
    }

    int total() {
        return total;
    }

    int inUse() {
        return total - permits.availablePermits();
    }
}
