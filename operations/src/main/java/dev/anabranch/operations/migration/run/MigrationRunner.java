// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.operations.migration.run;

import dev.anabranch.operations.migration.apply.MigrationSettings;
import dev.anabranch.operations.migration.apply.StandingProbe;
import dev.anabranch.operations.migration.apply.Target;
import dev.anabranch.operations.migration.files.MigrationSet;
import dev.anabranch.problem.AnabranchException;
import dev.anabranch.problem.ErrorCode;
import dev.anabranch.topology.Endpoint;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Migrates many schemas by a plan, and tells where many stand. Thread-safe.
 *
 * <p>Nothing of a run is kept but what the schemas' own histories say: a run that was killed is resumed by running its plan
 * again, and what is at head by then is only looked at.
 */
public final class MigrationRunner {
    private static final int PROBES_PER_SERVER = 8;
    private static final int PROBES_OVERALL = 64;

    private final MigrationSettings settings;

    /** A runner with these settings. */
    public MigrationRunner(MigrationSettings settings) {
        this.settings = settings;
    }

    /**
     * A target and its files.
     *
     * @param target where
     * @param set the files of its group
     */
    public record Check(Target target, MigrationSet set) {}

    /**
     * Where the targets stand, in their order. All databases are asked at once, each over one connection however many schemas
     * it holds; one that cannot be read does not keep the others from it.
     */
    public List<TargetStanding> standings(List<Check> checks) {
        Map<String, List<Integer>> endpoints = new LinkedHashMap<>();
        for (int i = 0; i < checks.size(); i++) {
            Endpoint endpoint = checks.get(i).target().migrating();
            endpoints
                    .computeIfAbsent(endpoint.user() + "@" + endpoint.address(), _ -> new ArrayList<>())
                    .add(i);
        }
        TargetStanding[] found = new TargetStanding[checks.size()];
        var permits = new ServerPermits(PROBES_PER_SERVER, PROBES_OVERALL);
        try (ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
            for (List<Integer> places : endpoints.values()) {
                executor.execute(() -> probe(checks, places, permits, found));
            }
        }
        return Arrays.asList(found);
    }

    private void probe(List<Check> checks, List<Integer> places, ServerPermits permits, TargetStanding[] found) {
        Target first = checks.get(places.getFirst()).target();
        AnabranchException failure = null;
        try {
            permits.take(first.migrating());
            try (StandingProbe probe = StandingProbe.connect(first, settings)) {
                for (int place : places) {
                    Check check = checks.get(place);
                    found[place] = standing(probe, check);
                }
            } finally {
                permits.giveBack(first.migrating());
            }
        } catch (AnabranchException e) {
            failure = e;
        } catch (RuntimeException e) {
            failure = unexpected(first, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            failure = unexpected(first, e);
        }
        for (int place : places) {
            if (found[place] == null) {
                found[place] = new TargetStanding(checks.get(place).target(), null, failure);
            }
        }
    }

    private static TargetStanding standing(StandingProbe probe, Check check) {
        try {
            return new TargetStanding(check.target(), probe.standing(check.target(), check.set()), null);
        } catch (AnabranchException e) {
            return new TargetStanding(check.target(), null, e);
        }
    }

    /**
     * Brings all targets of the plan to head: the canary, then wave after wave. A failure of one is in the report and harms no
     * other; nothing is thrown for it. An interrupt starts nothing new, and waits for what is under way.
     */
    public RunReport run(MigrationPlan plan, RunListener listener) {
        return run(List.of(plan), listener).getFirst();
    }

    /**
     * Runs the plans of several groups at once, under the tightest of their limits. A failure in one plan stops nothing in
     * another.
     *
     * @return a report for each plan, in their order
     */
    public List<RunReport> run(List<MigrationPlan> plans, RunListener listener) {
        if (plans.isEmpty()) {
            return List.of();
        }
        var permits = new ServerPermits(
                plans.stream().mapToInt(plan -> plan.options().perServer()).min().orElseThrow(),
                plans.stream().mapToInt(plan -> plan.options().overall()).min().orElseThrow());
        List<TargetStanding> standings = standings(plans.stream()
                .flatMap(plan -> plan.targets().stream().map(target -> new Check(target, plan.set())))
                .toList());
        List<PlanRun> runs = new ArrayList<>();
        var told = new SerialListener(listener);
        int next = 0;
        for (MigrationPlan plan : plans) {
            int end = next + plan.targets().size();
            runs.add(new PlanRun(plan, settings, permits, told, standings.subList(next, end)));
            next = end;
        }
        try (ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<RunReport>> reports =
                    runs.stream().map(run -> executor.submit(run::run)).toList();
            List<RunReport> done = new ArrayList<>();
            for (Future<RunReport> report : reports) {
                done.add(await(report, runs));
            }
            return done;
        }
    }

    private static RunReport await(Future<RunReport> report, List<PlanRun> runs) {
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    return report.get();
                } catch (InterruptedException e) {
                    interrupted = true;
                    runs.forEach(PlanRun::interrupt);
                } catch (ExecutionException e) {
                    throw new IllegalStateException("A run failed where it should have reported", e.getCause());
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    static AnabranchException unexpected(Target target, Exception e) {
        return new AnabranchException(
                ErrorCode.MIGRATION_FAILED,
                "Migrating " + target + " ended unexpectedly: " + e,
                "Run it again; if it ends so again, report it",
                e);
    }
}
