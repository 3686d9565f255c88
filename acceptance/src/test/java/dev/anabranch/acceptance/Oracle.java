// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.acceptance;

import dev.anabranch.devcluster.PostgresServer;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;

/** Knows exactly what each standby shows, by asking it past every pool and library. Safe for use by many threads. */
final class Oracle implements AutoCloseable {
    private static final int SESSIONS = 6;
    private static final int ATTEMPTS = 5;

    private final String database;
    private final List<PostgresServer> standbys;
    private final List<BlockingQueue<PreparedStatement>> sessions = new ArrayList<>();

    Oracle(List<PostgresServer> standbys, String database) throws SQLException {
        this.standbys = standbys;
        this.database = database;
        for (PostgresServer standby : standbys) {
            BlockingQueue<PreparedStatement> open = new ArrayBlockingQueue<>(SESSIONS);
            for (int i = 0; i < SESSIONS; i++) {
                open.add(open(standby));
            }
            sessions.add(open);
        }
    }

    private PreparedStatement open(PostgresServer standby) throws SQLException {
        return standby.connect(database).prepareStatement("select edition from reviews.review where id = ?");
    }

    /** The edition of a review that each standby shows now; 0 where it does not show the review. */
    List<Integer> editions(long review) throws SQLException, InterruptedException {
        List<Integer> shown = new ArrayList<>();
        for (int i = 0; i < standbys.size(); i++) {
            shown.add(edition(i, review));
        }
        return shown;
    }

    /** Replay ends sessions that stand in its way, this one's too. */
    private int edition(int standby, long review) throws SQLException, InterruptedException {
        PreparedStatement statement = sessions.get(standby).take();
        try {
            for (int attempt = 1; ; attempt++) {
                try {
                    statement.setLong(1, review);
                    try (ResultSet row = statement.executeQuery()) {
                        return row.next() ? row.getInt(1) : 0;
                    }
                } catch (SQLException e) {
                    if (attempt == ATTEMPTS) {
                        throw e;
                    }
                    statement.getConnection().close();
                    statement = open(standbys.get(standby));
                }
            }
        } finally {
            sessions.get(standby).add(statement);
        }
    }

    @Override
    public void close() throws SQLException {
        for (BlockingQueue<PreparedStatement> open : sessions) {
            for (PreparedStatement statement : open) {
                statement.getConnection().close();
            }
        }
    }
}
