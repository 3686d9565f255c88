// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.devcluster;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

class OwnedFolderTest {

    @TempDir Path parent = Path.of("unset");

    @Test
    void sweepsThoseOfTheDeadAndNothingElse() throws Exception {
        var mine = OwnedFolder.create(parent, "some-");
        var self = ProcessHandle.current().pid();
        // the pid lives, but it is another process's by now
        var reused = Files.createDirectory(parent.resolve("some-reused"));
        Files.writeString(reused.resolve("owner"), self + "\nearlier\n");
        Files.writeString(Files.createDirectory(reused.resolve("deep")).resolve("token"), "secret");
        var target = Files.createDirectory(parent.resolve("elsewhere"));
        Files.writeString(target.resolve("owner"), self + "\nearlier\n");
        var link = Files.createSymbolicLink(parent.resolve("some-link"), target);
        var dangling = Files.createSymbolicLink(parent.resolve("some-dangling"), parent.resolve("nothing"));
        var young = Files.createDirectory(parent.resolve("some-young"));

        var next = OwnedFolder.create(parent, "some-");

        assertThat(reused).doesNotExist();
        assertThat(mine.path()).exists();
        assertThat(young).exists();
        assertThat(target).isNotEmptyDirectory();
        assertThat(link).isSymbolicLink();
        assertThat(dangling).isSymbolicLink();
        next.delete();
        next.delete();
        assertThat(next.path()).doesNotExist();
    }
}
