// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.operations.migration.apply;

import dev.anabranch.operations.migration.files.MigrationFile;
import java.time.Duration;
import java.util.List;

/**
 * What a migration that succeeded did.
 *
 * @param target where
 * @param from the version before; 0 where nothing was applied
 * @param to the version after
 * @param applied the files that this call applied, in order; empty where the schema was current
 * @param duration how long it all took, with connecting and waiting
 */
public record MigrationResult(Target target, long from, long to, List<MigrationFile> applied, Duration duration) {
    /** Copies the list. */
    public MigrationResult {
        applied = List.copyOf(applied);
    }
}
