// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.consistency;

import dev.anabranch.problem.AnabranchException;
import dev.anabranch.problem.ErrorCode;
import dev.anabranch.topology.Database;
import dev.anabranch.topology.Replica;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Chooses which of a database's servers answers a read. Safe for use by many threads. */
public final class ReplicaChooser {
    private static final Duration MOST_WAIT = Duration.ofSeconds(1);

    private final ReplicaMonitor monitor;
    private final Shares shares = new Shares();

    /** Chooses by what the monitor knows. */
    public ReplicaChooser(ReplicaMonitor monitor) {
        this.monitor = monitor;
    }

    /**
     * The server for one read. It does not wait, but where the audience is kept on replicas of its own and none of them
     * shows yet what the read must see: then for 1 s at most.
     *
     * @throws AnabranchException {@link ErrorCode#AUDIENCE_UNSERVED} where the audience reads from its own replicas alone and
     *     none of these can answer
     */
    public ServerChoice choose(Database database, ReadNeeds needs) {
        boolean kept = needs.audience() != null && database.keepsFor(needs.audience());
        List<Replica> candidates = candidates(database, kept ? needs.audience() : null);
        if (candidates.isEmpty()) {
            return primary(
                    database,
                    ServerChoice.Why.NO_REPLICA,
                    database.replicas().isEmpty() ? "it has no replica" : "its replicas are kept for other audiences");
        }
        if (needs.mode() == ConsistencyMode.STRONG && !kept) {
            return primary(database, ServerChoice.Why.STRONG, "strong reads go to the primary");
        }
        DatabaseWatch watch = monitor.watch(database.name());
        if (watch == null) {
            return none(database, needs, kept, "its replicas are not known yet");
        }
        @Nullable Mark required = switch (needs.mode()) {
            case SESSION -> needs.required();
            case EVENTUAL -> null;
            // Each write that has returned anywhere has done so before this instant.
            case STRONG -> watch.markNow();
        };
        List<Replica> inRotation = new ArrayList<>();
        List<Replica> able = new ArrayList<>();
        sort(watch, needs, candidates, required, inRotation, able);
        if (able.isEmpty() && !inRotation.isEmpty()) {
            watch.hurry();
            if (kept) {
                await(watch, needs, candidates, required, inRotation, able);
            }
        }
        if (!able.isEmpty()) {
            Replica chosen = shares.next(able);
            return new ServerChoice(
                    chosen.name(),
                    chosen.endpoint(),
                    ServerChoice.Why.REPLICA,
                    able.size() + " of " + candidates.size() + " replicas can answer, least outstanding work");
        }
        if (kept || inRotation.isEmpty()) {
            return none(database, needs, kept, reasons(watch, candidates, needs, required));
        }
        return primary(
                database,
                ServerChoice.Why.NONE_NEW_ENOUGH,
                "none of " + inRotation.size() + " replicas in rotation shows yet what was written");
    }

    /** Whether a replica that has answered a reader may answer its next transaction. */
    public boolean mayAnswer(Database database, ReadNeeds needs, String server) {
        boolean kept = needs.audience() != null && database.keepsFor(needs.audience());
        DatabaseWatch watch = monitor.watch(database.name());
        if (watch == null || needs.mode() == ConsistencyMode.STRONG) {
            return false;
        }
        List<Replica> inRotation = new ArrayList<>();
        List<Replica> able = new ArrayList<>();
        Mark required = needs.mode() == ConsistencyMode.SESSION ? needs.required() : null;
        sort(watch, needs, candidates(database, kept ? needs.audience() : null), required, inRotation, able);
        return able.stream().anyMatch(replica -> replica.name().equals(server));
    }

    /** Whether the replica of a name is in rotation. */
    public boolean isInRotation(String server) {
        return monitor.isInRotation(server);
    }

    private static List<Replica> candidates(Database database, @Nullable String keptFor) {
        return database.replicas().stream()
                .filter(replica -> keptFor == null
                        ? replica.audiences().isEmpty()
                        : replica.audiences().contains(keptFor))
                .toList();
    }

