// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.operations.migration.run;

import dev.anabranch.operations.migration.apply.MigrationResult;
import dev.anabranch.operations.migration.apply.Target;
import dev.anabranch.operations.migration.files.MigrationFile;
import dev.anabranch.problem.AnabranchException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The state of each target of a run, told as it changes. Thread-safe. */
final class Board {
    private final MigrationPlan plan;
    private final List<Target> targets;
    private final RunListener listener;
    private final TargetState[] states;
    private final @Nullable Long[] from;
    private final @Nullable Long[] to;
    private final long[] began;
    private final long[] millis;
    private final long begin = System.nanoTime();
    private int worked;
    private long workedFrom;

    Board(MigrationPlan plan, RunListener listener) {
        this.plan = plan;
        this.targets = plan.targets();
        this.listener = listener;
        int size = targets.size();
        states = new TargetState[size];
        from = new Long[size];
        to = new Long[size];
        began = new long[size];
        millis = new long[size];
        for (int place = 0; place < size; place++) {
            states[place] = new TargetState.Waiting();
        }
    }

    /** Its turn has come. */
    synchronized void begun(int place) {
        began[place] = System.nanoTime();
        if (workedFrom == 0) {
            workedFrom = began[place];
        }
        tell(place, new TargetState.Checking());
    }

    /** Its version is known. */
    synchronized void at(int place, long version) {
        from[place] = version;
        to[place] = version;
    }

    /** A file has been applied to it. */
    synchronized void reached(int place, long version) {
        to[place] = version;
    }

    synchronized void done(int place, MigrationResult result) {
        from[place] = result.from();
        to[place] = result.to();
        end(place, new TargetState.Done(result));
    }

    /** It failed; the number of failures so far. */
    synchronized int failed(int place, AnabranchException error) {
        end(place, new TargetState.Failed(error));
        return count(TargetState.Failed.class);
    }

    synchronized void skipped(int place, String reason) {
        end(place, new TargetState.Skipped(reason));
    }

    private void end(int place, TargetState state) {
        if (began[place] != 0) {
            millis[place] = (System.nanoTime() - began[place]) / 1_000_000;
            worked++;
        }
        tell(place, state);
    }

    synchronized void tell(int place, TargetState state) {
        states[place] = state;
        listener.changed(targets.get(place), state, progress());
    }

    private RunProgress progress() {
        int done = count(TargetState.Done.class);
        int failed = count(TargetState.Failed.class);
        int skipped = count(TargetState.Skipped.class);
        int waiting = count(TargetState.Waiting.class);
        int running = states.length - done - failed - skipped - waiting;
        Duration remaining = null;
        if (done + failed + skipped == states.length) {
            remaining = Duration.ZERO;
        } else if (worked > 0) {
            // Those that had nothing to do say nothing about how long the others take.
            remaining = Duration.ofNanos((System.nanoTime() - workedFrom) / worked).multipliedBy(running + waiting);
        }
        return new RunProgress(
                states.length, done, failed, skipped, running, Duration.ofNanos(System.nanoTime() - begin), remaining);
    }

    private int count(Class<? extends TargetState> kind) {
        int count = 0;
        for (TargetState state : states) {
            count += kind.isInstance(state) ? 1 : 0;
        }
        return count;
    }

    synchronized RunReport report(long took) {
        List<RunReport.Entry> entries = new ArrayList<>();
        int place = 0;
        for (int wave = 0; wave < plan.waves().size(); wave++) {
            for (Target target : plan.waves().get(wave)) {
                entries.add(entry(target, wave, place++));
            }
        }
        return new RunReport(plan.id(), plan.group(), plan.set().head(), took, entries, plan.routed());
    }

    private RunReport.Entry entry(Target target, int wave, int place) {
        TargetState state = states[place];
        List<String> applied = List.of();
        String code = null;
        String message = null;
        switch (state) {
            case TargetState.Done(MigrationResult result) ->
                applied = result.applied().stream().map(MigrationFile::fileName).toList();
            case TargetState.Failed(AnabranchException error) -> {
                code = error.code().code();
                message = error.getMessage();
            }
            case TargetState.Skipped(String reason) -> message = reason;
            case TargetState.Waiting _, TargetState.Checking _, TargetState.WaitingForLock _, TargetState.Migrating _ ->
                throw new IllegalStateException(target + " is still " + state.id());
        }
        return new RunReport.Entry(
                target.database().name(),
                target.schema(),
                wave,
                state.id(),
                from[place],
                to[place],
                applied,
                millis[place],
                code,
                message);
    }
}
