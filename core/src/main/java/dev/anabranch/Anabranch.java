// SPDX-License-Identifier: Apache-2.0
package dev.anabranch;

import dev.anabranch.consistency.ConsistencyContext;
import dev.anabranch.consistency.ConsistencyTokens;
import dev.anabranch.consistency.ReplicaStatus;
import dev.anabranch.consistency.ServerChoice;
import dev.anabranch.directory.Directory;
import dev.anabranch.problem.AnabranchException;
import dev.anabranch.problem.ErrorCode;
import dev.anabranch.routing.Access;
import dev.anabranch.routing.DatabaseStatus;
import dev.anabranch.routing.Pools;
import dev.anabranch.routing.Replication;
import dev.anabranch.routing.RouteDecision;
import dev.anabranch.routing.RouteExplanation;
import dev.anabranch.routing.Router;
import dev.anabranch.routing.RouterChain;
import dev.anabranch.routing.RoutingDataSource;
import dev.anabranch.routing.RoutingHints;
import dev.anabranch.tenant.AudienceContext;
import dev.anabranch.tenant.TenantContext;
import dev.anabranch.tenant.TenantId;
import dev.anabranch.topology.Topology;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import javax.sql.DataSource;

/**
 * Routes by tenant beneath {@link DataSource}: open it once, take a data source for each group, close it at the end.
 *
 * <pre>{@code
 * try (Anabranch anabranch = Anabranch.fromEnvironment("people")) {
 *     DataSource people = anabranch.dataSource();
 *     TenantContext.run("acme", () -> save(people));
 * }
 * }</pre>
 *
 * <p>Safe for use by many threads.
 */
public final class Anabranch implements AutoCloseable {
    private final List<String> groups;
    private final Directory directory;
    private final Router router;
    private final Pools pools;
    private final Replication replication;
    private final RouterChain routers;
    private final ConsistencyTokens tokens;

    private Anabranch(
            List<String> groups, Directory directory, Pools pools, Replication replication, Settings settings) {
        this.replication = replication;
        this.routers = settings.routers();
        this.tokens = new ConsistencyTokens(settings.replicas().tokenKeys());
        this.groups = groups;
        this.directory = directory;
        this.router = new Router(directory, settings.routers());
        this.pools = pools;
    }

    /**
     * Opens what the {@code SHARDING_…} variables of this process say.
     *
     * @param groups the groups that the application uses; none means the one called {@code default}
     * @throws AnabranchException {@link ErrorCode#CONFIGURATION_INVALID} naming the variable, or what
     *     {@link #open(Settings)} throws
     */
    public static Anabranch fromEnvironment(String... groups) {
        return open(Settings.fromEnvironment(System::getenv, List.of(groups)));
    }

    /**
     * Opens what the settings say. No database is connected to yet.
     *
     * @throws AnabranchException {@link ErrorCode#GROUP_UNKNOWN}, {@link ErrorCode#DIRECTORY_UNAVAILABLE},
     *     {@link ErrorCode#DIRECTORY_REFUSED}, or {@link ErrorCode#CONFIGURATION_INVALID} where two groups own the same schema
     */
    public static Anabranch open(Settings settings) {
        Directory directory = settings.source().open(settings.groups());
        try {
            Topology topology = directory.topology();
            settings.groups().forEach(topology::group);
            topology.requireSchemasOfTheirOwn();
            Pools pools = new Pools(
                    settings.pools(), settings.preparation(), settings.groups(), settings.meterRegistry(), topology);
            Replication replication = new Replication(settings.replicas(), pools, topology, settings.routeListener());
            Consumer<Topology> follow = now -> {
                pools.update(now);
                replication.update(now);
            };
            directory.onChange(follow);
            // What changed before the listener was there.
            follow.accept(directory.topology());
            return new Anabranch(settings.groups(), directory, pools, replication, settings);
        } catch (RuntimeException e) {
            directory.close();
            throw e;
        }
    }

    /**
     * The data source of the only group.
     *
     * @throws AnabranchException {@link ErrorCode#GROUP_UNKNOWN} where several were opened
     */
    public DataSource dataSource() {
        if (groups.size() != 1) {
            throw new AnabranchException(
                    ErrorCode.GROUP_UNKNOWN, "The groups " + groups + " were opened", "Call dataSource(group)");
        }
        return dataSource(groups.getFirst());
    }

