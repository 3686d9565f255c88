// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.consistency;

import dev.anabranch.topology.Replica;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Who gets the next read: the one with the least outstanding work for its weight, and of equals the one that has had the
 * least for its weight so far. Safe for use by many threads.
 */
final class Shares {
    private final Map<String, AtomicInteger> outstanding = new ConcurrentHashMap<>();
    private final Map<String, Double> had = new HashMap<>();

    void lent(String server) {
        outstanding.computeIfAbsent(server, name -> new AtomicInteger()).incrementAndGet();
    }

    void returned(String server) {
        outstanding.computeIfAbsent(server, name -> new AtomicInteger()).decrementAndGet();
    }

    int outstanding(String server) {
        AtomicInteger count = outstanding.get(server);
        return count == null ? 0 : Math.max(0, count.get());
    }

    /** The next of these, of which there is one at least; it counts as having had one more. */
    synchronized Replica next(List<Replica> among) {
        Replica best = among.getFirst();
        double least = work(best);
        for (Replica one : among) {
            double work = work(one);
            if (work < least || (work == least && had(one) < had(best))) {
                best = one;
                least = work;
            }
        }
        // One that comes back, or was busy, is not given all that it has missed.
        double now = had(best);
        for (Replica one : among) {
            had.merge(one.name(), now, Math::max);
        }
        had.put(best.name(), now + 1.0 / best.weight());
        return best;
    }

    private double had(Replica replica) {
        return had.getOrDefault(replica.name(), 0.0);
    }

    private double work(Replica replica) {
        return outstanding(replica.name()) / (double) replica.weight();
    }
}
