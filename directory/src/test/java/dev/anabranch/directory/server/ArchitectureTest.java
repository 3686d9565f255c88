// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.directory.server;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

@AnalyzeClasses(packages = "dev.anabranch.directory.server", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {
    @ArchTest
    static final ArchRule PACKAGES_ARE_FREE_OF_CYCLES =
            slices().matching("dev.anabranch.directory.server.(*)..").should().beFreeOfCycles();

    @ArchTest
    static final ArchRule RULES_KNOW_NO_HTTP = noClasses()
            .that()
            .resideInAnyPackage("..server.store..", "..server.topology..", "..server.credential..", "..server.stream..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("jakarta.servlet..", "org.springframework.web..", "..server.http..", "..server.security..");
}