    /**
     * The data source of a group.
     *
     * @throws AnabranchException {@link ErrorCode#GROUP_UNKNOWN} where it was not opened
     */
    public DataSource dataSource(String group) {
        if (!groups.contains(group)) {
            throw new AnabranchException(
                    ErrorCode.GROUP_UNKNOWN,
                    "The group '" + group + "' was not opened",
                    "Use one of " + groups + ", or open it too");
        }
        return new RoutingDataSource(group, router, pools, replication);
    }

    /** The topology as it is known here now. */
    public Topology topology() {
        return directory.topology();
    }

    /**
     * The tenant id that the text spells, in the canonical form of the topology's shard key.
     *
     * @throws AnabranchException {@link ErrorCode#TENANT_INVALID} where the text is no id, or not of the key's type
     */
    public TenantId tenant(String text) {
        return directory.topology().shardKey().type().canonical(new TenantId(text));
    }

    /**
     * Where a connection of this tenant would go now, and why. No connection is taken.
     *
     * @throws AnabranchException {@link ErrorCode#TENANT_INVALID}, {@link ErrorCode#TENANT_UNKNOWN},
     *     {@link ErrorCode#DIRECTORY_UNAVAILABLE} or {@link ErrorCode#GROUP_UNKNOWN}
     */
    public RouteDecision explain(String group, TenantId tenant) {
        RoutingHints hints = RoutingHints.of(group).withTenant(tenant);
        return router.decide(hints, Access.WRITE, null);
    }

    /**
     * Where a connection with these hints would go now, which router decided, and why that server. No connection is taken.
     *
     * @throws AnabranchException what a statement would fail with
     */
    public RouteExplanation explain(RoutingHints hints, Access access) {
        Access meant = router.access(access, hints.audienceOrNull());
        List<RouteExplanation.Step> steps = new ArrayList<>();
        RouteDecision decision = router.decide(hints, meant, steps);
        return new RouteExplanation(meant, List.copyOf(steps), decision, replication.choose(decision, meant));
    }

    /** How each replica of the groups' databases stands. */
    public List<ReplicaStatus> replicas() {
        Topology topology = directory.topology();
        return databaseNames().stream()
                .map(topology::database)
                .flatMap(database -> replication.status(database).stream())
                .toList();
    }

    /**
     * How many connections each server has answered reads with, and why; they only grow.
     *
     * @param database the database
     * @param server the replica, or the database's own name for the primary
     * @param why why that one
     * @param count how many since this was opened
     */
    public record Reads(String database, String server, ServerChoice.Why why, long count) {}

    /** What has served reads so far. */
    public List<Reads> reads() {
        List<Reads> reads = new ArrayList<>();
        replication.counts().read((database, server, why, count) -> reads.add(new Reads(database, server, why, count)));
        return reads;
    }

    /** Writes and reads consistency tokens with the keys of the settings. */
    public ConsistencyTokens tokens() {
        return tokens;
    }

    /** The routers that are asked before the topology's rules. */
    public RouterChain routers() {
        return routers;
    }

    /** The action, with the caller's tenant, audience, session and mode wherever it runs. */
    public static Runnable propagating(Runnable action) {
        return TenantContext.propagating(AudienceContext.propagating(ConsistencyContext.propagating(action)));
    }

    /** The action, with the caller's tenant, audience, session and mode wherever it runs. */
    public static <R> Callable<R> propagating(Callable<R> action) {
        return TenantContext.propagating(AudienceContext.propagating(ConsistencyContext.propagating(action)));
    }

    /** The figures of each database of the groups that were opened. No connection is taken. */
    public List<DatabaseStatus> databases() {
        return databaseNames().stream().map(pools::status).toList();
    }

    /** Asks each database of the groups at once whether it answers, and gives its figures. */
    public List<DatabaseStatus> ping(Duration timeout) {
        return pools.ping(databaseNames(), timeout);
    }

    /**
     * Prepares each database of the groups now, and not before its first statement.
     *
     * @return what each of those that could not be prepared said; empty where all are ready
     */
    public Map<String, SQLException> prepare() {
        return pools.prepare(databaseNames());
    }

    /** How many connections to all databases this process holds now. */
    public int connections() {
        return pools.connections();
    }

    /** Calls the listener with each topology that replaces another, one call at a time. */
    public void onChange(Consumer<Topology> listener) {
        directory.onChange(listener);
    }

    private Set<String> databaseNames() {
        Topology topology = directory.topology();
        Set<String> names = new LinkedHashSet<>();
        groups.forEach(group -> names.addAll(topology.group(group).databases()));
        return names;
    }

    /** Stops following the directory and closes every connection. Calling it again does nothing. */
    @Override
    public void close() {
        directory.close();
        replication.close();
        pools.close();
    }
}
