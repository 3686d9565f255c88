// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.spring.migrate;

import dev.anabranch.operations.migration.apply.MigrationSettings;
import dev.anabranch.operations.migration.apply.SchemaMigrator;
import dev.anabranch.spring.AnabranchAutoConfiguration;
import dev.anabranch.spring.AnabranchProperties;
import dev.anabranch.spring.AnabranchProperties.Migrate;
import dev.anabranch.spring.CheckAtStart;
import dev.anabranch.spring.PreparationAtStart;
import java.util.Arrays;
import java.util.Locale;
import java.util.Set;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.core.env.Environment;

/** Brings the group's schema to head at start, or refuses to start where it is behind. */
@AutoConfiguration(before = AnabranchAutoConfiguration.class)
@ConditionalOnClass(SchemaMigrator.class)
@ConditionalOnBooleanProperty(name = "anabranch.enabled", matchIfMissing = true)
@EnableConfigurationProperties(AnabranchProperties.class)
public final class AnabranchMigrateAutoConfiguration {
    private static final Set<String> PRODUCTION = Set.of("prod", "production");

    @Bean
    GroupMigrations anabranchGroupMigrations(ApplicationContext resources, AnabranchProperties properties) {
        return GroupMigrations.of(resources, properties);
    }

    @Bean
    @ConditionalOnMissingBean
    SchemaMigrator anabranchSchemaMigrator(Environment environment, AnabranchProperties properties) {
        return new SchemaMigrator(MigrationSettings.DEFAULT
                .withLockWait(properties.migrate().lockWait())
                .withRunner(environment.getProperty("spring.application.name", properties.primaryGroup()) + ", pid "
                        + ProcessHandle.current().pid()));
    }

    @Bean
    SchemaPreparation anabranchSchemaPreparation(
            Environment environment, AnabranchProperties properties, GroupMigrations files, SchemaMigrator migrator) {
        return new SchemaPreparation(mode(properties.migrate(), environment), files, migrator);
    }

    @Bean
    PreparationAtStart anabranchSchemasAtStart(
            Environment environment, AnabranchProperties properties, GroupMigrations files) {
        return new SchemasAtStart(
                mode(properties.migrate(), environment),
                properties.migrate().mode() != null,
                files);
    }

    /** Before any of the files is applied. */
    @Bean
    CheckAtStart anabranchForeignKeys(
            Environment environment,
            AnabranchProperties properties,
            GroupMigrations files,
            SchemaPreparation preparation) {
        boolean looks = mode(properties.migrate(), environment) != Migrate.AtStart.OFF;
        return anabranch -> {
            preparation.ask(anabranch.routers());
            if (looks) {
                files.refuseForeignKeys(anabranch.topology(), anabranch.routers());
            }
        };
    }

    /** What is configured, and else what suits the profile. */
    static Migrate.AtStart mode(Migrate migrate, Environment environment) {
        if (migrate.mode() != null) {
            return migrate.mode();
        }
        return Arrays.stream(environment.getActiveProfiles())
                        .anyMatch(profile -> PRODUCTION.contains(profile.toLowerCase(Locale.ROOT)))
                ? Migrate.AtStart.VERIFY
                : Migrate.AtStart.APPLY;
    }
}
