// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.cli.terminal;

import java.io.PrintStream;
import java.util.Locale;
import java.util.function.LongSupplier;

/**
 * How far a piece of work has come: one line that is drawn again on a terminal, a line every few seconds elsewhere.
 *
 * <p>It looks by itself until it is closed; the work only counts.
 */
public final class ProgressBar implements AutoCloseable {
    private static final int WIDTH = 40;
    private static final long REDRAW_MILLIS = 100;
    private static final long LINE_MILLIS = 2_000;

    private final PrintStream out;
    private final boolean redraws;
    private final String label;
    private final long total;
    private final LongSupplier done;
    private final long begun = System.nanoTime();
    private final Thread thread;
    private boolean closed;

    /**
     * Begins to show progress.
     *
     * @param total what {@code done} counts up to, at least 1
     * @param done how much is done, asked from another thread
     */
    public ProgressBar(Terminal terminal, String label, long total, LongSupplier done) {
        this.out = terminal.err();
        this.redraws = terminal.errIsTerminal();
        this.label = label;
        this.total = Math.max(1, total);
        this.done = done;
        this.thread = Thread.ofVirtual().name("progress").start(this::run);
    }

    /** Draws the last state and leaves the line; closing again does nothing. */
    @Override
    public void close() {
        synchronized (this) {
            if (closed) {
                return;
            }
            closed = true;
            notifyAll();
        }
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        draw();
        if (redraws) {
            out.println();
        }
    }

    private synchronized void run() {
        try {
            while (!closed) {
                draw();
                wait(redraws ? REDRAW_MILLIS : LINE_MILLIS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void draw() {
        long now = Math.min(done.getAsLong(), total);
        double seconds = (System.nanoTime() - begun) / 1e9;
        int filled = (int) (WIDTH * now / total);
        var figures = String.format(Locale.ROOT, "%,d of %,d, %,.0f/s", now, total, now / Math.max(seconds, 0.001));
        if (redraws) {
            // back to the line's begin, and what was there before is erased to its end
            out.print("\r" + label + " [" + "#".repeat(filled) + " ".repeat(WIDTH - filled) + "] " + figures + "\033[K");
            out.flush();
        } else {
            out.println(label + ": " + figures);
        }
    }
}
