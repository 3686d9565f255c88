// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.routing;

import dev.anabranch.consistency.ConsistencyContext;
import dev.anabranch.consistency.ConsistencyMode;
import dev.anabranch.consistency.ConsistencySession;
import dev.anabranch.consistency.Mark;
import dev.anabranch.consistency.ReadNeeds;
import dev.anabranch.consistency.ReplicaChooser;
import dev.anabranch.consistency.ReplicaMonitor;
import dev.anabranch.consistency.ReplicaSettings;
import dev.anabranch.consistency.ReplicaStatus;
import dev.anabranch.consistency.ServerChoice;
import dev.anabranch.consistency.Writers;
import dev.anabranch.problem.AnabranchException;
import dev.anabranch.problem.ErrorCode;
import dev.anabranch.topology.Database;
import dev.anabranch.topology.Replica;
import dev.anabranch.topology.Topology;
import java.sql.SQLException;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The servers beneath a route: chooses the one that answers a reader, and takes note of what is written, so that nobody reads
 * older than that. Safe for use by many threads.
 */
public final class Replication implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Replication.class);

    private final ReplicaSettings settings;
    private final Pools pools;
    private final ReplicaMonitor monitor;
    private final ReplicaChooser chooser;
    private final Writers writers;
    private final ReadCounts counts = new ReadCounts();
    private final LentReplicas lent;
    private final @Nullable RouteListener listener;
    private final Preparations preparations;
    private Topology topology;

    /**
     * Begins to watch the servers of databases that have replicas.
     *
     * @param settings how reads are spread, and how old they may be
     * @param pools where connections come from
     * @param topology the databases
     * @param listener is told of each route; null for nobody
     */
    public Replication(
            ReplicaSettings settings, Pools pools, Topology topology, @Nullable RouteListener listener) {
        this.listener = listener;
        this.settings = settings;
        this.pools = pools;
        this.monitor = new ReplicaMonitor(settings, (server, endpoint) -> pools.watch(endpoint), topology);
        this.writers = new Writers(settings);
        this.preparations = new Preparations(settings.maxLag());
        this.chooser = new ReplicaChooser(monitor);
        this.lent = new LentReplicas(chooser::isInRotation);
        this.topology = topology;
        chooser.onOut(lent::out);
    }

    /** Takes over a new topology. */
    public synchronized void update(Topology now) {
        Topology before = topology;
        topology = now;
        monitor.update(now);
        now.databases().forEach((name, database) -> {
            Database known = before.databases().get(name);
            if (known != null && known.replicas().isEmpty() && !database.replicas().isEmpty()) {
                // Nobody has taken note of what was written until now.
                preparations.done(name, System.nanoTime(), () -> monitor.markNow(name));
            }
        });
    }

    /** Which server would answer a reader now. */
    public ServerChoice choose(RouteDecision decision, Access access) {
        return switch (access) {
            case WRITE -> writer(decision);
            case READ -> choose(decision, Set.of());
        };
    }

    private static ServerChoice writer(RouteDecision decision) {
        return new ServerChoice(
                decision.database(), decision.location().primary(), ServerChoice.Why.WRITE, "the primary takes writes");
    }

    /** Tells the listener of a connection that writes. */
    void toldToWrite(RouteDecision decision) {
        if (listener != null) {
            tell(listener, decision, writer(decision));
        }
    }

    private static void tell(RouteListener listener, RouteDecision decision, ServerChoice server) {
        try {
            listener.routed(decision, server);
        } catch (RuntimeException e) {
            LOG.warn("The listener of routes failed: {}", e.toString(), e);
        }
    }

    private ServerChoice choose(RouteDecision decision, Set<String> except) {
        Database database = decision.location();
        if (database.replicas().isEmpty()) {
            return new ServerChoice(
                    database.name(), database.primary(), ServerChoice.Why.NO_REPLICA, "the database has no replica");
        }
        return chooser.choose(database, needs(decision, except));
    }

    /** Whether a replica that has answered a reader may do so again now. */
    boolean mayAnswer(RouteDecision decision, String server) {
        try {
            return chooser.mayAnswer(decision.location(), needs(decision, Set.of()), server);
        } catch (AnabranchException e) {
            return false;
        }
    }

    private ReadNeeds needs(RouteDecision decision, Set<String> except) {
        ConsistencyMode mode = ConsistencyContext.mode().orElse(settings.mode());
        Mark required = mode == ConsistencyMode.SESSION ? required(decision) : null;
        Mark prepared = preparations.required(decision.database());
        if (prepared != null && mode != ConsistencyMode.STRONG) {
            // However old the rows may be: tables must be there.
            mode = ConsistencyMode.SESSION;
            required = required == null ? prepared : required.and(prepared);
        }
        return new ReadNeeds(decision.audience(), mode, required, except, decision.only());
    }

    private @Nullable Mark required(RouteDecision decision) {
        return writers.of(decision.group(), decision.tenant())
                .required(decision.database())
                .orElse(null);
    }

    /**
     * A connection for a reader, to the server that is chosen, or to the next one where that gives none.
     *
     * @param except the servers that have failed this reader before
     */
    Loan lend(RouteDecision decision, Set<String> except) throws SQLException {
        if (!decision.location().replicas().isEmpty()) {
            prepare(decision);
        }
        Set<String> tried = except;
        SQLException before = null;
        while (true) {
            ServerChoice choice;
            try {
                choice = choose(decision, tried);
            } catch (AnabranchException e) {
                throw with(before, JdbcErrors.of(e));
            }
            try {
                try {
                    return lend(decision, choice);
                } catch (AnabranchException e) {
                    // Removed by a topology that is on its way here.
                    throw JdbcErrors.of(e);
                }
            } catch (SQLException e) {
                with(before, e);
                if (choice.isPrimary() || tried.contains(choice.server())) {
                    throw e;
                }
                if (pools.isDown(choice.server())) {
                    failed(choice.server(), e);
                }
                before = e;
                tried = new HashSet<>(tried);
                tried.add(choice.server());
            }
        }
    }

    /** With the primary down its replicas go on answering: they have what it had. */
    private void prepare(RouteDecision decision) throws SQLException {
        try {
            long done = pools.prepareFor(decision);
            if (done != 0) {
                preparations.done(decision.database(), done, () -> monitor.markNow(decision.database()));
            }
        } catch (SQLException e) {
            if (AnabranchException.in(e).filter(cause -> cause.code() == ErrorCode.DATABASE_UNAVAILABLE).isEmpty()) {
                throw e;
            }
        } catch (AnabranchException e) {
            throw JdbcErrors.of(e);
        }
    }

    private static SQLException with(@Nullable SQLException before, SQLException failure) {
        if (before != null && before != failure) {
            failure.addSuppressed(before);
        }
        return failure;
    }

    private Loan lend(RouteDecision decision, ServerChoice choice) throws SQLException {
        Loan loan;
        if (choice.isPrimary()) {
            loan = new Loan(choice, pools.lend(decision, Access.READ));
        } else {
            Replica replica = decision.location().replica(choice.server()).orElseThrow();
            loan = new Loan(choice, pools.lend(decision, replica));
            lent.add(loan);
            chooser.lent(choice.server());
        }
        counts.count(decision.database(), choice);
        if (listener != null) {
            tell(listener, decision, choice);
        }
        return loan;
    }

    /** Takes note that a replica has failed a reader. */
    void failed(String server, SQLException cause) {
        chooser.failed(server, String.valueOf(cause.getMessage()));
    }

    /** Gives a connection back to its pool, or closes it where it cannot serve another. */
    void takeBack(Loan loan, boolean whole) throws SQLException {
        if (!loan.endsNow()) {
            return;
        }
        try {
            if (whole) {
                // The reader pays for what only a reader needs, and not the next writer.
                loan.physical().allowWrites();
                loan.connection().close();
            } else {
                pools.discard(loan.server(), loan.connection());
            }
        } finally {
            if (loan.isReplica()) {
                lent.remove(loan);
                chooser.returned(loan.server());
            }
        }
    }

    /** What takes note of a connection's writes; null for a database without replicas, where nobody asks. */
    @Nullable WriteMarks marks(RouteDecision decision, HeldSettings held) {
        return decision.location().replicas().isEmpty() ? null : new WriteMarks(decision, held, this);
    }

    /** Takes note that something may have been written: for the session, and for the tenant or group where none is bound. */
    void wrote(RouteDecision decision, @Nullable ConsistencySession session) {
        String database = decision.database();
        Mark mark = monitor.markNow(database);
        writers.own(decision.group(), decision.tenant()).wrote(database, mark);
        ConsistencySession now = ConsistencyContext.session().orElse(session);
        if (now != null) {
            now.wrote(database, mark);
        }
        if (session != null && session != now) {
            session.wrote(database, mark);
        }
    }

    /** How each replica of a database stands. */
    public List<ReplicaStatus> status(Database database) {
        return chooser.status(database);
    }

    /** How many connections have been lent to readers, by server and reason. */
    public ReadCounts counts() {
        return counts;
    }

    /** Ends watching. Connections that are lent stay. */
    @Override
    public void close() {
        lent.close();
        monitor.close();
    }
}
