// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.routing;

import dev.anabranch.problem.AnabranchException;
import dev.anabranch.problem.ErrorCode;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A connection's reads: refused where they write, and asked of another server where a replica fails the first of a
 * transaction.
 *
 * <p>A replica cancels what stands in the way of its replay, and it may be stopped or lost at any time. As long as the caller
 * has been given nothing of a transaction's results, the same statement on another server is as good; afterwards it would be
 * another moment's answer, and the failure is the caller's.
 */
final class FirstRead implements Watch {
    private final RoutedConnection owner;
    private final RouteDecision decision;
    private final HeldSettings settings;
    private final Replication replication;
    /** The servers that have failed this transaction. */
    private Set<String> except = Set.of();
    private @Nullable Loan loan;
    /** Those that may not answer any longer, and whose results the caller may still be reading. */
    private final List<Loan> parked = new ArrayList<>();
    private boolean used;
    private volatile boolean closed;
    private boolean handedOver;
    private boolean pinned;
    private boolean writes;

    FirstRead(RoutedConnection owner, RouteDecision decision, HeldSettings settings, Replication replication) {
        this.owner = owner;
        this.decision = decision;
        this.settings = settings;
        this.replication = replication;
    }

    /** The connection that reads now; one is borrowed where there is none. */
    Connection connection() throws SQLException {
        return loan().connection();
    }

    private Loan loan() throws SQLException {
        Loan now = loan;
        if (now == null) {
            now = lend(null);
            loan = now;
            owner.moved(now.connection());
        }
        return now;
    }

    private Loan lend(@Nullable SQLException failure) throws SQLException {
        SQLException before = failure;
        while (true) {
            Loan next;
            try {
                next = replication.lend(decision, except);
            } catch (SQLException e) {
                if (before != null) {
                    e.addSuppressed(before);
                }
                throw e;
            }
            next.waits();
            try {
                settings.applyTo(next.connection(), true);
                return next;
            } catch (SQLException e) {
                replication.takeBack(next, false);
                if (!next.isReplica() || !JdbcErrors.isConnectionLost(e)) {
                    throw e;
                }
                replication.failed(next.server(), e);
                exclude(next);
                before = e;
            } catch (RuntimeException e) {
                replication.takeBack(next, false);
                throw e;
            } finally {
                next.waitsNoLonger();
            }
        }
    }

    /** Whether its statements must be able to be made again on another server. */
    boolean isMovable() {
        return !pinned && loan != null && loan.isReplica();
    }

    /** From now on the caller holds something of this connection's that another does not have. */
    void pin() {
        pinned = true;
    }

    @Override
    public <R> R run(RoutedStatement statement, Work<Statement, R> work) throws SQLException {
        boolean first = settings.autoCommit() || !handedOver;
        if (first && used) {
            chooseAgain(statement);
        }
        while (true) {
            Loan now = loan();
            if (first && now.isReplica()) {
                now.waits();
            }
            try {
                if (!now.isReplica() && settings.autoCommit() && !writes) {
                    now.physical().refuseWrites(true, decision.location().flavor());
                }
                statement.renewFor(now.connection());
                R result = work.on(statement.target());
                handedOver = !settings.autoCommit();
                used = true;
                except = Set.of();
                return result;
            } catch (SQLException e) {
                if (!first || pinned || !now.isReplica() || !statement.isRepeatable() || !isWorthAnother(e)
                        || isGivenUp(e)) {
                    handedOver = !settings.autoCommit();
                    throw explained(e, now);
                }
                move(now, e);
            } finally {
                now.waitsNoLonger();
            }
        }
    }

    /** The replica is lost, or has cancelled what stood in its way: a conflict with recovery, in which a replica gives as its reason what only a primary's own transactions do else. */
    private static boolean isWorthAnother(SQLException failure) {
        String state = failure.getSQLState();
        return JdbcErrors.isConnectionLost(failure) || "40001".equals(state) || "40P01".equals(state);
    }

    /** The caller's own limit of time has ended it: another server would be as slow. */
    private boolean isGivenUp(SQLException failure) {
        return closed || (settings.networkTimeout() > 0 && JdbcErrors.isConnectionLost(failure));
    }

