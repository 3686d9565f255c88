// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.operations.migration;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

/** The floors of the page ARCHITECTURE.md. */
@AnalyzeClasses(packages = "dev.anabranch.operations", importOptions = ImportOption.DoNotIncludeTests.class)
class MigrationArchitectureTest {
    private static final String ROOT = "dev.anabranch.operations.migration.";

    @ArchTest
    static final ArchRule FLOORS = layeredArchitecture()
            .consideringOnlyDependenciesInLayers()
            .layer("lint").definedBy(ROOT + "lint..")
            .layer("desired").definedBy(ROOT + "desired..")
            .layer("run").definedBy(ROOT + "run..")
            .layer("apply").definedBy(ROOT + "apply..")
            .layer("catalog").definedBy(ROOT + "catalog..")
            .layer("files").definedBy(ROOT + "files..")
            .layer("sql").definedBy(ROOT + "sql..")
            .whereLayer("lint").mayNotBeAccessedByAnyLayer()
            .whereLayer("run").mayNotBeAccessedByAnyLayer()
            .whereLayer("desired").mayOnlyBeAccessedByLayers("lint")
            .whereLayer("apply").mayOnlyBeAccessedByLayers("run")
            .whereLayer("catalog").mayOnlyBeAccessedByLayers("desired", "lint")
            .whereLayer("files").mayOnlyBeAccessedByLayers("apply", "run", "desired", "lint");

    @ArchTest
    static final ArchRule NO_CYCLES = slices().matching(ROOT + "(*)..").should().beFreeOfCycles();

    @ArchTest
    static final ArchRule NO_SERVER = noClasses()
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("org.springframework..", "java.net.http..", "jakarta.servlet..");

    @ArchTest
    static final ArchRule FLYWAY_WHERE_IT_APPLIES = noClasses()
            .that()
            .resideOutsideOfPackage(ROOT + "apply..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("org.flywaydb..");
}
