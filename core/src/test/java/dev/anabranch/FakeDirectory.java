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
import java.net.ServerSocket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** The transport's other end, by hand: what the directory service says, so that it can be made to vanish. */
public final class FakeDirectory implements AutoCloseable {
    public static final String TOKEN = "anab_test_token";

    private final Set<String> listed = ConcurrentHashMap.newKeySet();
    private final AtomicInteger lookups = new AtomicInteger();
    private final Object changed = new Object();
    private volatile Topology topology;
    private @Nullable ServerSocket silent;
    private HttpServer server;
    private ExecutorService threads;
    private int port;
    private volatile boolean up;
    private volatile boolean replaced;
    private volatile boolean withheld;

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

    /** Takes connections and never answers. */
    public void startSilent() {
        try {
            silent = new ServerSocket(port, 50, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
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

    /** From now on keeps the passwords to itself, as from a token of another role than app. */
    public void withhold() {
        withheld = true;
    }

    /** From now on another server answers in its place, which knows nothing. */
    public void replace(boolean by) {
        replaced = by;
    }

    public int lookups() {
        return lookups.get();
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            if (replaced) {
                // As a proxy answers whose service is being replaced.
                byte[] page = "<html>default backend - 404</html>".getBytes(StandardCharsets.UTF_8);
                exchange.getResponseHeaders().set("Content-Type", "text/html");
                exchange.sendResponseHeaders(404, page.length);
                exchange.getResponseBody().write(page);
                return;
            }
            if (!("Bearer " + TOKEN).equals(exchange.getRequestHeaders().getFirst("Authorization"))) {
                exchange.sendResponseHeaders(401, -1);
                return;
            }
            String path = exchange.getRequestURI().getPath();
            if (path.equals("/v1/snapshot")) {
                Topology now = topology;
                byte[] body = TopologyJson.write(now, withheld ? TopologyJson.Credentials.NONE : TopologyJson.Credentials.ALL);
                String etag = "\"" + now.revision() + "\"";
                if (etag.equals(exchange.getRequestHeaders().getFirst("If-None-Match"))) {
                    exchange.sendResponseHeaders(304, -1);
                    return;
                }
                exchange.getResponseHeaders().set("ETag", etag);
                if (withheld) {
                    exchange.getResponseHeaders().set("X-Anabranch-Credentials", "withheld");
                }
                exchange.sendResponseHeaders(200, body.length);
                exchange.getResponseBody().write(body);
            } else if (path.equals("/v1/changes")) {
                exchange.sendResponseHeaders(200, 0);
                stream(exchange.getResponseBody());
            } else {
                lookups.incrementAndGet();
                boolean known = listed.contains(path.substring(path.lastIndexOf('/') + 1));
                byte[] body = (known ? "{}" : "{\"code\":\"tenant_unknown\"}").getBytes(StandardCharsets.UTF_8);
                exchange.getResponseHeaders().set("Content-Type", known ? "application/json" : "application/problem+json");
                exchange.sendResponseHeaders(known ? 200 : 404, body.length);
                exchange.getResponseBody().write(body);
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
        try {
            if (silent != null) {
                silent.close();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
