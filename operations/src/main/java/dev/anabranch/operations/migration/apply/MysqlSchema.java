// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.operations.migration.apply;

import dev.anabranch.problem.AnabranchException;
import dev.anabranch.problem.ErrorCode;
import java.sql.SQLException;

/** Makes a group's schema with MariaDB and MySQL, where it is a database of its own on the same server. */
final class MysqlSchema {
    private MysqlSchema() {}

    static void prepare(MigrationSession session, Target target, MigrationListener listener) throws SQLException {
        String create = "CREATE DATABASE IF NOT EXISTS " + session.quoted(target.schema());
        String user = target.database().primary().user();
        String grant = "GRANT SELECT, INSERT, UPDATE, DELETE, EXECUTE ON " + session.quoted(target.schema()) + ".* TO '"
                + user.replace("'", "''") + "'@'%'";
        try {
            session.connection().setCatalog(target.schema());
        } catch (SQLException missing) {
            try {
                session.execute(create);
                session.connection().setCatalog(target.schema());
            } catch (SQLException e) {
                if (!MigrationErrors.isDenied(e)) {
                    throw e;
                }
                throw new AnabranchException(
                        ErrorCode.CONFIGURATION_INVALID,
                        session.endpoint().user() + " may not make the database " + target.schema() + " on "
                                + session.endpoint().address() + ", which " + target + " needs",
                        "Let an administrator of that server run: " + create + "; GRANT ALL ON "
                                + session.quoted(target.schema()) + ".* TO '" + session.endpoint().user().replace("'", "''")
                                + "'@'%'",
                        e);
            }
            if (!user.equals(session.endpoint().user())) {
                // Where the application connects from is part of its name there, and nothing that this program knows.
                listener.noticed("The database " + target.schema() + " is new on " + session.endpoint().address()
                        + "; let the application in, for example by: " + grant);
            }
        }
    }
}
