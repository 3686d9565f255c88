// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.operations.migration.run;

import dev.anabranch.devcluster.PostgresServer;
import dev.anabranch.operations.migration.apply.MigrationServers;
import dev.anabranch.operations.migration.apply.MigrationSettings;
import dev.anabranch.operations.migration.apply.Standing;
import dev.anabranch.operations.migration.apply.Target;
import dev.anabranch.operations.migration.files.MigrationSet;
import dev.anabranch.operations.migration.run.MigrationRunner.Check;
import dev.anabranch.topology.Database;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

import static dev.anabranch.operations.migration.apply.MigrationServers.execute;
import static dev.anabranch.operations.migration.apply.MigrationServers.query;
import static dev.anabranch.operations.migration.apply.MigrationServers.set;
import static org.assertj.core.api.Assertions.assertThat;

class MigrationRunnerTest {
    private static final MigrationSet SET = set(
            "table\nCREATE TABLE item (id int);", "index\nCREATE INDEX CONCURRENTLY item_id ON item (id);", "more\nSELECT 1;");
    private static final AtomicInteger SCHEMAS = new AtomicInteger();
    private static final List<Database> SHARDS = new ArrayList<>();

    private final MigrationRunner runner =
            new MigrationRunner(MigrationSettings.DEFAULT.withConnectTimeout(Duration.ofSeconds(2)));
    private final String schema = "run" + SCHEMAS.incrementAndGet();

    @BeforeAll
    static void databases() {
        for (int i = 0; i < 6; i++) {
            SHARDS.add(MigrationServers.plain(MigrationServers.postgres(), "runner" + i));
        }
    }

    private Target target(Database database) {
        return new Target("people", database, schema);
    }

    private List<Target> targets() {
        return SHARDS.stream().map(this::target).toList();
    }

    private long version(int shard) {
        return new dev.anabranch.operations.migration.apply.SchemaMigrator(MigrationSettings.DEFAULT)
                .standing(target(SHARDS.get(shard)), SET)
                .version();
    }

    @Test
    void goesInWavesBehindACanaryAndTellsEachStep() {
        MigrationPlan plan = MigrationPlan.of(
                SET, targets(), RunOptions.DEFAULT.withCanary("runner3").withWaves(List.of("2", "50%")));
        assertThat(plan.waves())
                .extracting(wave -> wave.stream().map(t -> t.database().name()).toList())
                .containsExactly(List.of("runner3"), List.of("runner0", "runner1"), List.of("runner2", "runner4", "runner5"));
        List<String> told = new ArrayList<>();
        Set<String> over = new HashSet<>();
        List<RunProgress> progress = new ArrayList<>();
        RunReport report = runner.run(plan, (target, state, now) -> {
            String name = target.database().name();
            told.add(name + " " + state.id());
            progress.add(now);
            if (state instanceof TargetState.Checking && plan.waves().get(1).contains(target)) {
                assertThat(over).as("the canary is over").contains("runner3");
            }
            if (state instanceof TargetState.Checking && plan.waves().get(2).contains(target)) {
                assertThat(over).as("the first wave is over").contains("runner0", "runner1", "runner3");
            }
            if (state.isOver()) {
                over.add(name);
            }
        });
        assertThat(report.isComplete()).isTrue();
        assertThat(report.targets()).allSatisfy(entry -> {
            assertThat(entry.from()).isZero();
            assertThat(entry.to()).isEqualTo(3);
            assertThat(entry.applied()).hasSize(3);
            assertThat(entry.millis()).isPositive();
        });
        assertThat(report.targets()).extracting(RunReport.Entry::wave).containsExactly(0, 1, 1, 2, 2, 2);
        assertThat(told.subList(0, 5))
                .containsExactly(
                        "runner3 checking",
                        "runner3 migrating",
                        "runner3 migrating",
                        "runner3 migrating",
                        "runner3 done");
        RunProgress last = progress.getLast();
        assertThat(last.done()).isEqualTo(6);
        assertThat(last.remaining()).isEqualTo(Duration.ZERO);
        assertThat(progress.get(5).remaining()).isPositive();
        assertThat(told).as("checking, three files, done").hasSize(6 * 5);
    }

    @Test
    void aPlansIdIsOfWhatItSaysAndNotOfHowFarItIs() {
        MigrationPlan plan = MigrationPlan.of(SET, targets(), RunOptions.DEFAULT);
        assertThat(plan.id()).matches("[0-9a-f]{12}");
        runner.run(plan, RunListener.NONE);
        assertThat(MigrationPlan.of(SET, targets(), RunOptions.DEFAULT).id()).isEqualTo(plan.id());
        assertThat(List.of(
                        MigrationPlan.of(SET.upTo(2), targets(), RunOptions.DEFAULT).id(),
                        MigrationPlan.of(SET, targets().subList(0, 5), RunOptions.DEFAULT).id(),
                        MigrationPlan.of(SET, targets(), RunOptions.DEFAULT.withCanary("runner2")).id(),
                        MigrationPlan.of(SET, targets(), RunOptions.DEFAULT.withWaves(List.of())).id(),
                        MigrationPlan.of(set("table\nCREATE TABLE item (id bigint);"), targets(), RunOptions.DEFAULT).id()))
                .doesNotContain(plan.id())
                .doesNotHaveDuplicates();
    }

