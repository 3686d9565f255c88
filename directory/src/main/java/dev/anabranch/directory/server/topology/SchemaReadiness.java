// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.directory.server.topology;

import dev.anabranch.directory.server.problem.ProblemCode;
import dev.anabranch.directory.server.problem.ProblemException;
import dev.anabranch.directory.server.store.GroupStore;
import dev.anabranch.directory.server.store.TopologyStore;
import dev.anabranch.directory.server.topology.SchemaHistories.Reading;
import dev.anabranch.topology.GroupSchema;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/**
 * Whether databases that a group is about to use have the group's schema, as far as the others of the group have it.
 *
 * <p>A tenant on a database that is behind would be served by a program whose tables are not there. Only groups whose
 * migrations are named are looked at; where none of a group's databases has a history, nothing is asked of a new one.
 */
@Component
class SchemaReadiness {
    private final SchemaHistories histories;
    private final Snapshots snapshots;
    private final GroupStore groups;

    SchemaReadiness(SchemaHistories histories, Snapshots snapshots, GroupStore groups) {
        this.histories = histories;
        this.snapshots = snapshots;
        this.groups = groups;
    }

    /**
     * What a change is about to do.
     *
     * @param group the group's name
     * @param schema its schema after the change
     * @param used the databases that it uses already
     * @param begun those that it begins to use
     */
    record Beginning(String group, GroupSchema schema, Set<String> used, Set<String> begun) {}

    /** What was found, by database: how far it is, or why it cannot be used. */
    record Found(Beginning of, Map<String, Finding> byDatabase) {}

    /** Ready with a sentence, or not ready with a problem. */
    private record Finding(String sentence, @Nullable ProblemException problem) {}

    /** The look for one request, which is taken outside of the change's transaction and may have to be taken again. */
    final class Look {
        private @Nullable Found found;
        private @Nullable Beginning needed;

        /** Takes the look that the last attempt needed, if it needed one. */
        void take() {
            Beginning wanted = needed;
            if (wanted != null) {
                found = look(wanted);
                needed = null;
            }
        }

        /**
         * Refuses a beginning for which a database is not ready, within the change.
         *
         * @param effects what is told of it goes here
         * @return whether a look has to be taken first: then the change ends with {@link Overtaken}
         */
        boolean isNeededFor(Beginning beginning, boolean force, List<String> effects) {
            refuseShared(beginning.group, beginning.schema, beginning.begun);
            if (beginning.begun.isEmpty() || beginning.schema.migrations().isEmpty()) {
                return false;
            }
            Found now = found;
            boolean covers = now != null
                    && now.of.schema.name().equals(beginning.schema.name())
                    && now.byDatabase.keySet().containsAll(beginning.begun);
            if (now == null || !covers) {
                needed = beginning;
                return true;
            }
            for (String database : beginning.begun) {
                Finding finding = now.byDatabase.get(database);
                if (finding == null || (finding.problem == null && finding.sentence.isEmpty())) {
                    continue;
                }
                if (finding.problem == null) {
                    effects.add(finding.sentence);
                } else if (force) {
                    effects.add("Forced: " + finding.problem.problem().detail());
                } else {
                    throw finding.problem;
                }
            }
            return false;
        }
    }

    Look look() {
        return new Look();
    }

    /** Refuses to own what another group owns on one of the databases, within the change. */
    void refuseShared(String group, GroupSchema schema, Set<String> databases) {
        groups.otherOwner(group, schema.name(), databases).ifPresent(other -> {
            throw new ProblemException(
                    ProblemCode.SCHEMA_IN_USE,
                    "The group '" + other + "' owns the schema '" + schema.name() + "' on a database of "
                            + new TreeSet<>(databases) + ", and '" + group + "' would own it there too");
        });
    }

