// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.operations.migration.run;

import dev.anabranch.operations.migration.apply.Target;

/** Hears how a run goes on. It is called from many threads, but never by two at once. What it throws is logged only. */
@FunctionalInterface
public interface RunListener {
    /** Hears nothing. */
    RunListener NONE = (target, state, progress) -> {};

    /** A target has another state. */
    void changed(Target target, TargetState state, RunProgress progress);
}
