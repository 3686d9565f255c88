// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.operations.migration.apply;

import dev.anabranch.operations.migration.files.MigrationFile;
import dev.anabranch.operations.migration.files.MigrationSet;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * How a schema's history compares to a set of files.
 *
 * @param kind what holds; the worst where several things do
 * @param version the highest version that was applied; 0 where none was
 * @param head the highest version of the files
 * @param pending the files that are still to be applied, in order
 * @param concerned what the kind is about: the versions or the names of files; empty for {@link Kind#CURRENT}
 */
public record Standing(Kind kind, long version, long head, List<MigrationFile> pending, List<String> concerned) {
    /** The kinds, from best to worst. */
    public enum Kind {
        /** All files are applied, and they are the same. */
        CURRENT,
        /** Files are to be applied. */
        BEHIND,
        /** There is no history: the schema is not there, or nothing was ever applied to it. */
        MISSING,
        /** Versions are applied that the files lack: this program is older than the schema, or a file was removed. */
        AHEAD,
        /** A file that was not applied has a lower number than one that was. */
        OUT_OF_ORDER,
        /** Files differ from what was applied. */
        CHANGED,
        /** The last migration broke off, and is one of the files. */
        FAILED
    }

    /** Copies the lists. */
    public Standing {
        pending = List.copyOf(pending);
        concerned = List.copyOf(concerned);
    }

    /** Compares the files with the history. */
    public static Standing of(MigrationSet set, MigrationHistory history) {
        if (!history.exists()) {
            return new Standing(set.files().isEmpty() ? Kind.CURRENT : Kind.MISSING, 0, set.head(), set.files(), names(set.files()));
        }
        Map<Long, MigrationFile> files = new HashMap<>();
        set.files().forEach(file -> files.put(file.version(), file));
        long version = history.version();
        long reached = version;
        long baseline = 0;
        List<String> failed = new ArrayList<>();
        List<String> changed = new ArrayList<>();
        List<String> unknown = new ArrayList<>();
        Map<Long, AppliedMigration> applied = new HashMap<>();
        for (AppliedMigration row : history.applied()) {
            MigrationFile file = files.get(row.version());
            if (row.checksum() == null) {
                baseline = Math.max(baseline, row.version());
            } else if (!row.success()) {
                if (file == null) {
                    // A newer program's: what this one needs was applied before it.
                    unknown.add("V" + row.version());
                    reached = Math.max(reached, row.version());
                } else {
                    failed.add(row.script());
                }
            } else {
                applied.put(row.version(), row);
                if (file == null) {
                    unknown.add("V" + row.version());
                } else if (file.checksum() != row.checksum()) {
                    changed.add(file.fileName());
                }
            }
        }
        List<MigrationFile> pending = new ArrayList<>();
        for (MigrationFile file : set.files()) {
            if (file.version() > baseline && !applied.containsKey(file.version())) {
                pending.add(file);
            }
        }
        long passed = reached;
        List<String> late = names(
                pending.stream().filter(file -> file.version() < passed).toList());
        Kind kind;
        List<String> concerned;
        if (!failed.isEmpty()) {
            kind = Kind.FAILED;
            concerned = failed;
        } else if (!changed.isEmpty()) {
            kind = Kind.CHANGED;
            concerned = changed;
        } else if (!late.isEmpty()) {
            kind = Kind.OUT_OF_ORDER;
            concerned = late;
        } else if (!unknown.isEmpty()) {
            kind = Kind.AHEAD;
            concerned = unknown;
        } else {
            kind = pending.isEmpty() ? Kind.CURRENT : Kind.BEHIND;
            concerned = names(pending);
        }
        return new Standing(kind, version, set.head(), pending, concerned);
    }

    private static List<String> names(List<MigrationFile> files) {
        return files.stream().map(MigrationFile::fileName).toList();
    }

    /** Whether nothing is to be done and nothing is wrong. */
    public boolean isCurrent() {
        return kind == Kind.CURRENT;
    }

    /** As people say it: {@code at V3, 2 behind: V4__a.sql, V5__b.sql}. */
    public String describe() {
        String which = concerned.stream().limit(5).collect(Collectors.joining(", "))
                + (concerned.size() > 5 ? " and " + (concerned.size() - 5) + " more" : "");
        return switch (kind) {
            case CURRENT -> "at V" + version + ", current";
            case BEHIND -> "at V" + version + ", " + pending.size() + " behind: " + which;
            case MISSING -> "nothing applied yet, " + pending.size() + " behind: " + which;
            case AHEAD -> "at V" + version + ", with versions that the files lack: " + which;
            case OUT_OF_ORDER -> "at V" + version + ", which passed over " + which;
            case CHANGED -> "at V" + version + ", applied from other files than these: " + which;
            case FAILED -> "at V" + version + ", broken off in " + which;
        };
    }
}