    private Found look(Beginning beginning) {
        Set<String> all = new LinkedHashSet<>(beginning.used);
        all.addAll(beginning.begun);
        Map<String, Finding> findings = new LinkedHashMap<>();
        if (all.size() < 2) {
            // There is no other to be as far as.
            all.forEach(name -> findings.put(name, new Finding("", null)));
            return new Found(beginning, findings);
        }
        TopologyStore.Stored stored = snapshots.current();
        Map<String, Reading> readings = histories.read(stored, all, beginning.schema.name());
        for (String database : beginning.begun) {
            Map<String, Reading> others = new LinkedHashMap<>(readings);
            Reading own = others.remove(database);
            findings.put(database, finding(beginning, database, own, others));
        }
        return new Found(beginning, findings);
    }

    private static Finding finding(
            Beginning beginning, String database, @Nullable Reading own, Map<String, Reading> others) {
        String schema = "The schema '" + beginning.schema.name() + "' of the group '" + beginning.group + "' on '"
                + database + "'";
        if (own instanceof Reading.Unreachable unreachable) {
            return refused(
                    ProblemCode.DATABASE_UNREACHABLE,
                    "The database '" + database + "' could not be asked how far the schema '"
                            + beginning.schema.name() + "' of the group '" + beginning.group + "' is there ("
                            + unreachable.why() + ")");
        }
        Optional<MigrationHistory> furthest = furthest(others);
        if (furthest.isEmpty()) {
            return refused(
                    ProblemCode.SCHEMA_UNKNOWN,
                    schema + " cannot be compared: the history on none of " + others.keySet() + " can be read ("
                            + others.values().stream().map(SchemaReadiness::why).distinct().toList() + ")");
        }
        if (furthest.get().head().isEmpty()) {
            return new Finding("", null);
        }
        String far = "the others have " + furthest.get().shown();
        if (!(own instanceof Reading.Read read)) {
            return refused(ProblemCode.SCHEMA_UNKNOWN, schema + " has no history that its user may read, and " + far);
        }
        MigrationHistory history = read.history();
        List<SchemaVersion> lacks = history.lacks(furthest.get());
        List<SchemaVersion> differs = history.differs(furthest.get());
        if (!lacks.isEmpty()) {
            String gap = history.head().equals(furthest.get().head()) ? ", and " + lacks + " is not among it" : "";
            return behind(beginning, database, schema + " has " + history.shown() + ", " + far + gap);
        }
        if (!differs.isEmpty()) {
            return behind(beginning, database, schema + " has other files applied as " + differs + " than the others");
        }
        return new Finding(schema + " is as far as on the others (" + history.shown() + ")", null);
    }

    private static Finding behind(Beginning beginning, String database, String detail) {
        List<String> steps = new ArrayList<>();
        if (beginning.used.isEmpty()) {
            Set<String> ready = new LinkedHashSet<>(beginning.begun);
            ready.remove(database);
            steps.add("Add the group on those alone that are as far, of " + ready + ", and go on when it is there");
        }
        steps.add("anabranch migrate apply --service " + beginning.group + " --database " + database);
        return new Finding("", new ProblemException(ProblemCode.DATABASE_BEHIND, detail, steps));
    }

    private static Finding refused(ProblemCode code, String detail) {
        return new Finding("", new ProblemException(code, detail));
    }

    private static String why(Reading reading) {
        return switch (reading) {
            case Reading.Read read -> "read";
            case Reading.Denied denied -> denied.why();
            case Reading.Unreachable unreachable -> unreachable.why();
        };
    }

    /** The history that is furthest; empty where none could be read. */
    static Optional<MigrationHistory> furthest(Map<String, Reading> readings) {
        MigrationHistory furthest = null;
        for (Reading reading : readings.values()) {
            if (reading instanceof Reading.Read read && (furthest == null || isFurther(read.history(), furthest))) {
                furthest = read.history();
            }
        }
        return Optional.ofNullable(furthest);
    }

    private static boolean isFurther(MigrationHistory one, MigrationHistory other) {
        Optional<SchemaVersion> head = one.head();
        Optional<SchemaVersion> than = other.head();
        if (head.isEmpty() || than.isEmpty()) {
            return head.isPresent();
        }
        int compared = head.get().compareTo(than.get());
        return compared > 0 || (compared == 0 && one.checksums().size() > other.checksums().size());
    }
}
