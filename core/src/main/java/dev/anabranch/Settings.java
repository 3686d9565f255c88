// SPDX-License-Identifier: Apache-2.0
package dev.anabranch;

import dev.anabranch.problem.AnabranchException;
import dev.anabranch.problem.ErrorCode;
import dev.anabranch.routing.DatabasePreparation;
import dev.anabranch.routing.PoolSettings;
import dev.anabranch.topology.Group;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * How to open an {@link Anabranch}. Immutable; the {@code with…} methods answer with a changed copy.
 *
 * @param source where the topology comes from
 * @param groups the groups that the application uses, at least one
 * @param pools how many connections there may be
 * @param preparation what is done once with each database before its first statement
 * @param meterRegistry Micrometer's registry for the pools' meters, or null
 */
public record Settings(
        TopologySource source,
        List<String> groups,
        PoolSettings pools,
        DatabasePreparation preparation,
        @Nullable Object meterRegistry) {

    /** Copies the list of groups. */
    public Settings {
        groups = List.copyOf(groups);
        if (groups.isEmpty()) {
            throw new AnabranchException(
                    ErrorCode.CONFIGURATION_INVALID, "No group is named", "Name the group whose tables are used");
        }
    }

    /** These settings for one group called {@value Group#DEFAULT}, with default pools. */
    public static Settings of(TopologySource source, String... groups) {
        List<String> named = groups.length == 0 ? List.of(Group.DEFAULT) : List.of(groups);
        return new Settings(source, named, PoolSettings.DEFAULT, DatabasePreparation.NONE, null);
    }

    /**
     * Reads the {@code SHARDING_…} variables; see the README for their list.
     *
     * @param environment answers with a variable's value, or null
     * @param groups the groups that the application uses; none means the one called {@value Group#DEFAULT}
     * @throws AnabranchException {@link ErrorCode#CONFIGURATION_INVALID}, naming the variable
     */
    public static Settings fromEnvironment(Function<String, @Nullable String> environment, List<String> groups) {
        EnvironmentReader reader = new EnvironmentReader(environment);
        List<String> named = groups.isEmpty() ? List.of(Group.DEFAULT) : groups;
        return new Settings(reader.source(named), named, reader.pools(), DatabasePreparation.NONE, null);
    }

    /** These settings with other pools. */
    public Settings withPools(PoolSettings other) {
        return new Settings(source, groups, other, preparation, meterRegistry);
    }

    /** These settings with something to do once with each database. */
    public Settings withPreparation(DatabasePreparation other) {
        return new Settings(source, groups, pools, other, meterRegistry);
    }

    /** These settings with Micrometer's registry. */
    public Settings withMeterRegistry(Object other) {
        return new Settings(source, groups, pools, preparation, other);
    }
}
