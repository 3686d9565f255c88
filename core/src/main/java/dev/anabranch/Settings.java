// SPDX-License-Identifier: Apache-2.0
package dev.anabranch;

import dev.anabranch.consistency.ReplicaSettings;
import dev.anabranch.problem.AnabranchException;
import dev.anabranch.problem.ErrorCode;
import dev.anabranch.routing.DatabasePreparation;
import dev.anabranch.routing.PoolSettings;
import dev.anabranch.routing.RouteListener;
import dev.anabranch.routing.RouterChain;
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
 * @param routers who chooses databases before the topology's rules do
 * @param replicas how reads are spread over replicas
 * @param routeListener is told of each route that a connection takes; null for nobody
 */
public record Settings(
        TopologySource source,
        List<String> groups,
        PoolSettings pools,
        DatabasePreparation preparation,
        @Nullable Object meterRegistry,
        RouterChain routers,
        ReplicaSettings replicas,
        @Nullable RouteListener routeListener) {

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
        return new Settings(source, named, PoolSettings.DEFAULT, DatabasePreparation.NONE, null, RouterChain.NONE, ReplicaSettings.DEFAULT, null);
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
        return new Settings(reader.source(named), named, reader.pools(), DatabasePreparation.NONE, null, RouterChain.NONE, reader.replicas(), null);
    }

    /** These settings with other pools. */
    public Settings withPools(PoolSettings other) {
        return new Settings(source, groups, other, preparation, meterRegistry, routers, replicas, routeListener);
    }

    /** These settings with something to do once with each database. */
    public Settings withPreparation(DatabasePreparation other) {
        return new Settings(source, groups, pools, other, meterRegistry, routers, replicas, routeListener);
    }

    /** These settings with Micrometer's registry. */
    public Settings withMeterRegistry(Object other) {
        return new Settings(source, groups, pools, preparation, other, routers, replicas, routeListener);
    }

    /** These settings with routers that are asked before the topology's rules. */
    public Settings withRouters(RouterChain others) {
        return new Settings(source, groups, pools, preparation, meterRegistry, others, replicas, routeListener);
    }

    /** These settings with other rules for replicas. */
    public Settings withReplicas(ReplicaSettings other) {
        return new Settings(source, groups, pools, preparation, meterRegistry, routers, other, routeListener);
    }

    /** These settings with somebody who is told of each route that a connection takes. */
    public Settings withRouteListener(RouteListener other) {
        return new Settings(source, groups, pools, preparation, meterRegistry, routers, replicas, other);
    }
}
