// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.operations.migration.desired;

import dev.anabranch.operations.migration.catalog.CatalogDiff;
import dev.anabranch.operations.migration.catalog.CatalogSnapshot;
import dev.anabranch.operations.migration.catalog.Renames;
import dev.anabranch.operations.migration.catalog.Step;
import dev.anabranch.operations.migration.files.MigrationFile;
import dev.anabranch.operations.migration.files.MigrationSet;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** The files that are generated from one script to another, for tests of what comes out. */
public final class GeneratedFiles implements AutoCloseable {
    private final Connection connection;

    private GeneratedFiles(Connection connection) {
        this.connection = connection;
    }

    /** Begins, on a database of its own. */
    public static GeneratedFiles begin() throws SQLException {
        return new GeneratedFiles(TestDatabase.create().connect());
    }

    /** To the database, as its owner. */
    public Connection connection() {
        return connection;
    }

    /** The statements from the one to the other. */
    public List<Step> steps(String from, String to, Renames renames) {
        return CatalogDiff.between(snapshot(from), snapshot(to), renames);
    }

    /** The script as V1, where it has anything, and then what is generated, where there is a difference. */
    public static MigrationSet set(String from, List<Step> steps, boolean allowDestructive) {
        List<MigrationFile> files = new ArrayList<>();
        if (!from.isBlank()) {
            files.add(MigrationSet.file("generated", "V1__from.sql", from));
        }
        var writer = new MigrationWriter(
                Path.of("unused"),
                new MigrationSet("generated", files),
                "shop",
                "a script",
                from.toLowerCase(Locale.ROOT).contains("create table"),
                allowDestructive);
        writer.files("next", steps).forEach(file ->
                files.add(MigrationSet.file("generated", String.valueOf(file.path().getFileName()), file.sql())));
        return new MigrationSet("generated", files);
    }

    private CatalogSnapshot snapshot(String script) {
        return ScratchSchema.snapshotOf(connection, List.of(new SqlSource("script", script)));
    }

    @Override
    public void close() throws SQLException {
        connection.close();
    }
}
