// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.consistency;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.sql.Statement;

/**
 * Positions of PostgreSQL are those of its write-ahead log.
 *
 * <p>Of the primary it is the one where the next record goes, so that it also covers commits that return before they are
 * durable ({@code synchronous_commit = off}). Where that is the beginning of a page, the server names the place behind the
 * page's header, whilst a standby that has replayed all names the one before it.
 */
final class PostgresProbe implements Probe {
    /** The inner query gives the clock first; the position is read for its row. */
    private static final String PRIMARY =
            """
            select (extract(epoch from c.at) * 1000000)::bigint,
                case when pg_is_in_recovery() then null else pg_current_wal_insert_lsn() - '0/0' end,
                case when pg_is_in_recovery() then null else substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8) end
            from (select clock_timestamp() as at offset 0) c""";

    /** Only a role with pg_read_all_stats sees the receiver; what is in the control file can be older by a restart point. */
    private static final String REPLICA =
            """
            select pg_is_in_recovery(),
                pg_last_wal_replay_lsn() - '0/0',
                case when pg_is_in_recovery() then pg_is_wal_replay_paused() end,
                (select received_tli from pg_stat_wal_receiver)""";

    private static final String CONTROL_FILE =
            """
            , greatest((select timeline_id from pg_control_checkpoint()),
                (select min_recovery_end_timeline from pg_control_recovery()))""";

    private static final int PAGE_HEADER = 24;
    private static final int SEGMENT_HEADER = 40;

    @Override
    public Question<PrimaryReading> primary(Connection connection) throws SQLException {
        Identity identity = Identity.of(connection);
        PreparedStatement statement = connection.prepareStatement(PRIMARY);
        return () -> {
            try (ResultSet row = statement.executeQuery()) {
                row.next();
                long position = row.getLong(2);
                if (row.wasNull()) {
                    throw new SQLTransientConnectionException("it is a standby, and not the primary", "25006");
                }
                int timeline = Integer.parseUnsignedInt(row.getString(3), 16);
                return new PrimaryReading(
                        new Lineage(identity.cluster, timeline),
                        row.getLong(1),
                        endOfRecords(position, identity.pageBytes, identity.segmentBytes));
            }
        };
    }

    @Override
    public Question<ReplicaReading> replica(Connection connection) throws SQLException {
        Identity identity = Identity.of(connection);
        PreparedStatement statement =
                connection.prepareStatement(identity.controlFile ? REPLICA + CONTROL_FILE : REPLICA + ", 0");
        return new Question<>() {
            /** Of one running standby the timeline only grows; while its receiver is gone, the control file may say less. */
            private int timeline;

            @Override
            public ReplicaReading ask() throws SQLException {
                try (ResultSet row = statement.executeQuery()) {
                    row.next();
                    if (!row.getBoolean(1)) {
                        return new ReplicaReading.Idle("it is no standby: it takes writes of its own");
                    }
                    if (row.getBoolean(3)) {
                        return new ReplicaReading.Idle("its replay is paused");
                    }
                    long position = row.getLong(2);
                    if (row.wasNull()) {
                        return new ReplicaReading.Idle("it has replayed nothing yet");
                    }
                    timeline = Math.max(timeline, Math.max(row.getInt(4), row.getInt(5)));
                    if (timeline == 0) {
                        return new ReplicaReading.Idle("it does not tell its timeline: grant pg_read_all_stats to the role");
                    }
                    return new ReplicaReading.Replayed(new Lineage(identity.cluster, timeline), position);
                }
            }
        };
    }

    /** The end of the last record, where the place for the next one is behind the header of a page with nothing on it. */
    static long endOfRecords(long position, int pageBytes, long segmentBytes) {
        if (position % segmentBytes == SEGMENT_HEADER) {
            return position - SEGMENT_HEADER;
        }
        return position % pageBytes == PAGE_HEADER && position % segmentBytes > pageBytes ? position - PAGE_HEADER : position;
    }

    /** What of a server does not change while it runs. */
    private record Identity(int pageBytes, long segmentBytes, boolean controlFile, long cluster) {
        static Identity of(Connection connection) throws SQLException {
            try (Statement statement = connection.createStatement()) {
                int page;
                long segment;
                boolean controlFile;
                try (ResultSet row = statement.executeQuery(
                        """
                        select current_setting('wal_block_size'), pg_size_bytes(current_setting('wal_segment_size')),
                            has_function_privilege('pg_control_system()', 'execute')
                                and has_function_privilege('pg_control_checkpoint()', 'execute')
                                and has_function_privilege('pg_control_recovery()', 'execute')""")) {
                    row.next();
                    page = row.getInt(1);
                    segment = row.getLong(2);
                    controlFile = row.getBoolean(3);
                }
                if (!controlFile) {
                    return new Identity(page, segment, false, 0);
                }
                try (ResultSet row = statement.executeQuery("select system_identifier from pg_control_system()")) {
                    row.next();
                    return new Identity(page, segment, true, row.getLong(1));
                }
            }
        }
    }
}
