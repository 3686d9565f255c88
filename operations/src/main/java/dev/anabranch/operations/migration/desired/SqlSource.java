// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.operations.migration.desired;

import dev.anabranch.operations.migration.files.MigrationFile;
import dev.anabranch.problem.AnabranchException;
import dev.anabranch.problem.ErrorCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A text of SQL with the name by which messages call it.
 *
 * @param name the file, for messages
 * @param sql what it says
 */
public record SqlSource(String name, String sql) {
    /**
     * A file's text.
     *
     * @throws AnabranchException {@link ErrorCode#CONFIGURATION_INVALID} where it cannot be read as UTF-8
     */
    public static SqlSource of(Path file) {
        try {
            return new SqlSource(file.toString(), Files.readString(file));
        } catch (IOException e) {
            throw new AnabranchException(
                    ErrorCode.CONFIGURATION_INVALID,
                    "The file " + file.toAbsolutePath() + " cannot be read ("
                            + e.getClass().getSimpleName() + ")",
                    "Make it, as UTF-8, or correct the group's desired state",
                    e);
        }
    }

    /** A migration's text. */
    public static SqlSource of(MigrationFile file) {
        return new SqlSource(file.fileName(), file.sql());
    }
}
