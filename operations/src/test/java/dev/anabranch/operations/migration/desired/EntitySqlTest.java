// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.operations.migration.desired;

import dev.anabranch.operations.migration.desired.broken.Unmappable;
import dev.anabranch.operations.migration.desired.elsewhere.Placed;
import dev.anabranch.operations.migration.desired.launch.Launch;
import dev.anabranch.operations.migration.desired.shop.Shop;
import dev.anabranch.problem.AnabranchException;
import dev.anabranch.problem.ErrorCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class EntitySqlTest {
    private static final Duration LIMIT = Duration.ofMinutes(1);

    @TempDir
    private Path folder;

    private static String export(Path entities) {
        return new EntitySql(entities, 18, LIMIT).export().sql();
    }

    @Test
    void exportsAnExecutableJarWithTheNamesThatSpringBootGives() throws IOException {
        Path classes = ApplicationFiles.classes(folder.resolve("classes"), Shop.class);
        Path jar = ApplicationFiles.executableJar(
                folder.resolve("shop.jar"), classes, ApplicationFiles.libraries("spring-"));

        assertThat(export(jar))
                .contains("create table customer_order (")
                .contains("tracking_id uuid")
                .contains("create sequence customer_order_seq start with 1 increment by 50")
                .contains("time_limit bigint")
                .contains("customer_order_tag_names")
                .doesNotContain("customerorder");
    }

    @Test
    void exportsAFolderOfClassesWithTheLibrariesOfTheJarBesideIt() throws IOException {
        Path classes = ApplicationFiles.classes(folder.resolve("target/classes"), Shop.class);
        ApplicationFiles.executableJar(
                folder.resolve("target/shop-exec.jar"), classes, ApplicationFiles.libraries("spring-"));
        ApplicationFiles.plainJar(folder.resolve("target/shop.jar"), classes);

        assertThat(export(classes)).contains("create table customer_order (");
        assertThat(export(folder.resolve("target/shop.jar"))).isEqualTo(export(classes));
    }

    @Test
    void takesHibernatesOwnNamesWhereThereIsNoSpringBoot() throws IOException {
        Path classes = ApplicationFiles.classes(folder.resolve("target/classes"), Shop.class);
        ApplicationFiles.classPathFile(folder.resolve("target"), ApplicationFiles.libraries());

        assertThat(export(classes)).contains("create table CustomerOrder (").contains("trackingId uuid");
    }

    @Test
    void takesTheNamingStrategyThatTheApplicationSets() throws IOException {
        Path classes = ApplicationFiles.classes(folder.resolve("target/classes"), Shop.class);
        Files.writeString(
                classes.resolve("application.yaml"),
                """
                spring:
                  jpa:
                    hibernate.naming.physical-strategy: org.hibernate.boot.model.naming.PhysicalNamingStrategyStandardImpl
                    properties:
                      hibernate.type.preferred_uuid_jdbc_type: CHAR
                ---
                spring.config.activate.on-profile: other
                spring.jpa.hibernate.naming.physical-strategy: no.such.Strategy
                """);
        Path libraries = Files.createDirectories(folder.resolve("target/dependency"));
        for (Path library : ApplicationFiles.libraries("spring-")) {
            Files.copy(library, libraries.resolve(library.getFileName()));
        }

        assertThat(export(classes)).contains("create table CustomerOrder (").contains("trackingId char(36)");
    }

    @Test
    void mapsOnlyWhatEntityScanNames() throws IOException {
        Path classes = ApplicationFiles.classes(folder.resolve("target/classes"), Shop.class);
        ApplicationFiles.classes(classes, Placed.class);
        ApplicationFiles.classPathFile(folder.resolve("target"), ApplicationFiles.libraries("spring-"));

        assertThat(export(classes)).contains("neighbour.placed").doesNotContain("customer");
    }

    @Test
    void findsEntitiesInTheLibraryThatEntityScanPointsTo() throws IOException {
        Path classes = ApplicationFiles.classes(folder.resolve("classes"), Launch.class);
        List<Path> libraries = new ArrayList<>(ApplicationFiles.libraries("spring-"));
        libraries.add(ApplicationFiles.plainJar(
                folder.resolve("shop.jar"), ApplicationFiles.classes(folder.resolve("shop"), Shop.class)));

        assertThat(export(ApplicationFiles.executableJar(folder.resolve("app.jar"), classes, libraries)))
                .contains("create table customer_order (");
    }

    @Test
    void tellsHibernatesReasonWhereAMappingIsWrong() throws IOException {
        Path classes = ApplicationFiles.classes(folder.resolve("target/classes"), Unmappable.class);
        ApplicationFiles.classPathFile(folder.resolve("target"), ApplicationFiles.libraries());

        assertThatThrownBy(() -> export(classes))
                .isInstanceOfSatisfying(AnabranchException.class, e -> {
                    assertThat(e.code()).isEqualTo(ErrorCode.CONFIGURATION_INVALID);
                    assertThat(e.problem()).contains("Unmappable").contains("identifier").contains("exit code 1");
                });
    }

    @Test
    void saysWhatToDoWithoutHibernate() throws IOException {
        Path classes = ApplicationFiles.classes(folder.resolve("target/classes"), Shop.class);

        assertThatThrownBy(() -> export(classes))
                .hasMessageContaining("Hibernate is not among the libraries")
                .hasMessageContaining("copy-dependencies")
                .hasMessageContaining("build-classpath");
    }

    @Test
    void saysWhereThereIsNothing() throws IOException {
        Path classes = Files.createDirectories(folder.resolve("target/classes"));
        ApplicationFiles.classPathFile(folder.resolve("target"), ApplicationFiles.libraries());
        Path text = Files.writeString(folder.resolve("text.jar"), "not a jar");

        assertThatThrownBy(() -> export(classes)).hasMessageContaining("no class annotated @Entity");
        assertThatThrownBy(() -> export(folder.resolve("missing.jar"))).hasMessageContaining("no jar and no folder");
        assertThatThrownBy(() -> export(text)).hasMessageContaining("is not a jar");
    }

    @Test
    void endsAnExportThatTakesTooLong() throws IOException {
        Path classes = ApplicationFiles.classes(folder.resolve("target/classes"), Shop.class);
        ApplicationFiles.classPathFile(folder.resolve("target"), ApplicationFiles.libraries());

        assertThatThrownBy(() -> new EntitySql(classes, 18, Duration.ofMillis(1)).export())
                .hasMessageContaining("was not done in 0 s");
        assertThat(ProcessHandle.current().children().filter(ProcessHandle::isAlive).toList())
                .noneMatch(child -> List.of(child.info().arguments().orElse(new String[0]))
                        .contains(EntityExport.class.getName()));
    }
}
