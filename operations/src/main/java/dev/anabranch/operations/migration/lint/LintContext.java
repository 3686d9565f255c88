// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.operations.migration.lint;

import dev.anabranch.operations.migration.files.MigrationSet;
import dev.anabranch.routing.RouterChain;
import dev.anabranch.topology.Flavor;
import dev.anabranch.topology.Group;
import dev.anabranch.topology.Topology;
import java.sql.Connection;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What lint looks at, and what it knows about it. Begin with {@link #of}; the methods {@code with…} give a copy.
 *
 * @param set the group's files
 * @param schema the group's schema
 * @param flavor the kind of the databases it runs on
 * @param from the first version to report on; null for all that are not applied. It says nothing of what is applied
 * @param history version to checksum of what is applied; null where no database was asked. Only what a file above its highest
 *     version makes is new to the files after it; an empty history, as a new shard or a test's database has it, proves nothing of
 *     the other databases
 * @param appliedNowhere whether it is known that no database has any of the files, so that all they make is new
 * @param shardKey the column of the tenant in each table; null where the group is not sharded
 * @param exempt the tables of a sharded group that need no shard key
 * @param runnerSetsTimeouts whether who applies the files sets a {@code lock_timeout} for them
 * @param scratch where to trace: a database in which a schema can be made for a moment; null for static rules alone. It is
 *     used by one thread and given back with its transaction rolled back and its auto-commit as it was; it is not closed
 * @param neighbours the other groups, to which foreign keys may lead; null where they are not known
 */
public record LintContext(
        MigrationSet set,
        String schema,
        Flavor flavor,
        @Nullable Long from,
        @Nullable Map<Long, Integer> history,
        boolean appliedNowhere,
        @Nullable String shardKey,
        Set<String> exempt,
        boolean runnerSetsTimeouts,
        @Nullable Connection scratch,
        @Nullable Neighbours neighbours) {
    /** Copies the collections. */
    public LintContext {
        history = history == null ? null : Map.copyOf(history);
        exempt = Set.copyOf(exempt);
    }

    /** A group on PostgreSQL that is not sharded, with no database asked, and a runner that sets no timeouts. */
    public static LintContext of(MigrationSet set, String schema) {
        return new LintContext(set, schema, Flavor.POSTGRES, null, null, false, null, Set.of(), false, null, null);
    }

    /** For databases of that kind. */
    public LintContext withFlavor(Flavor kind) {
        return new LintContext(
                set, schema, kind, from, history, appliedNowhere, shardKey, exempt, runnerSetsTimeouts, scratch, neighbours);
    }

    /** Reports from that version on, applied or not. */
    public LintContext withFrom(long version) {
        return new LintContext(
                set, schema, flavor, version, history, appliedNowhere, shardKey, exempt, runnerSetsTimeouts, scratch, neighbours);
    }

    /** Knows what is applied on one database: version to checksum, and an empty map for nothing. */
    public LintContext withApplied(Map<Long, Integer> checksums) {
        return new LintContext(
                set, schema, flavor, from, checksums, false, shardKey, exempt, runnerSetsTimeouts, scratch, neighbours);
    }

    /** Knows that no database anywhere has any of the files, so that every table they make is new and empty. */
    public LintContext withNothingApplied() {
        return new LintContext(
                set, schema, flavor, from, Map.of(), true, shardKey, exempt, runnerSetsTimeouts, scratch, neighbours);
    }

    /** For a sharded group. */
    public LintContext withShardKey(String column, Set<String> exemptTables) {
        return new LintContext(
                set, schema, flavor, from, history, appliedNowhere, column, exemptTables, runnerSetsTimeouts, scratch, neighbours);
    }

    /** For a runner that sets a {@code lock_timeout} itself. */
    public LintContext withTimeoutsByRunner() {
        return new LintContext(set, schema, flavor, from, history, appliedNowhere, shardKey, exempt, true, scratch, neighbours);
    }

    /** Knows the other groups: a foreign key to one of theirs is an error unless a router or the topology allows it. */
    public LintContext withNeighbours(Group group, Topology topology, RouterChain routers) {
        return new LintContext(
                set, schema, flavor, from, history, appliedNowhere, shardKey, exempt, runnerSetsTimeouts, scratch,
                new Neighbours(group, topology, routers));
    }

    /** Traces on that connection. */
    public LintContext withScratch(Connection connection) {
        return new LintContext(
                set, schema, flavor, from, history, appliedNowhere, shardKey, exempt, runnerSetsTimeouts, connection, neighbours);
    }

    /** The highest version that is applied; 0 for none. */
    long appliedHead() {
        return applied().keySet().stream().mapToLong(Long::longValue).max().orElse(0);
    }

    Map<Long, Integer> applied() {
        return history == null ? Map.of() : history;
    }

    /** Whether the file is reported on. */
    boolean reports(long version) {
        return from != null ? version >= from : !applied().containsKey(version);
    }

    /** Whether what a file of the version {@code made} brings is still new, and empty, when the file {@code now} runs. */
    boolean isNew(long made, long now) {
        return made == now || appliedNowhere || (!applied().isEmpty() && made > appliedHead());
    }

    /** What has to be said of how tables were judged; empty where the history tells which are new. */
    Optional<String> note() {
        if (appliedNowhere || !applied().isEmpty() || set.files().size() < 2) {
            return Optional.empty();
        }
        return Optional.of((history == null ? "No history is given" : "The history is empty")
                + ", and elsewhere the files may be applied: a table counts as new only in the file that makes it");
    }

    Optional<String> key() {
        return Optional.ofNullable(shardKey);
    }
}
