// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.operations.migration.apply;

import dev.anabranch.operations.migration.files.MigrationSet;
import dev.anabranch.problem.AnabranchException;
import dev.anabranch.problem.ErrorCode;

/**
 * Brings one group's schema on one database to the head of its files. Thread-safe: schemas may be migrated at once, and two
 * calls for the same schema, in this process or another, come one after the other.
 */
@SuppressWarnings("DoNotCallSuggester")
public final class SchemaMigrator {
    private final MigrationSettings settings;

    /** A migrator with these settings. */
    public SchemaMigrator(MigrationSettings settings) {
        this.settings = settings;
    }

    /**
     * Where the schema stands; changes nothing.
     *
     * @throws AnabranchException {@link ErrorCode#DATABASE_UNAVAILABLE} where the database cannot be reached
     */
    public Standing standing(Target target, MigrationSet set) {
        throw new UnsupportedOperationException(target + " " + set.origin() + settings.runner());
    }

    /** As {@link #migrate(Target, MigrationSet, MigrationListener)}, told to nobody. */
    public MigrationResult migrate(Target target, MigrationSet set) {
        return migrate(target, set, MigrationListener.NONE);
    }

    /**
     * Makes the schema and its roles where they are missing, and applies the files that were not.
     *
     * @throws AnabranchException {@link ErrorCode#MIGRATION_FAILED} with database, file, line, statement and SQLState where a
     *     statement failed; {@link ErrorCode#MIGRATION_LOCKED} where another runner held the schema for too long;
     *     {@link ErrorCode#MIGRATION_INVALID} where files and history contradict each other;
     *     {@link ErrorCode#DATABASE_UNAVAILABLE} where the database cannot be reached
     */
    public MigrationResult migrate(Target target, MigrationSet set, MigrationListener listener) {
        throw new UnsupportedOperationException(target + " " + set.origin() + listener);
    }
}
