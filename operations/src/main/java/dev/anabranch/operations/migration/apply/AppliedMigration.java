// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.operations.migration.apply;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * One row of a schema's history.
 *
 * @param version the migration's number
 * @param description the file's name, with spaces
 * @param script the file's name as it was then
 * @param checksum the file's checksum as it was then; null for a baseline, which is no file
 * @param installedOn when it was applied, by the database's clock
 * @param millis how long it took
 * @param success false where a file that does not run in a transaction broke off
 */
public record AppliedMigration(
        long version,
        String description,
        String script,
        @Nullable Integer checksum,
        Instant installedOn,
        int millis,
        boolean success) {}
