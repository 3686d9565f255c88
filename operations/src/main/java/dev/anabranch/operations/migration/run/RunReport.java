// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.operations.migration.run;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What became of a run: plain values, ready to be written as JSON.
 *
 * @param plan the plan's id
 * @param group the group's name
 * @param head the highest version of the files
 * @param millis how long the run took
 * @param targets one entry for each target, in the plan's order
 * @param routed what routers have said of the places, otherwise than the topology
 */
public record RunReport(
        String plan, String group, long head, long millis, List<Entry> targets, List<MigrationPlaces.Answer> routed) {
    /** Copies the lists. */
    public RunReport {
        routed = List.copyOf(routed);
        targets = List.copyOf(targets);
    }

    /**
     * What became of one target.
     *
     * @param database the database's name
     * @param schema the schema's name
     * @param wave the number of its wave; the canary is 0
     * @param state {@code done}, {@code failed} or {@code skipped}
     * @param from the version before; null where that is not known
     * @param to the version after; null where that is not known
     * @param applied the names of the files that this run applied to it, where it is done
     * @param millis how long it took; 0 where it was skipped
     * @param code the failure's code, in lower case; null where there is none
     * @param message the failure, or why it was skipped; null where neither
     */
    public record Entry(
            String database,
            String schema,
            int wave,
            String state,
            @Nullable Long from,
            @Nullable Long to,
            List<String> applied,
            long millis,
            @Nullable String code,
            @Nullable String message) {
        /** Copies the names. */
        public Entry {
            applied = List.copyOf(applied);
        }
    }

    /** Whether all targets are at head. */
    public boolean isComplete() {
        return targets.stream().allMatch(entry -> entry.state().equals("done"));
    }

    /** How many entries have that state. */
    public long count(String state) {
        return targets.stream().filter(entry -> entry.state().equals(state)).count();
    }
}
