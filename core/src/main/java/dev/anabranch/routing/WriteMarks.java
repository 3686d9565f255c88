// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.routing;

import dev.anabranch.consistency.ConsistencyContext;
import dev.anabranch.consistency.ConsistencySession;
import dev.anabranch.topology.Flavor;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Takes note of what a connection may have written, when the write is over: for whoever wrote, a replica must have come that
 * far before it answers again. Nothing is sent to any server for it.
 *
 * <p>It notes too much rather than too little: each transaction counts as a write, and so does a statement in auto-commit mode
 * that failed, because a server that was lost, or a batch, may have kept it or a part.
 */
final class WriteMarks implements Watch {
    private final RouteDecision decision;
    private final HeldSettings settings;
    private final Replication replication;
    /** The one that was bound when the route was decided: the transaction may end outside of its scope. */
    private final @Nullable ConsistencySession session = ConsistencyContext.session().orElse(null);

    private boolean commitsInText;
    private boolean ran;
    private boolean ranInAutoCommit;

    WriteMarks(RouteDecision decision, HeldSettings settings, Replication replication) {
        this.decision = decision;
        this.settings = settings;
        this.replication = replication;
    }

    @Override
    public <R> R run(RoutedStatement statement, Work<Statement, R> work) throws SQLException {
        try {
            return work.on(statement.target());
        } finally {
            ran = true;
            if (settings.autoCommit()) {
                ranInAutoCommit = true;
                wrote();
            } else if (commitsInText) {
                wrote();
            }
        }
    }

    /** Some end their transactions by a statement; a text that merely contains the word costs a mark. */
    void takeNoteOf(String sql) {
        if (!commitsInText) {
            String text = sql.toLowerCase(Locale.ROOT);
            commitsInText = text.contains("commit") || text.strip().startsWith("end");
        }
    }

    /** The caller has taken the driver's own objects, and may write past this. */
    void unwrapped() {
        ran = true;
        ranInAutoCommit = true;
    }

    /** A transaction was rolled back: with MariaDB and MySQL some statements have committed before. */
    void rolledBack() {
        if (ran && decision.location().flavor() != Flavor.POSTGRES) {
            wrote();
        }
    }

    /** The connection goes back: the results of statements in auto-commit mode have been read to their ends. */
    void close() {
        if (ranInAutoCommit) {
            wrote();
        } else {
            rolledBack();
        }
    }

    /** A transaction has ended well, or nobody knows how. */
    void wrote() {
        replication.wrote(decision, session);
    }
}
