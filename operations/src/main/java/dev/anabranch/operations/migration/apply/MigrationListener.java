// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.operations.migration.apply;

import dev.anabranch.operations.migration.files.MigrationFile;
import java.time.Duration;

/** Hears how the migration of one schema goes on, on the thread that migrates. What it throws ends the migration. */
public interface MigrationListener {
    /** Hears nothing. */
    MigrationListener NONE = new MigrationListener() {};

    /** The history is known. */
    default void checked(Standing standing) {}

    /**
     * Another runner migrates the schema; told once for each holder.
     *
     * @param holder who, as the database knows them
     */
    default void waiting(String holder) {}

    /** A file is about to run. */
    default void applying(MigrationFile file) {}

    /** A file has been applied and recorded. */
    default void applied(MigrationFile file, Duration took) {}

    /**
     * Locks were not to be had, and it is tried again.
     *
     * @param attempt the number of the attempt that failed, from 1 on
     * @param cause what the database said, in short
     */
    default void retrying(int attempt, String cause) {}

    /**
     * Something is not as it should be, and the migration goes on.
     *
     * @param what a sentence without a full stop
     */
    default void noticed(String what) {}
}
