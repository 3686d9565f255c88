// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.topology;

import dev.anabranch.problem.AnabranchException;
import dev.anabranch.problem.ErrorCode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which database holds each of the {@value Bucket#COUNT} buckets of a group.
 *
 * <p>Immutable. Two maps are equal where every bucket is on the same database.
 */
public final class BucketMap {
    private final String[] databases;

    private BucketMap(String[] databases) {
        this.databases = databases;
    }

    /**
     * A range of buckets on one database.
     *
     * @param from the first bucket
     * @param to the last bucket, itself included
     * @param database the database's name
     */
    public record Range(int from, int to, String database) {}

    /**
     * Buckets in equal, contiguous shares, in the order of the names.
     *
     * @throws AnabranchException {@link ErrorCode#CONFIGURATION_INVALID} where there is no name, or a name twice
     */
    public static BucketMap evenly(List<String> names) {
        if (names.isEmpty() || names.size() > Bucket.COUNT || Set.copyOf(names).size() != names.size()) {
            throw new AnabranchException(
                    ErrorCode.CONFIGURATION_INVALID,
                    "Buckets cannot be spread over the databases " + names,
                    "Name 1 to " + Bucket.COUNT + " databases, each once");
        }
        String[] databases = new String[Bucket.COUNT];
        for (int bucket = 0; bucket < Bucket.COUNT; bucket++) {
            databases[bucket] = names.get((int) ((long) bucket * names.size() / Bucket.COUNT));
        }
        return new BucketMap(databases);
    }

    /**
     * The map that consists of these ranges.
     *
     * @throws AnabranchException {@link ErrorCode#CONFIGURATION_INVALID} where they overlap or leave a bucket out
     */
    public static BucketMap of(List<Range> ranges) {
        @Nullable String[] databases = new @Nullable String[Bucket.COUNT];
        for (Range range : ranges) {
            if (range.from() < 0 || range.to() >= Bucket.COUNT || range.from() > range.to()) {
                throw invalid("The buckets " + range.from() + " to " + range.to() + " are no range");
            }
            for (int bucket = range.from(); bucket <= range.to(); bucket++) {
                if (databases[bucket] != null) {
                    throw invalid("Bucket " + bucket + " is on " + databases[bucket] + " and on " + range.database());
                }
                databases[bucket] = range.database();
            }
        }
        String[] complete = new String[Bucket.COUNT];
        for (int bucket = 0; bucket < Bucket.COUNT; bucket++) {
            String database = databases[bucket];
            if (database == null) {
                throw invalid("Bucket " + bucket + " is on no database");
            }
            complete[bucket] = database;
        }
        return new BucketMap(complete);
    }

    /** The name of the database that holds a bucket (0 to 4,095). */
    public String databaseOf(int bucket) {
        return databases[bucket];
    }

    /** The fewest ranges that say the same, in order. */
    public List<Range> ranges() {
        List<Range> ranges = new ArrayList<>();
        int from = 0;
        for (int bucket = 1; bucket <= Bucket.COUNT; bucket++) {
            if (bucket == Bucket.COUNT || !databases[bucket].equals(databases[from])) {
                ranges.add(new Range(from, bucket - 1, databases[from]));
                from = bucket;
            }
        }
        return List.copyOf(ranges);
    }

    /** The databases that hold at least one bucket, in the order of their first. */
    public Set<String> databases() {
        return new LinkedHashSet<>(Arrays.asList(databases));
    }

    private static AnabranchException invalid(String problem) {
        return new AnabranchException(
                ErrorCode.CONFIGURATION_INVALID,
                problem,
                "Give each bucket from 0 to " + (Bucket.COUNT - 1) + " to exactly one database");
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof BucketMap map && Arrays.equals(map.databases, databases);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(databases);
    }

    @Override
    public String toString() {
        return ranges().toString();
    }
}
