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
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

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
        return look(checks, null);
    }

    /**
     * As {@link #standings}.
     *
     * @param unready where not null, it gets the places of the targets whose application is not let in yet
     */
    private List<TargetStanding> look(List<Check> checks, @Nullable Set<Integer> unready) {
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
                executor.execute(() -> probe(checks, places, permits, found, unready));
            }
        }
        return Arrays.asList(found);
    }

    private void probe(
            List<Check> checks,
            List<Integer> places,
            ServerPermits permits,
            TargetStanding[] found,
            @Nullable Set<Integer> unready) {
        Target first = checks.get(places.getFirst()).target();
        AnabranchException failure = null;
        try {
            permits.take(first.migrating());
            try (StandingProbe probe = StandingProbe.connect(first, settings)) {
                for (int place : places) {
                    Check check = checks.get(place);
                    TargetStanding standing = standing(probe, check);
                    // Only of these nothing else would tell.
                    if (unready != null && standing.isCurrent() && !probe.isApplicationReady(check.target())) {
                        unready.add(place);
                    }
                    found[place] = standing;
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
        Set<Integer> unready = ConcurrentHashMap.newKeySet();
        List<TargetStanding> standings = look(plans.stream()
                .flatMap(plan -> plan.targets().stream().map(target -> new Check(target, plan.set())))
                .toList(), unready);
        List<PlanRun> runs = new ArrayList<>();
        var told = new SerialListener(listener);
        int next = 0;
        for (MigrationPlan plan : plans) {
            int end = next + plan.targets().size();
            int begin = next;
            Set<Integer> readiness = unready.stream()
                    .filter(place -> place >= begin && place < end)
                    .map(place -> place - begin)
                    .collect(Collectors.toSet());
            runs.add(new PlanRun(plan, settings, permits, told, standings.subList(next, end), readiness));
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

    static AnabranchException unexpected(Target target, Throwable e) {
        return new AnabranchException(
                ErrorCode.MIGRATION_FAILED,
                "Migrating " + target + " ended unexpectedly: " + e,
                "Run it again; if it ends so again, report it",
                e);
    }
}
