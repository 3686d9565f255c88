// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.operations.migration.desired;

import dev.anabranch.operations.migration.catalog.CatalogDiff;
import dev.anabranch.operations.migration.catalog.CatalogSnapshot;
import dev.anabranch.operations.migration.catalog.Renames;
import dev.anabranch.operations.migration.catalog.Step;
import dev.anabranch.operations.migration.files.MigrationSet;
import dev.anabranch.problem.AnabranchException;
import java.sql.Connection;
import java.util.List;

/** What migrations lead to when all of them run, from nothing, in a schema that is thrown away. */
public final class Replay {
    private Replay() {}

    /**
     * The schema after the last file.
     *
     * @param connection to PostgreSQL, as a role that may create schemas; unchanged afterwards
     * @throws AnabranchException as {@link ScratchSchema} does
     */
    public static CatalogSnapshot of(Connection connection, MigrationSet migrations) {
        return ScratchSchema.snapshotOf(
                connection, migrations.files().stream().map(SqlSource::of).toList());
    }

    /**
     * What the migrations lack, in steps that would lead to the desired state; empty where they are whole. This is the check
     * for continuous integration: it needs any empty database, and none that is in use.
     *
     * @throws AnabranchException as {@link ScratchSchema} does
     */
    public static List<Step> lacking(Connection connection, MigrationSet migrations, CatalogSnapshot desired) {
        return CatalogDiff.between(of(connection, migrations), desired, Renames.NONE);
    }
}
