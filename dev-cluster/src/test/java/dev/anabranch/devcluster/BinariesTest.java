// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.devcluster;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

class BinariesTest {

    @Test
    void unpackOnceThoughTwoAskAtOnce(@TempDir Path cache) throws Exception {
        Callable<Path> unpack = () -> new Binaries(cache).postgres();
        try (var executor = Executors.newFixedThreadPool(2)) {
            var first = executor.submit(unpack);
            var second = executor.submit(unpack);
            assertThat(first.get()).isEqualTo(second.get());
            assertThat(first.get().resolve("bin/postgres")).isExecutable();
        }
        try (Stream<Path> left = Files.list(cache)) {
            assertThat(left).hasSize(1);
        }
        var made = Files.getLastModifiedTime(unpack.call().resolve("bin/postgres"));
        assertThat(Files.getLastModifiedTime(unpack.call().resolve("bin/postgres"))).isEqualTo(made);
    }
}
