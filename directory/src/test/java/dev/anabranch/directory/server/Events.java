// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.directory.server;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** A subscriber of the change stream, on a socket of its own. */
final class Events implements AutoCloseable {
    private final Socket socket;
    private final List<String> lines = new CopyOnWriteArrayList<>();
    private volatile boolean ended;

    private Events(Socket socket) {
        this.socket = socket;
    }

    static Events of(Node node, String token) {
        try {
            Socket socket = new Socket(InetAddress.getLoopbackAddress(), node.port());
            Events events = new Events(socket);
            OutputStream out = socket.getOutputStream();
            out.write(("GET /v1/changes HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\nAuthorization: Bearer "
                            + token + "\r\n\r\n")
                    .getBytes(StandardCharsets.US_ASCII));
            out.flush();
            Thread.ofVirtual().start(events::read);
            return events;
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private void read() {
        try (BufferedReader reader =
                new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8))) {
            String line = reader.readLine();
            while (line != null && !line.equals("0")) {
                lines.add(line);
                line = reader.readLine();
            }
        } catch (IOException e) {
            // Closed, by one side or the other.
        } finally {
            ended = true;
        }
    }

    long count(String line) {
        return lines.stream().filter(line::equals).count();
    }

    List<String> lines() {
        return lines;
    }

    boolean ended() {
        return ended;
    }

    void awaitRevision(long revision) {
        Await.until("revision " + revision + " in " + lines, () -> count("data: {\"revision\":" + revision + "}") > 0);
    }

    @Override
    public void close() {
        try {
            socket.close();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }
}
