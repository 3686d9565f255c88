// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.devcluster;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.UUID;
import java.util.concurrent.locks.ReentrantLock;

/**
 * One at a time works on a folder of detached servers: across the processes of a user by a lock on a file, which ends with
 * its process, and within a JVM by a lock of its own. The file is not in the folder, as that may go.
 */
final class FolderLock implements AutoCloseable {

    private static final ReentrantLock WITHIN_JVM = new ReentrantLock();

    private final FileChannel file;

    private FolderLock(FileChannel file) {
        this.file = file;
    }

    /** Waits for whoever works on the folder now. */
    static FolderLock on(Path realFolder) throws IOException {
        var name = UUID.nameUUIDFromBytes(realFolder.toString().getBytes(StandardCharsets.UTF_8));
        var path = Home.ofUser().folder().resolve("detached-" + name + ".lock");
        WITHIN_JVM.lock();
        try {
            var file = FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            try {
                file.lock();
                return new FolderLock(file);
            } catch (IOException | RuntimeException e) {
                file.close();
                throw e;
            }
        } catch (IOException | RuntimeException e) {
            WITHIN_JVM.unlock();
            throw e;
        }
    }

    @Override
    public void close() throws IOException {
        try {
            file.close();
        } finally {
            WITHIN_JVM.unlock();
        }
    }
}
