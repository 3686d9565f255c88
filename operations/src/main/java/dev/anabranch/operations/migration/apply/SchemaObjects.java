// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.operations.migration.apply;

import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;

/** Whether a schema holds anything that files may have made. */
final class SchemaObjects {
    private SchemaObjects() {}

    /** Tables and the like, routines or types, the history itself left out; with MariaDB and MySQL, tables. */
    static boolean exist(MigrationSession session, String schema) throws SQLException {
        String sql = session.isPostgres()
                ? """
                  SELECT EXISTS (SELECT FROM pg_class WHERE relnamespace = n.oid AND relkind NOT IN ('i', 'I', 't')
                                    AND relname <> ?)
                      OR EXISTS (SELECT FROM pg_proc WHERE pronamespace = n.oid)
                      OR EXISTS (SELECT FROM pg_type WHERE typnamespace = n.oid AND typtype IN ('e', 'd', 'r'))
                  FROM pg_namespace n WHERE n.nspname = ?
                  """
                : "SELECT count(*) > 0 FROM information_schema.tables WHERE table_name <> ? AND table_schema = ?";
        try (PreparedStatement statement = session.connection().prepareStatement(sql)) {
            statement.setString(1, MigrationHistory.TABLE);
            statement.setString(2, schema);
            try (ResultSet row = statement.executeQuery()) {
                return row.next() && row.getBoolean(1);
            }
        }
    }
}
