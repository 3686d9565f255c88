// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.operations.migration.run;

import dev.anabranch.operations.migration.apply.MigrationSettings;
import dev.anabranch.operations.migration.apply.Target;
import dev.anabranch.operations.migration.files.MigrationSet;
import java.util.List;

/** Migrates many schemas by a plan, and tells where many stand. Thread-safe. */
@SuppressWarnings("DoNotCallSuggester")
public final class MigrationRunner {
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

    /** Where the targets stand, in their order; one that cannot be read does not keep the others from it. */
    public List<TargetStanding> standings(List<Check> checks) {
        throw new UnsupportedOperationException(checks + settings.runner());
    }

    /** Brings all targets of the plan to head. A failure of one is in the report and harms no other; nothing is thrown for it. */
    public RunReport run(MigrationPlan plan, RunListener listener) {
        throw new UnsupportedOperationException(plan.id() + listener);
    }
}
