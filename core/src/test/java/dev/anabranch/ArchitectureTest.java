// SPDX-License-Identifier: Apache-2.0
package dev.anabranch;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import java.util.List;
import org.junit.jupiter.api.Test;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

/** The floors of core: each imports only from floors below. */
class ArchitectureTest {
    /** From the ground up. */
    private static final List<String> FLOORS = List.of("problem", "tenant", "topology", "consistency", "directory", "routing");

    private final JavaClasses core = new ClassFileImporter().importPath("target/classes");

    @Test
    void importsOnlyFromFloorsBelow() {
        for (int floor = 0; floor < FLOORS.size(); floor++) {
            for (String above : FLOORS.subList(floor + 1, FLOORS.size())) {
                noClasses()
                        .that()
                        .resideInAPackage("dev.anabranch." + FLOORS.get(floor) + "..")
                        .should()
                        .dependOnClassesThat()
                        .resideInAPackage("dev.anabranch." + above + "..")
                        .check(core);
            }
        }
        noClasses()
                .that()
                .resideInAPackage("dev.anabranch.*..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("dev.anabranch")
                .check(core);
        slices().matching("dev.anabranch.(*)..").should().beFreeOfCycles().check(core);
    }

    @Test
    void touchesJdbcWhereItBelongs() {
        noClasses()
                .that()
                .resideOutsideOfPackages("dev.anabranch.routing..", "dev.anabranch.consistency..", "dev.anabranch")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("java.sql", "javax.sql", "com.zaxxer..")
                .check(core);
    }

    @Test
    void knowsNoFramework() {
        noClasses()
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("org.springframework..", "org.hibernate..", "jakarta..")
                .check(core);
    }
}
