// SPDX-License-Identifier: Apache-2.0
package dev.anabranch;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.anabranch.topology.Topology;
import dev.anabranch.topology.TopologyJson;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;

/** The transport's other end, by hand: what the directory service says, so that it can be made to vanish. */
public final class FakeDirectory implements AutoCloseable {
    public static final String TOKEN = "anab_test_token";

    private final Set<String> listed = ConcurrentHashMap.newKeySet();
    private final AtomicInteger lookups = new AtomicInteger();
    private final Object changed = new Object();
    private volatile Topology topology;
    private HttpServer server;
    private ExecutorService threads;
    private int port;
    private volatile boolean up;

    public FakeDirectory(Topology topology) {
        this.topology = topology;
        start();
    }

    public void start() {
        try {
            server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        port = server.getAddress().getPort();
        threads = Executors.newVirtualThreadPerTaskExecutor();
        server.setExecutor(threads);
        server.createContext("/", this::answer);
        up = true;
        server.start();
    }

    public URI endpoint() {
        return URI.create("http://127.0.0.1:" + port);
    }

    public void publish(Topology next) {
        synchronized (changed) {
            topology = next;
            changed.notifyAll();
        }
    }

    public void list(String tenant) {
        listed.add(tenant);
    }

    public int lookups() {
        return lookups.get();
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            if (!("Bearer " + TOKEN).equals(exchange.getRequestHeaders().getFirst("Authorization"))) {
                exchange.sendResponseHeaders(401, -1);
                return;
            }
            String path = exchange.getRequestURI().getPath();
            if (path.equals("/v1/snapshot")) {
                byte[] body = TopologyJson.write(topology, true);
                exchange.getResponseHeaders().set("ETag", "\"" + topology.revision() + "\"");
                exchange.sendResponseHeaders(200, body.length);
                exchange.getResponseBody().write(body);
            } else if (path.equals("/v1/changes")) {
                exchange.sendResponseHeaders(200, 0);
                stream(exchange.getResponseBody());
            } else {
                lookups.incrementAndGet();
                boolean known = listed.contains(path.substring(path.lastIndexOf('/') + 1));
                exchange.sendResponseHeaders(known ? 200 : 404, -1);
            }
        }
    }

    private void stream(OutputStream body) throws IOException {
        long told = -1;
        while (up) {
            synchronized (changed) {
                while (up && topology.revision() == told) {
                    try {
                        changed.wait();
                    } catch (InterruptedException e) {
                        return;
                    }
                }
                told = topology.revision();
            }
            body.write(("event: revision\ndata: {\"revision\":" + told + "}\n\n").getBytes(StandardCharsets.UTF_8));
            body.flush();
        }
    }

    /** Goes away at once, open streams included. */
    @Override
    public void close() {
        synchronized (changed) {
            up = false;
            changed.notifyAll();
        }
        server.stop(0);
        threads.shutdownNow();
    }
}
