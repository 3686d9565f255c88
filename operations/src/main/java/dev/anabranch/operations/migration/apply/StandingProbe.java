// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.operations.migration.apply;

import dev.anabranch.operations.migration.files.MigrationSet;
import dev.anabranch.problem.AnabranchException;
import dev.anabranch.problem.ErrorCode;
import java.sql.SQLException;

/** Tells where the schemas of one database stand, over one connection. Not thread-safe. */
public final class StandingProbe implements AutoCloseable {
    private final MigrationSession session;

    private StandingProbe(MigrationSession session) {
        this.session = session;
    }

    /**
     * Connects as the one who migrates, or as the application's user where this process does not know the owner's password.
     *
     * @param target a schema of the database
     * @throws AnabranchException {@link ErrorCode#DATABASE_UNAVAILABLE} where there is no connection to be had
     */
    public static StandingProbe connect(Target target, MigrationSettings settings) {
        return new StandingProbe(MigrationSession.toLook(target, settings));
    }

    /**
     * Where a schema of this database stands: one round trip.
     *
     * @throws AnabranchException {@link ErrorCode#DATABASE_UNAVAILABLE} where the history cannot be read;
     *     {@link ErrorCode#MIGRATION_INVALID} where it is not of this program's form
     */
    public Standing standing(Target target, MigrationSet set) {
        try {
            return Standing.of(set, MigrationHistory.read(session.connection(), target.schema()));
        } catch (SQLException e) {
            throw new AnabranchException(
                    ErrorCode.DATABASE_UNAVAILABLE,
                    "The history of " + target + " (" + session.endpoint().address() + ", schema " + target.schema()
                            + ") cannot be read as " + session.endpoint().user() + ": " + MigrationErrors.said(e),
                    "Check that the server runs, and that this role may read the schema",
                    e);
        }
    }

    @Override
    public void close() {
        session.close();
    }
}
