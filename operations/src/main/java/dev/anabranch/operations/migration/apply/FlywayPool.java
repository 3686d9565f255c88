// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.operations.migration.apply;

import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Consumer;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.MigrationVersion;
import org.flywaydb.core.api.ResourceProvider;
import org.flywaydb.core.api.callback.Callback;
import org.flywaydb.core.api.configuration.ClassicConfiguration;
import org.flywaydb.core.api.configuration.FluentConfiguration;
import org.flywaydb.core.api.resource.LoadableResource;
import org.flywaydb.database.postgresql.PostgreSQLConfigurationExtension;
import org.jspecify.annotations.Nullable;

/**
 * Instances of Flyway, used again and again, each for one schema at a time: to make one costs more of this process's time than
 * most migrations do, nearly all of it for copies of settings by way of JSON. Thread-safe.
 */
final class FlywayPool {
    private static final Queue<Flyway> IDLE = new ConcurrentLinkedQueue<>();

    private FlywayPool() {}

    /** Runs Flyway's migrate on that session. */
    static void migrate(MigrationSession session, Target target, FlywayRun run) {
        with(session, target, configuration -> {
            configuration.setResourceProvider(run);
            // Set here, they also take the place of any that Flyway has found on the class path by itself.
            configuration.setCallbacks(run);
        }, Flyway::migrate);
    }

    /** Runs Flyway's baseline on that session: the history table with one row, and nothing else. */
    static void baseline(MigrationSession session, Target target, long version) {
        with(
                session,
                target,
                configuration -> configuration.setBaselineVersion(MigrationVersion.fromVersion(Long.toString(version))),
                Flyway::baseline);
    }

    private static void with(
            MigrationSession session, Target target, Consumer<ClassicConfiguration> settings, Consumer<Flyway> work) {
        Flyway idle = IDLE.poll();
        Flyway flyway = idle == null ? make() : idle;
        // Flyway offers no other way to use an instance for another schema; the class is part of its API.
        var configuration = (ClassicConfiguration) flyway.getConfiguration();
        configuration.setDataSource(new OneConnection(session.connection()));
        configuration.setDefaultSchema(target.schema());
        configuration.setSchemas(new String[] {target.schema()});
        configuration.setInstalledBy(session.endpoint().user());
        settings.accept(configuration);
        work.accept(flyway);
        // One that failed is not used again, and an idle one holds no session.
        configuration.setDataSource(null);
        configuration.setResourceProvider(NothingToRead.INSTANCE);
        configuration.setCallbacks(new Callback[0]);
        IDLE.add(flyway);
    }

    private static Flyway make() {
        FluentConfiguration configuration = Flyway.configure(FlywayPool.class.getClassLoader())
                .loggers(FlywayLog.class.getName())
                .table(MigrationHistory.TABLE)
                .createSchemas(false)
                .resourceProvider(NothingToRead.INSTANCE)
                .javaMigrationClassProvider(List::of)
                .skipDefaultCallbacks(true)
                .placeholderReplacement(false)
                .validateMigrationNaming(true)
                // The history was compared with the files under the same lock, and in our own words.
                .validateOnMigrate(false)
                .outOfOrder(false)
                .cleanDisabled(true)
                .connectRetries(0)
                .encoding(StandardCharsets.UTF_8);
        // Its transactional lock is held by a second, open transaction, for which CREATE INDEX CONCURRENTLY waits.
        configuration
                .getPluginRegister()
                .getExact(PostgreSQLConfigurationExtension.class)
                .setTransactionalLock(false);
        return configuration.load();
    }

    /** What an idle instance knows. */
    private enum NothingToRead implements ResourceProvider {
        INSTANCE;

        @Override
        public @Nullable LoadableResource getResource(String name) {
            return null;
        }

        @Override
        public Collection<LoadableResource> getResources(String prefix, String[] suffixes) {
            return List.of();
        }
    }
}
