// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.operations.migration.files;

import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32;

/**
 * One versioned file of SQL, {@code V<number>__name.sql}. Once applied anywhere it never changes.
 *
 * @param version the number, from 1 on
 * @param description the name with spaces for underscores
 * @param fileName the file's name without its folder
 * @param sql what it says
 */
public record MigrationFile(long version, String description, String fileName, String sql) {
    /** The number by which the history tells that the file is still the same: Flyway's, which ignores line ends. */
    public int checksum() {
        // As Flyway's ChecksumCalculator: CRC-32 over the lines without their ends.
        CRC32 crc = new CRC32();
        String text = sql.startsWith("\uFEFF") ? sql.substring(1) : sql;
        text.lines().forEach(line -> crc.update(line.getBytes(StandardCharsets.UTF_8)));
        return (int) crc.getValue();
    }
}
