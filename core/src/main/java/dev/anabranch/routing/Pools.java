// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.routing;

import dev.anabranch.problem.AnabranchException;
import dev.anabranch.problem.ErrorCode;
import dev.anabranch.topology.Database;
import dev.anabranch.topology.Endpoint;
import dev.anabranch.topology.Group;
import dev.anabranch.topology.GroupSchema;
import dev.anabranch.topology.Replica;
import dev.anabranch.topology.Topology;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The pools of this process: one for each server, be it a database's primary or one of its replicas, opened at its first use.
 *
 * <p>Each pool may hold an equal share of the budget, so that a busy database cannot take the connections of another.
 * Safe for use by many threads.
 */
public final class Pools implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Pools.class);

    private final PoolSettings settings;
    private final DatabasePreparation preparation;
    private final List<String> groups;
    private final @Nullable Object meterRegistry;
    private final ConnectionBudget budget;
    private final ScheduledThreadPoolExecutor housekeeping;
    private final Map<String, Pool> pools = new ConcurrentHashMap<>();
    private volatile Topology topology;
    private volatile int share;
    private volatile boolean closed;

    /**
     * No pool is open yet.
     *
     * @param settings how many connections there may be
     * @param preparation what is done with each database before a group's first statement on it
     * @param groups the names of the groups that the application uses
     * @param meterRegistry Micrometer's registry, or null to measure nothing
     * @param topology by whose number of databases the budget is shared
     */
    public Pools(
            PoolSettings settings,
            DatabasePreparation preparation,
            List<String> groups,
            @Nullable Object meterRegistry,
            Topology topology) {
        this.settings = settings;
        this.preparation = preparation;
        this.groups = List.copyOf(groups);
        this.meterRegistry = meterRegistry;
        this.topology = topology;
        this.budget = new ConnectionBudget(settings.budget(), this::releaseIdle);
        this.housekeeping = new ScheduledThreadPoolExecutor(
                1, Thread.ofPlatform().daemon().name("anabranch-pool-housekeeping").factory());
        this.housekeeping.setRemoveOnCancelPolicy(true);
        this.share = share(topology);
    }

    /** Takes over a new topology: renews what changed, closes what went, shares the budget anew. */
    public synchronized void update(Topology now) {
        topology = now;
        share = share(now);
        pools.forEach((name, pool) -> {
            Database database = server(name, now);
            if (database == null || pool.isReplica() == now.databases().containsKey(name)) {
                pools.remove(name);
                pool.retire();
            } else {
                pool.update(database, now.revision());
                pool.resize(share);
            }
        });
    }

    /** The database or the replica of that name, as its pool goes by it; null where there is none. */
    private static @Nullable Database server(String name, Topology now) {
        Database database = now.databases().get(name);
        return database != null
                ? database
                : now.databases().values().stream()
                        .flatMap(one -> one.replica(name).stream())
                        .findFirst()
                        .map(Pool::of)
                        .orElse(null);
    }

    /** Shares the budget over the pools of all servers; each that has or is a replica is watched by one connection more. */
    private int share(Topology now) {
        int servers = now.databases().size();
        int watched = 0;
        for (Database database : now.databases().values()) {
            int replicas = database.replicas().size();
            servers += replicas;
            watched += replicas == 0 ? 0 : replicas + 1;
        }
        int pooled = budget.reserve(watched);
        if (servers + watched > settings.budget()) {
            LOG.warn(
                    "The budget of {} connections is below the number of servers, {}, and of connections that watch those"
                            + " with replicas, {}: some will have to wait for others",
                    settings.budget(),
                    servers,
                    watched);
        }
        return settings.share(pooled, servers);
    }

    /** A connection for this decision, to the primary as the topology that decided knows it. */
    Connection lend(RouteDecision decision, Access access) throws SQLException {
        return pool(decision.location(), decision.revision())
                .lend(access, decision.group(), decision.schema(), () -> List.of(groupOf(decision)), decision::place);
    }

    /**
     * Makes sure that the primary is prepared for the group, because its replicas have no more than it has.
     *
     * @return when it was, by {@link System#nanoTime()}; 0 where there is nothing to prepare
     */
    long prepareFor(RouteDecision decision) throws SQLException {
        return preparation == DatabasePreparation.NONE
                ? 0
                : pool(decision.location(), decision.revision())
                        .prepareFor(
                                decision.group(), decision.schema(), () -> List.of(groupOf(decision)), decision::place);
    }

    /** A connection for this decision to one of the database's replicas. */
    Connection lend(RouteDecision decision, Replica replica) throws SQLException {
        Pool pool = pools.get(replica.name());
        if (pool == null) {
            pool = open(Pool.of(replica), true, decision.revision());
        } else if (pool.revision() < decision.revision()) {
            pool.updateIfNewer(Pool.of(replica), decision.revision());
        }
        if (!pool.isAt(replica.endpoint())) {
            throw new SQLTransientConnectionException(
                    "The replica " + replica.name() + " has moved from " + replica.endpoint().address(), "08001");
        }
        return pool.lend(
                Access.READ,
                decision.group(),
                decision.schema(),
                List::of,
                () -> decision.place() + " to the replica " + replica.name());
    }

    /** Whether no connection to the server can be made at the moment; one whose connections are all in use is not down. */
    boolean isDown(String server) {
        Pool pool = pools.get(server);
        return pool != null && pool.isDown();
    }

    /** A connection of no pool that watches a server, out of what the budget keeps for that. */
    Connection watch(Endpoint endpoint) throws SQLException {
        return PhysicalSource.watching(endpoint, budget, settings.borrowTimeout());
    }

    /** The group as the decision has it: its topology may be on the way here still, or overtaken. */
    private Group groupOf(RouteDecision decision) {
        Group known = topology.groups().get(decision.group());
        if (known == null) {
            known = new Group.Global(decision.group(), decision.database());
        }
        String schema = decision.schema();
        if (Objects.equals(PreparedGroups.schemaOf(known), schema)) {
            return known;
        }
        GroupSchema own = schema == null ? null : new GroupSchema(schema, null, null);
        return switch (known) {
            case Group.Sharded all -> new Group.Sharded(all.name(), all.buckets(), all.pinned(), all.tenants(), own);
            case Group.Global one -> new Group.Global(one.name(), one.database(), one.routes(), own);
        };
    }

    /** The application's groups that have rows on a database. */
    private List<Group> usersOf(Database database) {
        Topology now = topology;
        List<Group> users = new ArrayList<>();
        for (String name : groups) {
            Group group = now.groups().get(name);
            if (group != null && isOn(group, database.name())) {
                users.add(group);
            }
        }
        return users;
    }

    private static boolean isOn(Group group, String database) {
        return switch (group) {
            case Group.Sharded all ->
                all.buckets().databases().contains(database) || all.pinned().containsValue(database);
            case Group.Global one -> one.databases().contains(database);
        };
    }

    /**
     * A connection for no tenant, to a database prepared for all of the application's groups that it has rows of.
     *
     * @param schema whose names need no prefix; null for the default one
     * @param purpose what messages say it was for
     */
    Connection lend(Database database, long revision, @Nullable String schema, String purpose) throws SQLException {
        return pool(database, revision)
                .lend(Access.WRITE, null, schema, () -> usersOf(database), () -> purpose + place(database, revision));
    }

    /** A connection of a group's, for no tenant. */
    Connection lendFor(Group group, Database database, long revision, String purpose) throws SQLException {
        return pool(database, revision)
                .lend(
                        Access.WRITE,
                        group.name(),
                        PreparedGroups.schemaOf(group),
                        () -> List.of(group),
                        () -> purpose + place(database, revision));
    }

    private static String place(Database database, long revision) {
        return " (database " + database.name() + ", revision " + revision + ")";
    }

    private Pool pool(Database database, long revision) {
        Pool pool = pools.get(database.name());
        if (pool == null) {
            return open(database, false, revision);
        }
        if (pool.revision() < revision) {
            // Decided by a topology that is on its way here.
            pool.updateIfNewer(database, revision);
        }
        return pool;
    }

    /** Opens a pool, unless another caller has, or what the caller goes by has been overtaken. */
    private synchronized Pool open(Database database, boolean replica, long revision) {
        if (closed) {
            throw new AnabranchException(
                    ErrorCode.CLOSED, "This Anabranch is closed", "Open another one, or close it later");
        }
        if (revision <= topology.revision() && server(database.name(), topology) == null) {
            throw new AnabranchException(
                    ErrorCode.DATABASE_UNAVAILABLE,
                    "The database '" + database.name() + "' was removed at revision " + topology.revision(),
                    "Try again: the tenant is elsewhere by now");
        }
        return pools.computeIfAbsent(database.name(), name -> {
            LOG.debug("Opening a pool of {} connections to {} at {}", share, name, database.primary().address());
            return new Pool(
                    database,
                    replica,
                    revision,
                    share,
                    replica ? settings.ofReplica() : settings,
                    budget,
                    preparation,
                    housekeeping,
                    meterRegistry);
        });
    }

    /** Lets idle connections of all pools go, so that a pool that has none can make one within the budget. */
    private void releaseIdle() {
        pools.values().forEach(Pool::releaseIdle);
    }

    /** Closes a connection that was lent from the database's pool, instead of its going back there. */
    void discard(String database, Connection connection) throws SQLException {
        Pool pool = pools.get(database);
        if (pool == null) {
            connection.close();
        } else {
            pool.discard(connection);
        }
    }

    /** The figures of a database's pool; no connection is taken. */
    public DatabaseStatus status(String database) {
        Pool pool = pools.get(database);
        return pool == null ? new DatabaseStatus(database, false, 0, 0, 0, share, null, null) : pool.status();
    }

    /**
     * Asks each database at once whether it answers.
     *
     * @param names their names
     * @param timeout how long an answer may take, once there is a connection
     * @return the figures afterwards, in the order of the names
     */
    public List<DatabaseStatus> ping(Collection<String> names, Duration timeout) {
        int seconds = Math.max(1, (int) timeout.toSeconds());
        Map<String, String> silent = new ConcurrentHashMap<>();
        Topology now = topology;
        try (ExecutorService each = Executors.newVirtualThreadPerTaskExecutor()) {
            for (String name : names) {
                each.execute(() -> {
                    try (Connection connection = lend(now.database(name), now.revision(), null, "for a health check")) {
                        if (!connection.isValid(seconds)) {
                            silent.put(name, "no answer within " + seconds + " s");
                        }
                    } catch (SQLException | RuntimeException e) {
                        // A pool that is busy is not down.
                        if (status(name).active() == 0) {
                            silent.put(name, String.valueOf(e.getMessage()));
                        }
                    }
                });
            }
        }
        return names.stream().map(name -> status(name).orDown(silent.get(name))).toList();
    }

    /**
     * Prepares the databases that have not been for a group that is on them: several at once, so that no server runs out of
     * connections. One that takes no more for now is asked again for 30 s.
     *
     * @param names their names
     * @return what each of those that could not be prepared said
     */
    public Map<String, SQLException> prepare(Collection<String> names) {
        Topology now = topology;
        PreparationRound round = new PreparationRound((database, keep) -> {
            Connection connection = lend(database, now.revision(), null, "to prepare the database");
            if (keep) {
                connection.close();
            } else {
                discard(database.name(), connection);
            }
        });
        return round.of(names.stream()
                .filter(now.databases()::containsKey)
                .map(now::database)
                .toList());
    }

    /** How many connections to all databases there are now. */
    public int connections() {
        return budget.inUse();
    }

    @Override
    public synchronized void close() {
        closed = true;
        pools.values().forEach(Pool::close);
        pools.clear();
        housekeeping.shutdownNow();
    }
}
