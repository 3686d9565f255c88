// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.operations.migration.desired;

import dev.anabranch.operations.migration.catalog.CatalogDiff;
import dev.anabranch.operations.migration.catalog.CatalogReader;
import dev.anabranch.operations.migration.catalog.CatalogSnapshot;
import dev.anabranch.operations.migration.catalog.Renames;
import dev.anabranch.operations.migration.catalog.Step;
import dev.anabranch.operations.migration.desired.GeneratedMigration.GeneratedFile;
import dev.anabranch.operations.migration.files.MigrationSet;
import dev.anabranch.problem.AnabranchException;
import dev.anabranch.problem.ErrorCode;
import dev.anabranch.topology.GroupSchema;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The next migration of a group, found by comparing what its schema shall hold with what it holds in one database. Other
 * schemas of the database are not looked at.
 *
 * @param group the group's name, for the files
 * @param schema the group's schema in the database
 * @param migrations what is in the folder
 * @param folder where the files go
 * @param desired what the schema shall hold
 * @param renames what is renamed and not dropped and made
 * @param allowDestructive whether statements that lose something are written to run
 * @param description a few words, for the files' names
 */
public record NextMigration(
        String group,
        String schema,
        MigrationSet migrations,
        Path folder,
        GroupSchema.Desired desired,
        Renames renames,
        boolean allowDestructive,
        String description) {
    /**
     * Compares, writes the files, and tries them out after the earlier ones in a scratch schema, where they must lead to the
     * desired state.
     *
     * @param connection to the database as the group's owner; unchanged afterwards. The caller has seen that its schema is at
     *     the head of the migrations: what they have not brought yet would be generated once more
     * @return what was written, or that nothing was
     * @throws AnabranchException {@link ErrorCode#CONFIGURATION_INVALID} where the desired state cannot be had,
     *     {@link ErrorCode#MIGRATION_INVALID} where its SQL fails or files cannot be written; nothing is written then
     */
    public GeneratedMigration generate(Connection connection) {
        return generate(connection, present(connection));
    }

    /** As {@link #generate(Connection)}, from another state than the schema in this database has. */
    public GeneratedMigration generate(Connection connection, CatalogSnapshot present) {
        DesiredState wanted = DesiredState.of(connection, desired);
        List<Step> steps = CatalogDiff.between(present, wanted.snapshot(), renames);
        var writer = new MigrationWriter(
                folder, migrations, group, wanted.origin(), !present.tables().isEmpty(), allowDestructive);
        List<GeneratedFile> files = writer.files(description, steps);
        List<Step> pending = steps.stream().filter(step -> !writer.runs(step)).toList();
        List<String> warnings =
                files.isEmpty() ? List.of() : tried(connection, files, wanted.snapshot(), !pending.isEmpty());
        if (!files.isEmpty()) {
            writer.write(files);
        }
        return new GeneratedMigration(
                files, pending, steps.stream().map(Step::asks).flatMap(Optional::stream).toList(), warnings);
    }

    private CatalogSnapshot present(Connection connection) {
        try {
            return CatalogReader.read(connection, schema);
        } catch (SQLException e) {
            throw new AnabranchException(
                    ErrorCode.MIGRATION_FAILED,
                    "The catalog of the schema " + schema + " cannot be read (" + e.getMessage() + ")",
                    "Look at the cause",
                    e);
        }
    }

    private List<String> tried(
            Connection connection, List<GeneratedFile> files, CatalogSnapshot wanted, boolean incomplete) {
        List<String> warnings = new ArrayList<>();
        try (var scratch = ScratchSchema.open(connection)) {
            try {
                migrations.files().forEach(file -> scratch.run(SqlSource.of(file)));
            } catch (AnabranchException e) {
                warnings.add("The new files were not tried out, because the earlier ones do not run from nothing: "
                        + e.problem());
                return warnings;
            }
            try {
                files.forEach(file -> scratch.run(
                        new SqlSource(String.valueOf(file.path().getFileName()), file.sql())));
            } catch (AnabranchException e) {
                warnings.add("Tried out after the earlier files, this fails: " + e.problem()
                        + (incomplete ? ". It may need one of the destructive statements that are comments" : ""));
                return warnings;
            }
            if (!incomplete) {
                List<Step> left = CatalogDiff.between(scratch.snapshot(), wanted, Renames.NONE);
                if (!left.isEmpty()) {
                    warnings.add("After all files the schema is not what it shall be, so the database is not what its"
                            + " migrations make: "
                            + String.join(", ", left.stream().map(Step::object).distinct().limit(5).toList()));
                }
            }
        }
        return warnings;
    }
}