    private static void sort(
            DatabaseWatch watch,
            ReadNeeds needs,
            List<Replica> candidates,
            @Nullable Mark required,
            List<Replica> inRotation,
            List<Replica> able) {
        inRotation.clear();
        able.clear();
        for (Replica replica : candidates) {
            ReplicaWatch known = watch.replica(replica.name());
            // One that has moved is not yet the one that was watched.
            if (known == null || !known.isAt(replica.endpoint()) || !isAsked(replica, needs) || known.whyOut() != null) {
                continue;
            }
            inRotation.add(replica);
            if (required == null || known.shows(required)) {
                able.add(replica);
            }
        }
    }

    private static boolean isAsked(Replica replica, ReadNeeds needs) {
        return !needs.except().contains(replica.name()) && (needs.only() == null || needs.only().equals(replica.name()));
    }

    private static void await(
            DatabaseWatch watch,
            ReadNeeds needs,
            List<Replica> candidates,
            @Nullable Mark required,
            List<Replica> inRotation,
            List<Replica> able) {
        try {
            watch.await(
                    () -> {
                        sort(watch, needs, candidates, required, inRotation, able);
                        return !able.isEmpty() || inRotation.isEmpty();
                    },
                    MOST_WAIT);
        } catch (InterruptedException e) {
            // The caller is being ended: it is told that nothing can answer, and its thread still knows.
            Thread.currentThread().interrupt();
        }
    }

    private static String reasons(
            DatabaseWatch watch, List<Replica> candidates, ReadNeeds needs, @Nullable Mark required) {
        List<String> reasons = new ArrayList<>();
        for (Replica replica : candidates) {
            ReplicaWatch known = watch.replica(replica.name());
            String why = known == null ? "it is not known yet" : known.whyOut();
            if (needs.except().contains(replica.name())) {
                why = "it has just failed";
            } else if (!isAsked(replica, needs)) {
                why = "a router has named " + needs.only();
            } else if (why == null && known != null && required != null) {
                why = "it lacks what was written" + lag(known.lag());
            }
            reasons.add(replica.name() + ": " + why);
        }
        return String.join("; ", reasons);
    }

    private static String lag(@Nullable Duration lag) {
        return lag == null ? "" : ", and is " + lag.toMillis() + " ms behind";
    }

    private static ServerChoice none(Database database, ReadNeeds needs, boolean kept, String why) {
        if (kept) {
            throw new AnabranchException(
                    ErrorCode.AUDIENCE_UNSERVED,
                    "No replica of the database '" + database.name() + "' can answer the audience '" + needs.audience()
                            + "' now (" + why + ")",
                    "Try again shortly; the audience reads from the replicas that are kept for it, and nowhere else");
        }
        return primary(database, ServerChoice.Why.NONE_IN_ROTATION, why);
    }

    private static ServerChoice primary(Database database, ServerChoice.Why why, String detail) {
        return new ServerChoice(database.name(), database.primary(), why, detail);
    }

    /** A connection to a server is in use from now on. */
    public void lent(String server) {
        shares.lent(server);
    }

    /** A connection that was lent has come back. */
    public void returned(String server) {
        shares.returned(server);
    }

    /** Takes a replica out of rotation until it answers a question that is asked from now on. */
    public void failed(String server, String why) {
        monitor.failed(server, why);
    }

    /** Tells a listener the name of each replica that leaves rotation because it does not answer. It must return soon. */
    public void onOut(Consumer<String> listener) {
        monitor.onOut(listener);
    }

    /** How each replica of a database stands, in the topology's order. */
    public List<ReplicaStatus> status(Database database) {
        DatabaseWatch watch = monitor.watch(database.name());
        return database.replicas().stream().map(replica -> status(database, replica, watch)).toList();
    }

    private ReplicaStatus status(Database database, Replica replica, @Nullable DatabaseWatch watch) {
        ReplicaWatch known = watch == null ? null : watch.replica(replica.name());
        String out = known == null ? "it is not known yet" : known.whyOut();
        return new ReplicaStatus(
                database.name(),
                replica.name(),
                out == null,
                known == null ? null : known.lag(),
                out,
                shares.outstanding(replica.name()),
                replica.weight(),
                replica.audiences());
    }
}