    @Test
    void aCanaryThatFailsEndsTheRun() {
        execute(SHARDS.getFirst(), "CREATE SCHEMA " + schema + " AUTHORIZATION runner0; CREATE TABLE " + schema + ".item ()");
        RunReport report = runner.run(
                MigrationPlan.of(SET, targets(), RunOptions.DEFAULT.withMaxFailures(100)), RunListener.NONE);
        assertThat(report.targets().getFirst().state()).isEqualTo("failed");
        assertThat(report.targets().getFirst().code()).isEqualTo("migration_invalid");
        assertThat(report.targets().getFirst().message()).contains("has objects already, and no history").contains(schema);
        assertThat(report.targets().subList(1, 6)).allSatisfy(entry -> {
            assertThat(entry.state()).isEqualTo("skipped");
            assertThat(entry.message()).isEqualTo("the canary runner0 failed");
        });
    }

    @Test
    void oneThatFailsHarmsNoOtherAndTheRunIsResumedUnderItsId() {
        runner.run(MigrationPlan.of(SET.upTo(1), targets(), RunOptions.DEFAULT), RunListener.NONE);
        execute(SHARDS.get(2), "ALTER TABLE " + schema + ".item RENAME TO gone");
        MigrationPlan plan = MigrationPlan.of(SET, targets(), RunOptions.DEFAULT.withMaxFailures(2));
        RunReport report = runner.run(plan, RunListener.NONE);
        assertThat(report.count("done")).isEqualTo(5);
        assertThat(report.count("failed")).isEqualTo(1);
        RunReport.Entry failed = report.targets().get(2);
        assertThat(failed.message()).contains("V2__index.sql:1").contains("on runner2").contains("42P01");
        assertThat(failed.from()).isEqualTo(1);
        assertThat(failed.to()).isEqualTo(1);
        execute(SHARDS.get(2), "ALTER TABLE " + schema + ".gone RENAME TO item");
        RunReport resumed = runner.run(MigrationPlan.of(SET, targets(), RunOptions.DEFAULT.withMaxFailures(2)), RunListener.NONE);
        assertThat(resumed.plan()).isEqualTo(report.plan());
        assertThat(resumed.isComplete()).isTrue();
        assertThat(resumed.targets().stream().filter(entry -> !entry.applied().isEmpty()))
                .extracting(RunReport.Entry::database)
                .containsExactly("runner2");
    }

    @Test
    void startsNothingNewAfterSoManyFailures() {
        runner.run(MigrationPlan.of(SET.upTo(1), targets(), RunOptions.DEFAULT), RunListener.NONE);
        for (Database shard : SHARDS.subList(1, 6)) {
            execute(shard, "DROP TABLE " + schema + ".item");
        }
        RunOptions one = RunOptions.DEFAULT.withPerServer(1).withWaves(List.of());
        RunReport stopped = runner.run(MigrationPlan.of(SET, targets(), one), RunListener.NONE);
        assertThat(List.of(stopped.count("done"), stopped.count("failed"), stopped.count("skipped")))
                .containsExactly(1L, 1L, 4L);
        RunReport three = runner.run(MigrationPlan.of(SET, targets(), one.withMaxFailures(3)), RunListener.NONE);
        assertThat(List.of(three.count("done"), three.count("failed"), three.count("skipped")))
                .containsExactly(1L, 3L, 2L);
        assertThat(three.targets().stream().filter(entry -> entry.state().equals("skipped")))
                .extracting(RunReport.Entry::message)
                .containsOnly("3 databases failed");
    }

    @Test
    void keepsToTheLimitOfAServer() {
        MigrationSet slow = set("slow\nSELECT pg_sleep(0.05);");
        AtomicInteger most = new AtomicInteger();
        Set<String> under = new HashSet<>();
        RunReport report = runner.run(
                MigrationPlan.of(slow, targets(), RunOptions.DEFAULT.withPerServer(2).withWaves(List.of())),
                (target, state, _) -> {
                    if (state.isOver()) {
                        under.remove(target.database().name());
                    } else {
                        under.add(target.database().name());
                    }
                    most.accumulateAndGet(under.size(), Math::max);
                });
        assertThat(report.isComplete()).isTrue();
        assertThat(most).hasValue(2);
    }

    @Test
    void aListenerThatFailsEndsNothing() {
        RunReport report = runner.run(MigrationPlan.of(SET, targets(), RunOptions.DEFAULT), (_, _, _) -> {
            throw new IllegalStateException("the terminal is gone");
        });
        assertThat(report.isComplete()).isTrue();
    }

