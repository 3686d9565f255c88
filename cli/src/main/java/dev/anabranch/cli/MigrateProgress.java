// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.cli;

import dev.anabranch.cli.terminal.Terminal;
import dev.anabranch.operations.migration.apply.Target;
import dev.anabranch.operations.migration.run.MigrationPlan;
import dev.anabranch.operations.migration.run.RunListener;
import dev.anabranch.operations.migration.run.RunProgress;
import dev.anabranch.operations.migration.run.TargetState;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * A run as a person follows it, on standard error: on a terminal one line that is drawn again, with those under way; elsewhere a
 * line for each database that is through, and for each that waits.
 */
final class MigrateProgress implements RunListener, AutoCloseable {
    private static final int SHOWN = 4;
    private static final int WIDTH = 79;

    private final Terminal terminal;
    private final int width;
    private final Map<String, String> underWay = new LinkedHashMap<>();
    private boolean drawn;

    MigrateProgress(Terminal terminal, MigrationPlan plan) {
        this.terminal = terminal;
        this.width = plan.targets().stream()
                .mapToInt(target -> target.database().name().length())
                .max()
                .orElse(0);
    }

    @Override
    public void changed(Target target, TargetState state, RunProgress progress) {
        var name = target.database().name();
        switch (state) {
            case TargetState.Waiting _ -> underWay.remove(name);
            case TargetState.Checking _ -> underWay.put(name, "checking");
            case TargetState.WaitingForLock held -> {
                underWay.put(name, "waits");
                line(name, "waits for " + held.holder(), progress);
            }
            case TargetState.Migrating file ->
                underWay.put(name, "V" + file.file().version() + " (" + file.number() + "/" + file.of() + ")");
            case TargetState.Done done -> {
                underWay.remove(name);
                var applied = done.result().applied();
                var count = applied.size() == 1 ? "1 file" : applied.size() + " files";
                line(name, applied.isEmpty() ? "was at head" : "V" + done.result().to() + ", " + count, progress);
            }
            case TargetState.Failed failed -> {
                underWay.remove(name);
                line(name, "FAILED (" + failed.error().code().code() + ")", progress);
            }
            case TargetState.Skipped skipped -> {
                underWay.remove(name);
                line(name, "skipped: " + skipped.reason(), progress);
            }
        }
        draw(progress);
    }

    /** A line that stays. */
    private void line(String name, String what, RunProgress progress) {
        clear();
        terminal.say(String.format("%-" + Math.max(1, width) + "s  %s  [%s]", name, what, counts(progress)));
    }

    private void draw(RunProgress progress) {
        if (!terminal.errIsTerminal()) {
            return;
        }
        var now = underWay.entrySet().stream()
                .limit(SHOWN)
                .map(entry -> entry.getKey() + " " + entry.getValue())
                .collect(Collectors.joining(", "));
        var more = underWay.size() > SHOWN ? ", and " + (underWay.size() - SHOWN) + " more" : "";
        var line = counts(progress) + "  " + now + more;
        // A line that wraps would leave its first row behind when it is drawn again.
        terminal.err().print("\r" + line.substring(0, Math.min(WIDTH, line.length())) + "\033[K");
        terminal.err().flush();
        drawn = true;
    }

    private static String counts(RunProgress progress) {
        Duration left = progress.remaining();
        return progress.done() + " of " + progress.total() + " done"
                + (progress.failed() > 0 ? ", " + progress.failed() + " failed" : "")
                + (left == null || left.isZero() ? "" : ", about " + Math.max(1, left.toSeconds()) + " s left");
    }

    private void clear() {
        if (drawn) {
            terminal.err().print("\r\033[K");
            drawn = false;
        }
    }

    @Override
    public void close() {
        clear();
        terminal.err().flush();
    }
}
