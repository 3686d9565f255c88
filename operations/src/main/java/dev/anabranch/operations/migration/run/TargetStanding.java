// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.operations.migration.run;

import dev.anabranch.operations.migration.apply.Standing;
import dev.anabranch.operations.migration.apply.Target;
import dev.anabranch.problem.AnabranchException;
import org.jspecify.annotations.Nullable;

/**
 * Where one target stands, or why that cannot be told: one of the two.
 *
 * @param target which one
 * @param standing how its history compares to its files; null where it could not be read
 * @param error why it could not be read; null where it was
 */
public record TargetStanding(Target target, @Nullable Standing standing, @Nullable AnabranchException error) {
    /** Whether it was read, and nothing is to be done and nothing is wrong. */
    public boolean isCurrent() {
        return standing != null && standing.isCurrent();
    }
}
