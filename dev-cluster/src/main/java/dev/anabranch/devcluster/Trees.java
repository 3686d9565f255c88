// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.devcluster;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;

/** Folders with all that is in them. */
final class Trees {

    private Trees() {
    }

    /** Deletes a folder; what somebody else deletes meanwhile is as good. Links are not followed. */
    static void delete(Path root) throws IOException {
        List<Path> deepestFirst;
        try (var all = Files.walk(root)) {
            deepestFirst = all.sorted(Comparator.reverseOrder()).toList();
        } catch (NoSuchFileException gone) {
            return;
        }
        for (var path : deepestFirst) {
            Files.deleteIfExists(path);
        }
    }
}