    /**
     * Before each transaction on a connection that has read before: the session may have written since, or ask for more now,
     * and the replica may have fallen behind.
     */
    private void chooseAgain(RoutedStatement statement) throws SQLException {
        Loan now = loan;
        if (now == null || !now.isReplica() || replication.mayAnswer(decision, now.server())) {
            return;
        }
        if (pinned || !statement.isRepeatable()) {
            throw JdbcErrors.of(new AnabranchException(
                    ErrorCode.DATABASE_UNAVAILABLE,
                    "The replica " + now.server() + " may not answer any longer " + decision.place()
                            + ", and what has been set on this connection or statement cannot be had on another server",
                    "Take a new connection for each transaction that reads"));
        }
        parked.add(now);
        loan = null;
        owner.moved(null);
    }

    private void move(Loan from, SQLException cause) throws SQLException {
        if (JdbcErrors.isConnectionLost(cause)) {
            replication.failed(from.server(), cause);
        }
        exclude(from);
        loan = null;
        owner.moved(null);
        replication.takeBack(from, false);
        Loan next = lend(cause);
        if (closed) {
            // Aborted by another thread meanwhile: nobody would give it back.
            replication.takeBack(next, false);
            throw cause;
        }
        loan = next;
        owner.moved(next.connection());
    }

    private void exclude(Loan failed) {
        Set<String> more = new HashSet<>(except);
        more.add(failed.server());
        except = more;
    }

    private SQLException explained(SQLException failure, Loan on) {
        if (!ErrorCode.READ_ONLY.sqlState().equals(failure.getSQLState())) {
            return failure;
        }
        String audience = decision.audience();
        return JdbcErrors.of(new AnabranchException(
                ErrorCode.READ_ONLY,
                "A write on a connection that only reads " + decision.place() + ", on the server " + on.server() + ": "
                        + failure.getMessage(),
                "Take readOnly away from @Transactional, setReadOnly(true) or RoutingScope.readOnly(...) around it"
                        + (audience == null ? "" : ", or from the audience '" + audience + "'")
                        + ", and write on a connection of its own",
                failure));
    }

    /** Whether its database has no replica, so that readers and writers are sent to the same server. */
    boolean isOnlyChoice() {
        return decision.location().replicas().isEmpty();
    }

    /** The caller has taken back that it only reads. */
    void allowWrites() throws SQLException {
        writes = true;
        if (loan != null) {
            loan.physical().refuseWrites(false, decision.location().flavor());
        }
    }

    /** A transaction has ended, whichever way. */
    void begin() {
        handedOver = false;
        except = Set.of();
    }

    /** Ends a transaction. One that has only read on a replica has nothing to lose: all it was given is true. */
    void commit() throws SQLException {
        end(Connection::commit);
    }

    void rollback() throws SQLException {
        end(Connection::rollback);
    }

    @FunctionalInterface
    private interface End {
        void of(Connection connection) throws SQLException;
    }

    private void end(End end) throws SQLException {
        Loan now = loan;
        if (now == null) {
            return;
        }
        if (now.isReplica()) {
            now.waits();
        }
        try {
            end.of(now.connection());
        } catch (SQLException e) {
            if (!now.isReplica() || !isWorthAnother(e)) {
                throw e;
            }
            loan = null;
            owner.moved(null);
            replication.takeBack(now, false);
        } finally {
            now.waitsNoLonger();
            begin();
        }
    }

    /** Gives the connection back, or closes it. */
    void close(boolean whole) throws SQLException {
        closed = true;
        for (Loan one : parked) {
            giveBack(one, whole);
        }
        parked.clear();
        Loan last = loan;
        if (last == null) {
            return;
        }
        loan = null;
        giveBack(last, whole);
    }

    private void giveBack(Loan last, boolean whole) throws SQLException {
        if (last.isReplica()) {
            last.waits();
        }
        try {
            replication.takeBack(last, whole);
        } catch (SQLException e) {
            // As at the end of a transaction: what was read there is true.
            if (!last.isReplica() || !isWorthAnother(e)) {
                throw e;
            }
        }
    }
}
