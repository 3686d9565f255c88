// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.directory.server;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
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

/**
 * Speaks so much of PostgreSQL's protocol, with TLS where it is wanted, as to ask whoever comes for the password itself; or
 * so much of MariaDB's.
 */
final class AskingServer implements AutoCloseable {
    private static final int TLS_REQUEST = 80877103;

    private final ServerSocket listener;
    private final SSLContext tls;
    private final boolean mariaDb;
    private final AtomicInteger connections = new AtomicInteger();
    private final List<String> received = new CopyOnWriteArrayList<>();

    private AskingServer(ServerSocket listener, SSLContext tls, boolean mariaDb) {
        this.listener = listener;
        this.tls = tls;
        this.mariaDb = mariaDb;
    }

    static AskingServer start() throws IOException {
        return start(false);
    }

    static AskingServer startAsMariaDb() throws IOException {
        return start(true);
    }

    private static AskingServer start(boolean mariaDb) throws IOException {
        ServerSocket listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        AskingServer server = new AskingServer(listener, selfSigned(), mariaDb);
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
                plain.setSoTimeout(5_000);
                if (mariaDb) {
                    askAsMariaDb(plain);
                } else {
                    ask(plain);
                }
            } catch (IOException e) {
                // The client went, or the test ended.
            }
        }
    }

    private void ask(Socket plain) throws IOException {
        DataInputStream in = new DataInputStream(plain.getInputStream());
        int length = in.readInt();
        int code = in.readInt();
        Socket socket = plain;
        if (code == TLS_REQUEST) {
            plain.getOutputStream().write('S');
            SSLSocket secured = secured(plain);
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

    /** Greets as a server whose way to log in is the password in clear, within TLS. */
    private void askAsMariaDb(Socket plain) throws IOException {
        ByteBuffer greeting = ByteBuffer.allocate(256).order(ByteOrder.LITTLE_ENDIAN);
        greeting.putInt(0).put((byte) 10).put("10.11.0-MariaDB\0".getBytes(StandardCharsets.US_ASCII));
        greeting.putInt(1).put("12345678\0".getBytes(StandardCharsets.US_ASCII));
        // CLIENT_MYSQL, PROTOCOL_41, SSL and SECURE_CONNECTION; then PLUGIN_AUTH.
        greeting.putShort((short) 0x8A01).put((byte) 45).putShort((short) 2).putShort((short) 0x0008);
        greeting.put((byte) 21).put(new byte[10]).put("123456789012\0".getBytes(StandardCharsets.US_ASCII));
        greeting.put("mysql_clear_password\0".getBytes(StandardCharsets.US_ASCII));
        greeting.putInt(0, greeting.position() - 4);
        plain.getOutputStream().write(greeting.array(), 0, greeting.position());
        packet(plain.getInputStream());
        received.add(packet(secured(plain).getInputStream()));
    }

    private static String packet(InputStream in) throws IOException {
        byte[] head = in.readNBytes(4);
        if (head.length < 4) {
            throw new EOFException();
        }
        int length = ByteBuffer.wrap(head).order(ByteOrder.LITTLE_ENDIAN).getInt() & 0xffffff;
        return new String(in.readNBytes(length), StandardCharsets.UTF_8);
    }

    private SSLSocket secured(Socket plain) throws IOException {
        SSLSocket secured = (SSLSocket) tls.getSocketFactory().createSocket(plain, null, plain.getPort(), false);
        secured.setUseClientMode(false);
        return secured;
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
