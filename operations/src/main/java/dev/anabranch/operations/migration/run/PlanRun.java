// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.operations.migration.run;

import dev.anabranch.operations.migration.apply.MigrationListener;
import dev.anabranch.operations.migration.apply.MigrationResult;
import dev.anabranch.operations.migration.apply.MigrationSettings;
import dev.anabranch.operations.migration.apply.SchemaMigrator;
import dev.anabranch.operations.migration.apply.Standing;
import dev.anabranch.operations.migration.apply.Target;
import dev.anabranch.operations.migration.files.MigrationFile;
import dev.anabranch.problem.AnabranchException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One run of one plan. */
final class PlanRun {
    private static final Logger LOG = LoggerFactory.getLogger(PlanRun.class);

    private final MigrationPlan plan;
    private final SchemaMigrator migrator;
    private final ServerPermits permits;
    private final Board board;
    private final List<TargetStanding> standings;
    /** The places of those whose application is not let in yet, however current they are. */
    private final Set<Integer> unready;
    /** Why nothing new is started; null while it is. */
    private final AtomicReference<@Nullable String> stop = new AtomicReference<>();

    private final long begin = System.nanoTime();

    PlanRun(
            MigrationPlan plan,
            MigrationSettings settings,
            ServerPermits permits,
            RunListener listener,
            List<TargetStanding> standings,
            Set<Integer> unready) {
        this.plan = plan;
        this.migrator = new SchemaMigrator(settings.withRunner("plan " + plan.id() + ", " + settings.runner()));
        this.permits = permits;
        this.standings = standings;
        this.unready = unready;
        this.board = new Board(plan, listener);
    }

    RunReport run() {
        int place = 0;
        for (int wave = 0; wave < plan.waves().size(); wave++) {
            int end = place + plan.waves().get(wave).size();
            runWave(place, end, wave == 0);
            place = end;
        }
        return board.report((System.nanoTime() - begin) / 1_000_000);
    }

    /** Starts nothing new. */
    void interrupt() {
        stop.compareAndSet(null, "the run was interrupted");
    }

    private void runWave(int from, int to, boolean canary) {
        List<Integer> behind = new ArrayList<>();
        for (int place = from; place < to; place++) {
            TargetStanding known = standings.get(place);
            Standing standing = known.standing();
            if (standing != null && standing.isCurrent() && !unready.contains(place) && stop.get() == null) {
                // Looked at together with all others: to connect once more would tell nothing new.
                board.done(
                        place,
                        new MigrationResult(
                                known.target(), standing.version(), standing.version(), List.of(), Duration.ZERO));
            } else {
                behind.add(place);
            }
        }
        try (ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int place : behind) {
                executor.execute(() -> runOne(place, canary));
            }
        }
    }

    private void runOne(int place, boolean canary) {
        Target target = plan.targets().get(place);
        try {
            permits.take(target.migrating());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            interrupt();
            board.skipped(place, "the run was interrupted");
            return;
        }
        try {
            String reason = stop.get();
            if (reason != null) {
                board.skipped(place, reason);
                return;
            }
            board.begun(place);
            board.done(place, migrator.migrate(target, plan.set(), new Ear(place)));
        } catch (AnabranchException e) {
            failed(place, e, canary);
        } catch (Throwable e) {
            // Whatever it is, the other targets' report is not lost for it.
            failed(place, MigrationRunner.unexpected(target, e), canary);
        } finally {
            permits.giveBack(target.migrating());
        }
    }

    private void failed(int place, AnabranchException e, boolean canary) {
        String name = plan.targets().get(place).database().name();
        int failures = board.failed(place, e);
        if (canary) {
            stop.compareAndSet(null, "the canary " + name + " failed");
        } else if (plan.options().onError() == RunOptions.OnError.STOP) {
            stop.compareAndSet(null, name + " failed");
        } else if (failures >= plan.options().maxFailures()) {
            stop.compareAndSet(null, failures + (failures == 1 ? " database" : " databases") + " failed");
        }
    }

    /** Hears one target and writes it on the board. */
    private final class Ear implements MigrationListener {
        private final int place;
        private int pending;
        private int number;

        Ear(int place) {
            this.place = place;
        }

        @Override
        public void checked(Standing standing) {
            pending = standing.pending().size();
            board.at(place, standing.version());
        }

        @Override
        public void waiting(String holder) {
            board.tell(place, new TargetState.WaitingForLock(holder));
        }

        @Override
        public void applying(MigrationFile file) {
            // A file that is tried again is not another one.
            number = Math.min(pending, number + 1);
            board.tell(place, new TargetState.Migrating(file, Math.max(1, number), Math.max(1, pending)));
        }

        @Override
        public void applied(MigrationFile file, Duration took) {
            board.reached(place, file.version());
        }

        @Override
        public void retrying(int attempt, String cause) {
            number--;
            LOG.info("{}: attempt {} of {} did not get its locks: {}", plan.id(), attempt, plan.targets().get(place), cause);
        }

        @Override
        public void noticed(String what) {
            LOG.warn(what);
        }
    }
}
