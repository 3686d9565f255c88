// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.operations.migration.desired;

import dev.anabranch.operations.migration.catalog.CatalogSnapshot;
import dev.anabranch.problem.AnabranchException;
import dev.anabranch.problem.ErrorCode;
import dev.anabranch.topology.GroupSchema;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * What a group's schema shall look like: what its file of SQL or its entities make, and the file of more SQL after them.
 *
 * @param origin where it comes from, for messages and for the files that are generated
 * @param snapshot what the schema shall hold
 */
public record DesiredState(String origin, CatalogSnapshot snapshot) {
    /** How long the export of entities may take; a large application needs some seconds. */
    private static final Duration EXPORT_LIMIT = Duration.ofMinutes(2);

    /**
     * Builds it in a scratch schema. Entities are exported before the transaction begins, so that nothing is locked
     * meanwhile.
     *
     * @param connection to PostgreSQL, as a role that may create schemas; unchanged afterwards
     * @param desired relative paths are taken from the working directory
     * @throws AnabranchException {@link ErrorCode#CONFIGURATION_INVALID} where a file or Hibernate is missing or fails;
     *     otherwise as {@link ScratchSchema} does
     */
    public static DesiredState of(Connection connection, GroupSchema.Desired desired) {
        List<SqlSource> sources = new ArrayList<>();
        List<String> names = new ArrayList<>();
        if (desired.schemaFile() != null) {
            sources.add(SqlSource.of(Path.of(desired.schemaFile())));
            names.add(Path.of(desired.schemaFile()).getFileName().toString());
        }
        if (desired.entities() != null) {
            sources.add(new EntitySql(Path.of(desired.entities()), serverVersion(connection), EXPORT_LIMIT).export());
            names.add("the entities of " + Path.of(desired.entities()).getFileName());
        }
        if (desired.extraFile() != null) {
            sources.add(SqlSource.of(Path.of(desired.extraFile())));
            names.add(Path.of(desired.extraFile()).getFileName().toString());
        }
        return new DesiredState(String.join(" and ", names), ScratchSchema.snapshotOf(connection, sources));
    }

    private static int serverVersion(Connection connection) {
        try {
            String product = connection.getMetaData().getDatabaseProductName();
            if (!product.equals("PostgreSQL")) {
                throw new AnabranchException(
                        ErrorCode.CONFIGURATION_INVALID,
                        "Migrations are generated for PostgreSQL alone, and this is " + product,
                        "Write the file by hand; it is applied all the same");
            }
            return connection.getMetaData().getDatabaseMajorVersion();
        } catch (SQLException e) {
            throw new AnabranchException(
                    ErrorCode.DATABASE_UNAVAILABLE, "The database does not answer (" + e.getMessage() + ")", "Try again", e);
        }
    }
}
