// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.spring.migrate;

import dev.anabranch.operations.migration.files.MigrationFile;
import dev.anabranch.problem.AnabranchException;
import dev.anabranch.spring.AnabranchProperties.Migrate;
import dev.anabranch.spring.AnabranchProperties.Migrate.AtStart;
import dev.anabranch.topology.Flavor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.core.io.support.PathMatchingResourcePatternResolver;
import org.springframework.mock.env.MockEnvironment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.tuple;

class MigrationFilesTest {
    @TempDir
    private Path folder;

    @Test
    void aFlavorsOwnFolderWinsAndMySqlTakesMariaDbs() throws IOException {
        file("postgres/V1__postgres.sql");
        assertThat(names(Flavor.POSTGRES)).containsExactly("V1__postgres.sql");
        file("mariadb/V1__maria.sql");
        file("mariadb/V2__maria.sql");
        assertThat(names(Flavor.MARIADB)).containsExactly("V1__maria.sql", "V2__maria.sql");
        assertThat(names(Flavor.MYSQL)).containsExactly("V1__maria.sql", "V2__maria.sql");
        file("mysql/V1__my.sql");
        assertThat(names(Flavor.MYSQL)).containsExactly("V1__my.sql");
    }

    @Test
    void noneAreNoneAndThoseOfOtherFlavorsAloneAreRefused() throws IOException {
        assertThat(files().of(Flavor.POSTGRES)).isEmpty();
        file("mariadb/V1__maria.sql");
        assertThatExceptionOfType(AnabranchException.class)
                .isThrownBy(() -> files().of(Flavor.POSTGRES))
                .withMessageContainingAll("other flavors than postgres", "V1__maria.sql");
    }

    @Test
    void commonOnesBesideAFlavorsOwnAreRefusedAndNotDropped() throws IOException {
        file("V1__common.sql");
        file("postgres/V2__postgres.sql");
        assertThatExceptionOfType(AnabranchException.class)
                .isThrownBy(() -> files().of(Flavor.POSTGRES))
                .withMessageContainingAll("V1__common.sql", "/postgres", "V2__postgres.sql");
        assertThat(names(Flavor.MARIADB)).containsExactly("V1__common.sql");
    }

    @Test
    void aMisspeltFileIsRefused() throws IOException {
        file("v1_note.sql");
        assertThatExceptionOfType(AnabranchException.class)
                .isThrownBy(() -> files().of(Flavor.POSTGRES))
                .withMessageContaining("v1_note.sql");
    }

    @ParameterizedTest
    @ValueSource(strings = {"classpath:db/shipped", "classpath:db/shipped/", "db/shipped"})
    void findsThemOnTheClassPathWithAndWithoutThePrefix(String location) {
        MigrationFiles files = new MigrationFiles(new PathMatchingResourcePatternResolver(), location);
        assertThat(files.of(Flavor.POSTGRES).orElseThrow().files())
                .extracting(MigrationFile::fileName, MigrationFile::sql)
                .containsExactly(tuple("V1__shipped.sql", "create table shipped (id int);\n"));
    }

    @ParameterizedTest
    @CsvSource({
        ", , APPLY",
        ", dev, APPLY",
        ", prod, VERIFY",
        ", Production, VERIFY",
        "APPLY, prod, APPLY",
        "OFF, prod, OFF",
        "VERIFY, dev, VERIFY"
    })
    void theProfileChoosesWhereNobodyElseHas(@Nullable AtStart configured, @Nullable String profile, AtStart chosen) {
        MockEnvironment environment = new MockEnvironment();
        if (profile != null) {
            environment.setActiveProfiles("other", profile);
        }
        Migrate migrate = new Migrate(configured, Migrate.DEFAULT_LOCATION, Duration.ofMinutes(1));
        assertThat(AnabranchMigrateAutoConfiguration.mode(migrate, environment)).isEqualTo(chosen);
    }

    private MigrationFiles files() {
        return new MigrationFiles(new PathMatchingResourcePatternResolver(), "file:" + folder);
    }

    private List<String> names(Flavor flavor) {
        return files().of(flavor).orElseThrow().files().stream()
                .map(MigrationFile::fileName)
                .toList();
    }

    private void file(String path) throws IOException {
        Path file = folder.resolve(path);
        Files.createDirectories(file.getParent());
        Files.writeString(file, "select 1;");
    }
}
