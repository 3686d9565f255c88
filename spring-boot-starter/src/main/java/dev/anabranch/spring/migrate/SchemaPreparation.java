// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.spring.migrate;

import dev.anabranch.operations.migration.apply.MigrationHistory;
import dev.anabranch.operations.migration.apply.MigrationListener;
import dev.anabranch.operations.migration.apply.MigrationResult;
import dev.anabranch.operations.migration.apply.SchemaMigrator;
import dev.anabranch.operations.migration.apply.Standing;
import dev.anabranch.operations.migration.apply.Target;
import dev.anabranch.operations.migration.files.MigrationSet;
import dev.anabranch.problem.AnabranchException;
import dev.anabranch.problem.ErrorCode;
import dev.anabranch.routing.DatabasePreparation;
import dev.anabranch.routing.RouterChain;
import dev.anabranch.routing.RouterChain.Verdict;
import dev.anabranch.routing.RoutingHints;
import dev.anabranch.spring.AnabranchProperties.Migrate.AtStart;
import dev.anabranch.topology.Database;
import dev.anabranch.topology.Group;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.core.Ordered;

/**
 * Brings a database's schema to head, or refuses one that is not, before the application's first connection to it. Before
 * all other preparations, which may need the tables.
 */
final class SchemaPreparation implements DatabasePreparation, Ordered {
    private static final Logger LOG = LoggerFactory.getLogger(SchemaPreparation.class);
    /** A migration that fails is not tried again by every statement that comes. */
    private static final Duration AGAIN_AFTER = Duration.ofSeconds(5);

    private final AtStart mode;
    private final GroupMigrations files;
    private final SchemaMigrator migrator;
    private volatile RouterChain routers = RouterChain.NONE;
    private final Map<String, Refusal> refusals = new ConcurrentHashMap<>();

    SchemaPreparation(AtStart mode, GroupMigrations files, SchemaMigrator migrator) {
        this.mode = mode;
        this.files = files;
        this.migrator = migrator;
    }

    /** Told before the first database is prepared; databases are prepared by threads that must not wait for a bean. */
    void ask(RouterChain others) {
        routers = others;
    }

    private record Refusal(long nanos, AnabranchException why) {}

    @Override
    public int getOrder() {
        return HIGHEST_PRECEDENCE;
    }

    /** As the owner, where this process migrates: the application's user may not be there yet. */
    @Override
    public void beforeConnecting(Database database, List<Group> groups) throws SQLException {
        if (migrates(database)) {
            each(database, groups, this::apply);
        }
    }

    /** What this process only looks at it looks at as the application's user: it needs no right of the owner's. */
    @Override
    public void prepare(Database database, List<Group> groups, Connection connection) throws SQLException {
        if (mode != AtStart.OFF && !migrates(database)) {
            each(database, groups, (target, set) ->
                    check(target, Standing.of(set, MigrationHistory.read(connection, target.schema()))));
        }
    }

    @FunctionalInterface
    private interface Step {
        void run(Target target, MigrationSet set) throws SQLException;
    }

    private void each(Database database, List<Group> groups, Step step) throws SQLException {
        for (Group group : groups) {
            Optional<MigrationSet> set = files.of(group.name()).of(database.flavor());
            if (set.isEmpty()) {
                continue;
            }
            Verdict allowed = routers.allowsMigrate(database.name(), RoutingHints.of(group.name()), group);
            if (!allowed.allowed()) {
                LOG.info("The group {} is not migrated on {}: so says {}", group.name(), database.name(), allowed.router());
                continue;
            }
            Target target = Target.of(group, database);
            String place = target + " " + target.schema();
            Refusal before = refusals.get(place);
            if (before != null && System.nanoTime() - before.nanos() < AGAIN_AFTER.toNanos()) {
                throw before.why();
            }
            try {
                step.run(target, set.orElseThrow());
            } catch (AnabranchException e) {
                if (e.code() != ErrorCode.DATABASE_UNAVAILABLE) {
                    refusals.put(place, new Refusal(System.nanoTime(), e));
                }
                throw e;
            }
        }
    }

    private void apply(Target target, MigrationSet set) {
        Standing standing = migrator.standing(target, set);
        if (standing.isCurrent() || standing.kind() == Standing.Kind.AHEAD) {
            check(target, standing);
            return;
        }
        MigrationResult result = migrator.migrate(target, set, new MigrationListener() {
            @Override
            public void waiting(String holder) {
                LOG.info("The schema {} of {} is being migrated by {}: waiting", target.schema(), target, holder);
            }

            @Override
            public void noticed(String notice) {
                LOG.warn("{}", notice);
            }
        });
        if (result.applied().isEmpty()) {
            LOG.debug("The schema {} of {} is at V{}", target.schema(), target, result.to());
        } else {
            LOG.info(
                    "Migrated the schema {} of {} from V{} to V{} in {} ms",
                    target.schema(),
                    target,
                    result.from(),
                    result.to(),
                    result.duration().toMillis());
        }
    }

    /**
     * Lets a schema pass that has all that the application needs, and perhaps more: one that is ahead belongs to a newer
     * version, and the way back to this one must stay open.
     */
    private void check(Target target, Standing standing) {
        switch (standing.kind()) {
            case CURRENT -> LOG.debug("The schema {} of {} is {}", target.schema(), target, standing.describe());
            case AHEAD ->
                LOG.info("The schema {} of {} is {}: a newer version has been here",
                        target.schema(), target, standing.describe());
            case BEHIND, MISSING, OUT_OF_ORDER, CHANGED, FAILED -> throw behind(target, standing);
        }
    }

    private AnabranchException behind(Target target, Standing standing) {
        String command = "'anabranch migrate apply --service " + target.group() + "'";
        boolean wouldApply = mode == AtStart.APPLY;
        return new AnabranchException(
                ErrorCode.SCHEMA_BEHIND,
                "The schema " + target.schema() + " of " + target + " is " + standing.describe() + "; this version of the"
                        + " application needs V" + standing.head()
                        + (wouldApply ? ", and this process does not know the password of the owner who migrates" : ""),
                switch (standing.kind()) {
                    case CHANGED -> "Restore the files as they were applied, and put the change into a new one";
                    case FAILED -> "Look what is wrong with the file, and run " + command;
                    default -> "Run " + command + (wouldApply
                            ? ", or give this process the owner's password"
                            : ", or start with anabranch.migrate.mode=apply (ANABRANCH_MIGRATE_MODE)");
                });
    }

    private boolean migrates(Database database) {
        return mode == AtStart.APPLY && (database.owner().isEmpty() || knowsOwner(database));
    }

    /** As it is with who migrates: an owner without a password is one whose password is not known here. */
    private static boolean knowsOwner(Database database) {
        return database.owner().filter(owner -> !owner.password().isEmpty()).isPresent();
    }
}
