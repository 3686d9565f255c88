// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.spring.web;

import jakarta.servlet.ServletOutputStream;
import jakarta.servlet.WriteListener;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.HttpServletResponseWrapper;
import java.io.FilterWriter;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.Writer;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;

/**
 * A response that has something put into its headers at the last moment before it is committed: when what was written no
 * longer fits the container's buffer, when it is flushed or closed, and before an error or a redirect.
 *
 * <p>A container commits also when as much has been written as the content's length says; that counts too.
 */
final class TokenResponse extends HttpServletResponseWrapper {
    /** The most bytes that a character can become. */
    private static final int BYTES = 4;

    private final Runnable beforeCommit;
    private long written;
    private long length = Long.MAX_VALUE;
    private @Nullable ServletOutputStream stream;
    private @Nullable PrintWriter writer;

    /**
     * @param beforeCommit called whenever the next step may commit the response, perhaps several times
     */
    TokenResponse(HttpServletResponse response, Runnable beforeCommit) {
        super(response);
        this.beforeCommit = beforeCommit;
    }

    @Override
    public ServletOutputStream getOutputStream() throws IOException {
        ServletOutputStream found = stream;
        if (found == null) {
            found = new Bytes(super.getOutputStream());
            stream = found;
        }
        return found;
    }

    @Override
    public PrintWriter getWriter() throws IOException {
        PrintWriter found = writer;
        if (found == null) {
            found = new PrintWriter(new Characters(super.getWriter()));
            writer = found;
        }
        return found;
    }

    @Override
    public void flushBuffer() throws IOException {
        beforeCommit.run();
        super.flushBuffer();
    }

    @Override
    public void sendError(int status, String message) throws IOException {
        beforeCommit.run();
        super.sendError(status, message);
    }

    @Override
    public void sendError(int status) throws IOException {
        beforeCommit.run();
        super.sendError(status);
    }

    @Override
    public void sendRedirect(String location) throws IOException {
        beforeCommit.run();
        super.sendRedirect(location);
    }

    @Override
    public void sendRedirect(String location, int status, boolean clearBuffer) throws IOException {
        beforeCommit.run();
        super.sendRedirect(location, status, clearBuffer);
    }

    @Override
    public void setContentLength(int bytes) {
        length = bytes;
        super.setContentLength(bytes);
    }

    @Override
    public void setContentLengthLong(long bytes) {
        length = bytes;
        super.setContentLengthLong(bytes);
    }

    @Override
    public void setHeader(String name, @Nullable String value) {
        noteLength(name, value);
        super.setHeader(name, value);
    }

    @Override
    public void addHeader(String name, @Nullable String value) {
        noteLength(name, value);
        super.addHeader(name, value);
    }

    @Override
    public void setIntHeader(String name, int value) {
        noteLength(name, Integer.toString(value));
        super.setIntHeader(name, value);
    }

    @Override
    public void addIntHeader(String name, int value) {
        noteLength(name, Integer.toString(value));
        super.addIntHeader(name, value);
    }

    /** Spring MVC says the length by its header. */
    private void noteLength(String name, @Nullable String value) {
        if (value != null && name.equalsIgnoreCase(HttpHeaders.CONTENT_LENGTH)) {
            try {
                length = Long.parseLong(value.strip());
            } catch (NumberFormatException e) {
                // The container says what it thinks of that.
                length = 0;
            }
        }
    }

    @Override
    public void resetBuffer() {
        super.resetBuffer();
        written = 0;
    }

    private void before(long bytes) {
        written += bytes;
        if (written >= Math.min(length, getBufferSize())) {
            beforeCommit.run();
        }
    }

    private final class Bytes extends ServletOutputStream {
        private final ServletOutputStream to;

        Bytes(ServletOutputStream to) {
            this.to = to;
        }

        @Override
        public void write(int one) throws IOException {
            before(1);
            to.write(one);
        }

        @Override
        public void write(byte[] bytes, int offset, int count) throws IOException {
            before(count);
            to.write(bytes, offset, count);
        }

        @Override
        public void flush() throws IOException {
            beforeCommit.run();
            to.flush();
        }

        @Override
        public void close() throws IOException {
            beforeCommit.run();
            to.close();
        }

        @Override
        public boolean isReady() {
            return to.isReady();
        }

        @Override
        public void setWriteListener(WriteListener listener) {
            to.setWriteListener(listener);
        }
    }

    private final class Characters extends FilterWriter {
        Characters(Writer to) {
            super(to);
        }

        @Override
        public void write(int one) throws IOException {
            before(BYTES);
            super.write(one);
        }

        @Override
        public void write(char[] characters, int offset, int count) throws IOException {
            before((long) count * BYTES);
            super.write(characters, offset, count);
        }

        @Override
        public void write(String text, int offset, int count) throws IOException {
            before((long) count * BYTES);
            super.write(text, offset, count);
        }

        @Override
        public void flush() throws IOException {
            beforeCommit.run();
            super.flush();
        }

        @Override
        public void close() throws IOException {
            beforeCommit.run();
            super.close();
        }
    }
}
