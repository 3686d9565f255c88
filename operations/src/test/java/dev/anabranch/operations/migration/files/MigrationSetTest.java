// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.operations.migration.files;

import dev.anabranch.problem.AnabranchException;
import dev.anabranch.problem.ErrorCode;
import java.io.OutputStream;
import java.io.StringReader;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.flywaydb.core.api.resource.LoadableResource;
import org.flywaydb.core.internal.resolver.ChecksumCalculator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

class MigrationSetTest {
    @TempDir
    private Path folder;

    private void write(String name, String sql) throws Exception {
        Files.createDirectories(folder.resolve(name).getParent());
        Files.writeString(folder.resolve(name), sql);
    }

    @Test
    void sortsByNumberAndIgnoresWhatIsNoSql() throws Exception {
        write("V10__ten.sql", "");
        write("V9__nine_and_more.sql", "select 9");
        write("README.md", "");
        write(".V11__hidden.sql", "");
        MigrationSet set = MigrationSet.ofFolder(folder);
        assertThat(set.files()).extracting(MigrationFile::version).containsExactly(9L, 10L);
        assertThat(set.files().getFirst().description()).isEqualTo("nine and more");
        assertThat(set.files().getFirst().sql()).isEqualTo("select 9");
        assertThat(set.head()).isEqualTo(10);
        assertThat(set.upTo(9).files()).hasSize(1);
    }

    @Test
    void namesAMissingFolder() {
        assertInvalid(() -> MigrationSet.ofFolder(folder.resolve("nowhere")), "nowhere cannot be read");
    }

    @Test
    void namesAGap() throws Exception {
        write("V1__one.sql", "");
        write("V3__three.sql", "");
        assertInvalid(() -> MigrationSet.ofFolder(folder), "The version 2 is missing before V3__three.sql in " + folder);
    }

    @Test
    void namesTwoFilesOfOneVersion() throws Exception {
        write("V1__one.sql", "");
        write("V01__other.sql", "");
        assertInvalid(() -> MigrationSet.ofFolder(folder), "Two files have the version 1: ");
    }

    @ParameterizedTest
    @ValueSource(strings = {"V1_one.sql", "v1__one.sql", "V1.1__one.sql", "R__repeat.sql", "V0__zero.sql", "one.sql", "V1__.sql"})
    void refusesNamesThatLookLikeAMigrationAndAreNone(String name) throws Exception {
        write(name, "");
        assertInvalid(() -> MigrationSet.ofFolder(folder), name + " in " + folder + " is not named like a migration");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a", "a\nb\n", "a\r\nb\r\n", "a\rb", "\uFEFFa\n", "ä\n\n\nö", "\n", "a\n\uFEFFb"})
    void hasFlywaysChecksum(String sql) {
        int flyways = ChecksumCalculator.calculate(new LoadableResource() {
            @Override
            public StringReader read() {
                return new StringReader(sql);
            }

            @Override
            public String getAbsolutePath() {
                return "x";
            }

            @Override
            public String getAbsolutePathOnDisk() {
                return "x";
            }

            @Override
            public String getFilename() {
                return "x";
            }

            @Override
            public String getRelativePath() {
                return "x";
            }
        });
        assertThat(new MigrationFile(1, "x", "V1__x.sql", sql).checksum()).isEqualTo(flyways);
    }

    @Test
    void readsAFolderAndAJarOfTheClassPathAsOneSet() throws Exception {
        write("classes/db/billing/V1__one.sql", "select 1");
        write("classes/db/billing/deeper/V7__other.sql", "");
        Path jar = folder.resolve("billing.jar");
        try (OutputStream file = Files.newOutputStream(jar);
                var entries = new JarOutputStream(file)) {
            for (String name : List.of("db/", "db/billing/", "db/billing/more/")) {
                entries.putNextEntry(new JarEntry(name));
            }
            for (String name : List.of("db/billing/V1__one.sql", "db/billing/V2__two.sql", "db/billing/more/V3__three.sql")) {
                entries.putNextEntry(new JarEntry(name));
                entries.write(("select " + name.charAt(12)).getBytes(StandardCharsets.UTF_8));
            }
        }
        URL[] urls = {folder.resolve("classes/").toUri().toURL(), jar.toUri().toURL()};
        try (var loader = new URLClassLoader(urls, null)) {
            MigrationSet set = MigrationSet.ofClasspath(loader, "classpath:/db/billing/");
            assertThat(set.origin()).isEqualTo("classpath:db/billing");
            assertThat(set.files()).extracting(MigrationFile::fileName).containsExactly("V1__one.sql", "V2__two.sql");
            assertThat(set.files()).extracting(MigrationFile::sql).containsExactly("select 1", "select 2");
            write("classes/db/billing/V1__one.sql", "select 'another'");
            assertInvalid(
                    () -> MigrationSet.ofClasspath(loader, "db/billing"), "two different files classpath:db/billing/V1__one.sql");
            assertInvalid(() -> MigrationSet.ofClasspath(loader, "db/auth"), "no migrations at classpath:db/auth");
        }
    }

    private static void assertInvalid(ThrowingCallable call, String message) {
        assertThatExceptionOfType(AnabranchException.class)
                .isThrownBy(call)
                .withMessageContaining(message)
                .satisfies(e -> assertThat(e.code()).isEqualTo(ErrorCode.MIGRATION_INVALID));
    }
}
