// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.operations.migration.run;

import dev.anabranch.operations.migration.apply.MigrationResult;
import dev.anabranch.operations.migration.files.MigrationFile;
import dev.anabranch.problem.AnabranchException;

/** How far a run is with one target. */
public sealed interface TargetState {
    /** Its turn has not come. */
    record Waiting() implements TargetState {}

    /** Its history is being read. */
    record Checking() implements TargetState {}

    /**
     * Another runner migrates it.
     *
     * @param holder who
     */
    record WaitingForLock(String holder) implements TargetState {}

    /**
     * A file runs.
     *
     * @param file which one
     * @param number its place among those this target lacked, from 1 on
     * @param of how many it lacked
     */
    record Migrating(MigrationFile file, int number, int of) implements TargetState {}

    /** It is at head. */
    record Done(MigrationResult result) implements TargetState {}

    /** It failed. What was applied before the failure stays. */
    record Failed(AnabranchException error) implements TargetState {}

    /**
     * It was not begun.
     *
     * @param reason why, as a sentence's part
     */
    record Skipped(String reason) implements TargetState {}

    /** Whether nothing more happens to it in this run. */
    default boolean isOver() {
        return switch (this) {
            case Waiting _, Checking _, WaitingForLock _, Migrating _ -> false;
            case Done _, Failed _, Skipped _ -> true;
        };
    }

    /** The state's name in JSON: {@code waiting}, {@code checking}, {@code locked}, {@code migrating}, and so on. */
    default String id() {
        return switch (this) {
            case Waiting _ -> "waiting";
            case Checking _ -> "checking";
            case WaitingForLock _ -> "locked";
            case Migrating _ -> "migrating";
            case Done _ -> "done";
            case Failed _ -> "failed";
            case Skipped _ -> "skipped";
        };
    }
}
