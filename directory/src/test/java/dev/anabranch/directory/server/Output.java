// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.directory.server;

import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;

/** All that this JVM has printed and logged since the first node started, kept beside the console. */
final class Output {
    private static final ByteArrayOutputStream KEPT = new ByteArrayOutputStream();

    static {
        System.setOut(new PrintStream(new Tee(System.out), true, StandardCharsets.UTF_8));
        System.setErr(new PrintStream(new Tee(System.err), true, StandardCharsets.UTF_8));
    }

    private Output() {}

    static void capture() {
        // The static block does it, once.
    }

    static String text() {
        synchronized (KEPT) {
            return KEPT.toString(StandardCharsets.UTF_8);
        }
    }

    private static final class Tee extends OutputStream {
        private final PrintStream console;

        Tee(PrintStream console) {
            this.console = console;
        }

        @Override
        public void write(int b) {
            synchronized (KEPT) {
                KEPT.write(b);
            }
            console.write(b);
        }

        @Override
        public void write(byte[] bytes, int from, int length) {
            synchronized (KEPT) {
                KEPT.write(bytes, from, length);
            }
            console.write(bytes, from, length);
        }

        @Override
        public void flush() {
            console.flush();
        }
    }
}
