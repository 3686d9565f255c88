// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.operations.migration.run;

import dev.anabranch.topology.Endpoint;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;

/** So many at once on each server, and so many in all. Thread-safe. */
final class ServerPermits {
    private final int perServer;
    private final Map<String, Semaphore> servers = new ConcurrentHashMap<>();
    private final Semaphore overall;

    ServerPermits(int perServer, int overall) {
        this.perServer = perServer;
        this.overall = new Semaphore(overall);
    }

    /** Waits for a permit; the server's first, so that nobody waits for a busy server with a permit for all in hand. */
    void take(Endpoint endpoint) throws InterruptedException {
        Semaphore server = of(endpoint);
        server.acquire();
        try {
            overall.acquire();
        } catch (InterruptedException e) {
            server.release();
            throw e;
        }
    }

    void giveBack(Endpoint endpoint) {
        overall.release();
        of(endpoint).release();
    }

    private Semaphore of(Endpoint endpoint) {
        return servers.computeIfAbsent(endpoint.host() + ":" + endpoint.port(), _ -> new Semaphore(perServer));
    }
}
