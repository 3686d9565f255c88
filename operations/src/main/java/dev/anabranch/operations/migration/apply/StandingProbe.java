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
     * @throws AnabranchException {@link ErrorCode#DATABASE_UNAVAILABLE} where there is no connection to be had;
     *     {@link ErrorCode#CONFIGURATION_INVALID} where the server refuses the login or has no such database
     */
    public static StandingProbe connect(Target target, MigrationSettings settings) {
        return new StandingProbe(MigrationSession.toLook(target, settings));
    }

    /**
     * Where a schema of this database stands: one round trip.
     *
     * @throws AnabranchException {@link ErrorCode#DATABASE_UNAVAILABLE} where the connection broke;
     *     {@link ErrorCode#CONFIGURATION_INVALID} where the login may not read the history;
     *     {@link ErrorCode#MIGRATION_INVALID} where it is not of this program's form
     */
    public Standing standing(Target target, MigrationSet set) {
        try {
            return Standing.of(set, MigrationHistory.read(session.connection(), target.schema()));
        } catch (SQLException e) {
            throw unreadable(target, e);
        }
    }

    /**
     * Whether the application can log in and use the schema, so far as this login can tell: one round trip; none where there is
     * no owner, as it then is the application itself that migrates.
     *
     * @throws AnabranchException as {@link #standing} does
     */
    public boolean isApplicationReady(Target target) {
        boolean owner = target.database().owner().isPresent()
                && session.endpoint().user().equals(target.migrating().user());
        try {
            return !owner || !session.isPostgres() || new SchemaRoles(session, target, MigrationListener.NONE).isReady();
        } catch (SQLException e) {
            throw unreadable(target, e);
        }
    }

    private AnabranchException unreadable(Target target, SQLException e) {
        String user = session.endpoint().user();
        ErrorCode code = MigrationErrors.isDown(e)
                ? ErrorCode.DATABASE_UNAVAILABLE
                : MigrationErrors.isRefused(e) ? ErrorCode.CONFIGURATION_INVALID : ErrorCode.MIGRATION_INVALID;
        String hint =
                switch (code) {
                    case DATABASE_UNAVAILABLE -> "Check that the server runs, and run it again";
                    case CONFIGURATION_INVALID -> "Let " + user + " read it: GRANT USAGE ON SCHEMA "
                            + session.quoted(target.schema()) + " TO " + session.quoted(user) + "; GRANT SELECT ON "
                            + session.quoted(target.schema()) + "." + session.quoted(MigrationHistory.TABLE) + " TO "
                            + session.quoted(user);
                    default -> "Look at the table " + MigrationHistory.TABLE + ": Flyway may not have made it";
                };
        return new AnabranchException(
                code,
                "The history of " + target + " (" + session.endpoint().address() + ", schema " + target.schema()
                        + ") cannot be read as " + user + ": " + MigrationErrors.said(e),
                hint,
                e);
    }

    @Override
    public void close() {
        session.close();
    }
}
