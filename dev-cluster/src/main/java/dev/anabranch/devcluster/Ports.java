// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.devcluster;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Free ports. They come from below the range that systems take for outgoing connections (32768 on Linux, 49152
 * elsewhere): while a server is down, a client that keeps trying must not get its port, not even by connecting to
 * itself, or a restart on the same port would fail.
 */
final class Ports {

    private static final int FIRST = 15_000;
    private static final int BEHIND_LAST = 32_000;
    private static final int ATTEMPTS = 1_000;

    private Ports() {
    }

    /** A port that was free a moment ago; whoever takes it may still lose the race and then asks again. */
    static int free() {
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            int port = ThreadLocalRandom.current().nextInt(FIRST, BEHIND_LAST);
            try (var probe = new ServerSocket()) {
                probe.bind(new InetSocketAddress(InetAddress.getByAddress(new byte[] {127, 0, 0, 1}), port));
                return port;
            } catch (IOException taken) {
                // the next one, then
            }
        }
        throw new DevClusterException("No free port on 127.0.0.1 between " + FIRST + " and " + BEHIND_LAST + " in "
                + ATTEMPTS + " attempts. Look for servers left behind: ss -ltnp");
    }
}
