// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.directory.server.topology;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What was applied to a group's schema on one database, by its own history.
 *
 * @param checksums the versions that succeeded, with the checksums of their files; 0 where a migration has none
 * @param baseline up to which version the schema was there before its history began; null where it began with nothing
 */
record MigrationHistory(SortedMap<SchemaVersion, Integer> checksums, @Nullable SchemaVersion baseline) {
    static final String TABLE = "flyway_schema_history";
    static final MigrationHistory NONE = new MigrationHistory(new TreeMap<>(), null);

    MigrationHistory {
        checksums = Collections.unmodifiableSortedMap(new TreeMap<>(checksums));
    }

    /** Reads rows of version, checksum, success and type in the order in which they were written. */
    static MigrationHistory of(ResultSet rows) throws SQLException {
        TreeMap<SchemaVersion, Integer> applied = new TreeMap<>();
        SchemaVersion baseline = null;
        while (rows.next()) {
            String text = rows.getString(1);
            // One that repeats has no version, and one that failed has done nothing.
            Optional<SchemaVersion> version = text == null ? Optional.empty() : SchemaVersion.of(text);
            if (version.isEmpty() || !rows.getBoolean(3)) {
                continue;
            }
            int checksum = rows.getInt(2);
            String type = Objects.requireNonNullElse(rows.getString(4), "");
            if (type.equals("DELETE") || type.startsWith("UNDO")) {
                applied.remove(version.get());
            } else if (type.equals("BASELINE")) {
                baseline = version.get();
            } else {
                applied.put(version.get(), checksum);
            }
        }
        return new MigrationHistory(applied, baseline);
    }

    /** The last version; empty where nothing was applied. */
    Optional<SchemaVersion> head() {
        return checksums.isEmpty() ? Optional.ofNullable(baseline) : Optional.of(checksums.lastKey());
    }

    /** What another has that is not here: versions, in their order. */
    List<SchemaVersion> lacks(MigrationHistory other) {
        return other.checksums.keySet().stream()
                .filter(version -> !checksums.containsKey(version)
                        && (baseline == null || version.compareTo(baseline) > 0))
                .toList();
    }

    /** The versions that another has too, of other files. */
    List<SchemaVersion> differs(MigrationHistory other) {
        return other.checksums.entrySet().stream()
                .filter(entry -> checksums.containsKey(entry.getKey())
                        && !Objects.equals(checksums.get(entry.getKey()), entry.getValue()))
                .map(Map.Entry::getKey)
                .toList();
    }

    /** The head as messages write it. */
    String shown() {
        return head().map(SchemaVersion::toString).orElse("nothing");
    }
}
