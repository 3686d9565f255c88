// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.directory.server;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;

/** Speaks so much of PostgreSQL's protocol, with TLS where it is wanted, as to ask whoever comes for the password itself. */
final class AskingServer implements AutoCloseable {
    private static final int TLS_REQUEST = 80877103;

    private final ServerSocket listener;
    private final SSLContext tls;
    private final AtomicInteger connections = new AtomicInteger();
    private final List<String> received = new CopyOnWriteArrayList<>();

    private AskingServer(ServerSocket listener, SSLContext tls) {
        this.listener = listener;
        this.tls = tls;
    }

    static AskingServer start() throws IOException {
        AskingServer server = new AskingServer(new ServerSocket(0, 50, InetAddress.getLoopbackAddress()), selfSigned());
        Thread.ofVirtual().start(server::accept);
        return server;
    }

    int port() {
        return listener.getLocalPort();
    }

    /** How many came. */
    int connections() {
        return connections.get();
    }

    /** What they answered when they were asked for the password. */
    List<String> received() {
        return received;
    }

    private void accept() {
        while (!listener.isClosed()) {
            try (Socket plain = listener.accept()) {
                connections.incrementAndGet();
                ask(plain);
            } catch (IOException e) {
                // The client went, or the test ended.
            }
        }
    }

    private void ask(Socket plain) throws IOException {
        plain.setSoTimeout(5_000);
        DataInputStream in = new DataInputStream(plain.getInputStream());
        int length = in.readInt();
        int code = in.readInt();
        Socket socket = plain;
        if (code == TLS_REQUEST) {
            plain.getOutputStream().write('S');
            SSLSocket secured = (SSLSocket) tls.getSocketFactory().createSocket(plain, null, plain.getPort(), false);
            secured.setUseClientMode(false);
            socket = secured;
            in = new DataInputStream(secured.getInputStream());
            length = in.readInt();
            in.readInt();
        }
        in.skipNBytes(length - 8L);
        DataOutputStream out = new DataOutputStream(socket.getOutputStream());
        out.writeByte('R');
        out.writeInt(8);
        out.writeInt(3);
        out.flush();
        received.add(new String(in.readAllBytes(), StandardCharsets.UTF_8));
    }

    /** With the JDK's own tool: its API makes no certificates. */
    private static SSLContext selfSigned() throws IOException {
        Path store = Node.newFile("keys.p12");
        String password = "of-no-worth";
        try {
            Process made = new ProcessBuilder(
                            Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                            "-genkeypair", "-alias", "a", "-keyalg", "EC", "-dname", "CN=asking", "-keystore",
                            store.toString(), "-storepass", password)
                    .redirectErrorStream(true)
                    .start();
            String said = new String(made.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (made.waitFor() != 0) {
                throw new IOException(said);
            }
            KeyStore keys = KeyStore.getInstance("PKCS12");
            try (InputStream in = Files.newInputStream(store)) {
                keys.load(in, password.toCharArray());
            }
            KeyManagerFactory managers = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            managers.init(keys, password.toCharArray());
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(managers.getKeyManagers(), null, null);
            return context;
        } catch (GeneralSecurityException e) {
            throw new IOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(e);
        }
    }

    @Override
    public void close() throws IOException {
        listener.close();
    }
}