    @Test
    void tellsWhereAllStandThoughOneCannotBeReached() {
        runner.run(MigrationPlan.of(SET, targets().subList(0, 2), RunOptions.DEFAULT), RunListener.NONE);
        runner.run(MigrationPlan.of(SET.upTo(1), targets().subList(2, 3), RunOptions.DEFAULT), RunListener.NONE);
        Database nobody = MigrationServers.known(1, "nobody");
        List<Check> checks = new ArrayList<>();
        checks.add(new Check(target(nobody), SET));
        targets().subList(0, 4).forEach(target -> checks.add(new Check(target, SET)));
        // Another group's schema on the same database.
        checks.add(new Check(new Target("other", SHARDS.getFirst(), schema + "_other"), SET.upTo(2)));
        List<TargetStanding> standings = runner.standings(checks);
        assertThat(standings.getFirst().error()).isNotNull().hasMessageContaining("people on nobody (127.0.0.1:1/nobody)");
        assertThat(standings.subList(1, 6))
                .extracting(standing -> standing.standing() == null ? null : standing.standing().kind())
                .containsExactly(
                        Standing.Kind.CURRENT,
                        Standing.Kind.CURRENT,
                        Standing.Kind.BEHIND,
                        Standing.Kind.MISSING,
                        Standing.Kind.MISSING);
    }

    @Test
    void aServerThatDiesHalfWayHarmsNoOtherAndTheRunGoesOnWhenItIsBack() {
        try (PostgresServer mortal = PostgresServer.start("mortal")) {
            Database dying = MigrationServers.plain(mortal, "dying");
            List<Target> targets = new ArrayList<>(targets().subList(0, 3));
            targets.add(target(dying));
            MigrationSet set = set(
                    "table\nCREATE TABLE item (id int);",
                    "half\nCREATE TABLE half (id int);\nSELECT pg_sleep(0.2);\nCREATE TABLE other (id int);",
                    "index_online\nCREATE INDEX CONCURRENTLY item_id ON item (id);");
            MigrationPlan plan = MigrationPlan.of(set, targets, RunOptions.DEFAULT.withMaxFailures(9));
            RunReport report = runner.run(plan, (target, state, _) -> {
                if (target.database().equals(dying)
                        && state instanceof TargetState.Migrating migrating
                        && migrating.file().version() == 2) {
                    mortal.kill();
                }
            });
            assertThat(report.count("done")).isEqualTo(3);
            RunReport.Entry failed = report.targets().getLast();
            assertThat(failed.code()).isEqualTo("database_unavailable");
            assertThat(failed.message()).contains("people on dying").contains("it goes on where it was");
            assertThat(failed.to()).isEqualTo(1);
            mortal.restart();
            RunReport resumed = runner.run(plan, RunListener.NONE);
            assertThat(resumed.isComplete()).isTrue();
            assertThat(resumed.targets().getLast().from()).isEqualTo(1);
        }
    }

    @Test
    void anEditedFileIsRefusedEverywhereAndNothingIsDone() {
        runner.run(MigrationPlan.of(SET.upTo(1), targets(), RunOptions.DEFAULT), RunListener.NONE);
        MigrationSet edited = set("table\nCREATE TABLE item (id bigint);", "index\nSELECT 1;");
        RunReport report = runner.run(MigrationPlan.of(edited, targets(), RunOptions.DEFAULT), RunListener.NONE);
        assertThat(report.targets().getFirst().code()).isEqualTo("migration_invalid");
        assertThat(report.count("skipped")).isEqualTo(5);
        assertThat(version(0)).isEqualTo(1);
        assertThat(query(SHARDS.getFirst(), "SELECT count(*) FROM " + schema + ".flyway_schema_history WHERE success"))
                .containsExactly("1");
    }

    @Test
    void aPlanLetsANewLoginOfTheApplicationInThoughAllIsCurrent() {
        Database owned = MigrationServers.owned();
        runner.run(MigrationPlan.of(SET, List.of(target(owned)), RunOptions.DEFAULT), RunListener.NONE);
        var renamed = new Database(
                owned.name(),
                owned.primary().as(owned.name() + "_new", MigrationServers.APP_PASSWORD),
                owned.ownerLogin(),
                null);
        RunReport report =
                runner.run(MigrationPlan.of(SET, List.of(target(renamed)), RunOptions.DEFAULT), RunListener.NONE);
        assertThat(report.isComplete()).isTrue();
        assertThat(report.targets().getFirst().applied()).isEmpty();
        assertThat(query(owned, "SELECT has_schema_privilege('" + owned.name() + "_new', '" + schema + "', 'USAGE')"))
                .containsExactly("t");
    }

    @Test
    void anErrorOfOneTargetLosesNobodysReport() {
        RunReport report = runner.run(
                MigrationPlan.of(SET, targets().subList(0, 3), RunOptions.DEFAULT.withWaves(List.of()).withMaxFailures(9)),
                (target, state, _) -> {
                    if (target.database().name().equals("runner1") && state instanceof TargetState.Migrating) {
                        throw new StackOverflowError("deep");
                    }
                });
        assertThat(report.targets()).extracting(RunReport.Entry::state).containsExactly("done", "failed", "done");
        assertThat(report.targets().get(1).message()).contains("people on runner1").contains("StackOverflowError");
    }
}
