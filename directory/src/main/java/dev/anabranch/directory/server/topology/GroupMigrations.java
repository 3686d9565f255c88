// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.directory.server.topology;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.anabranch.directory.server.problem.ProblemCode;
import dev.anabranch.directory.server.problem.ProblemException;
import dev.anabranch.directory.server.store.TopologyStore;
import dev.anabranch.directory.server.topology.SchemaHistories.Reading;
import dev.anabranch.topology.Group;
import dev.anabranch.topology.GroupSchema;
import io.swagger.v3.oas.annotations.media.Schema;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/**
 * How far a group's schema is on each of its databases, relative to the one that is furthest: read from the databases
 * themselves, at the time it is asked. Which migrations there are in files, the directory does not know.
 */
@Component
public class GroupMigrations {
    private final Snapshots snapshots;
    private final SchemaHistories histories;

    GroupMigrations(Snapshots snapshots, SchemaHistories histories) {
        this.snapshots = snapshots;
        this.histories = histories;
    }

    /**
     * The standing of all databases of a group.
     *
     * @param group the group
     * @param schema the schema that it owns
     * @param furthest the last version of the database that is furthest; absent where none has any
     * @param databases each of them
     * @param revision the revision that says which ones
     */
    @Schema(name = "GroupMigrations")
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record View(
            @Schema(example = "people") String group,
            @Schema(example = "people") String schema,
            @Nullable @Schema(example = "7") String furthest,
            List<Standing> databases,
            @Schema(example = "12") long revision) {}

    /**
     * The standing of one.
     *
     * @param database its name
     * @param state {@code level} with the one that is furthest, {@code behind} it, {@code different} where the same version
     *     was another file, {@code denied} where the application's user may not read the history, or {@code unreachable}
     * @param version its last version; absent where it has none or could not be asked
     * @param lacks the versions that it lacks
     * @param differs the versions that were other files there
     * @param reason why it could not be asked
     */
    @Schema(name = "DatabaseMigrations")
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Standing(
            @Schema(example = "shard-1") String database,
            @Schema(example = "behind", allowableValues = {"level", "behind", "different", "denied", "unreachable"})
                    String state,
            @Nullable @Schema(example = "3") String version,
            @Nullable @Schema(example = "[\"4\",\"5\",\"6\",\"7\"]") List<String> lacks,
            @Nullable @Schema(example = "[]") List<String> differs,
            @Nullable @Schema(example = "SQLState 08001, after 3000 ms") String reason) {}

    private enum State {
        LEVEL,
        BEHIND,
        DIFFERENT,
        DENIED,
        UNREACHABLE
    }

    /** Where each database of the group stands. */
    public View of(String name) {
        TopologyStore.Stored stored = snapshots.current();
        Group group = Snapshots.group(stored, name);
        GroupSchema schema = group.schema()
                .orElseThrow(() -> new ProblemException(
                        ProblemCode.SCHEMA_MISSING, "The group '" + name + "' owns no schema"));
        Map<String, Reading> readings = histories.read(stored, group.databases(), schema.name());
        MigrationHistory furthest = SchemaReadiness.furthest(readings).orElse(MigrationHistory.NONE);
        List<Standing> standings = readings.entrySet().stream()
                .map(reading -> standing(reading.getKey(), reading.getValue(), furthest))
                .toList();
        return new View(name, schema.name(), version(furthest), standings, stored.revision());
    }

    private static Standing standing(String database, Reading reading, MigrationHistory furthest) {
        return switch (reading) {
            case Reading.Denied denied -> failed(database, State.DENIED, denied.why());
            case Reading.Unreachable unreachable -> failed(database, State.UNREACHABLE, unreachable.why());
            case Reading.Read read -> {
                MigrationHistory history = read.history();
                List<String> lacks = numbers(history.lacks(furthest));
                List<String> differs = numbers(history.differs(furthest));
                State state = !lacks.isEmpty() ? State.BEHIND : differs.isEmpty() ? State.LEVEL : State.DIFFERENT;
                yield new Standing(database, id(state), version(history), lacks, differs, null);
            }
        };
    }

    private static Standing failed(String database, State state, String reason) {
        return new Standing(database, id(state), null, null, null, reason);
    }

    private static String id(State state) {
        return state.name().toLowerCase(Locale.ROOT);
    }

    private static @Nullable String version(MigrationHistory history) {
        return history.head().map(SchemaVersion::number).orElse(null);
    }

    private static List<String> numbers(List<SchemaVersion> versions) {
        return versions.stream().map(SchemaVersion::number).toList();
    }
}
