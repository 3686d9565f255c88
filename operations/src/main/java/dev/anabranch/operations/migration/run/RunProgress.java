// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.operations.migration.run;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How far a run is.
 *
 * @param total how many targets it has
 * @param done how many are at head
 * @param failed how many failed
 * @param skipped how many were passed over
 * @param running how many are under way
 * @param elapsed since the run began
 * @param remaining how long the rest takes if it goes on like this; null until there is anything to tell it from
 */
public record RunProgress(
        int total, int done, int failed, int skipped, int running, Duration elapsed, @Nullable Duration remaining) {}
