// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.consistency;

import dev.anabranch.topology.Flavor;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Positions of MariaDB are the sequence numbers of its global transaction ids, where there is one replication domain alone.
 * Those of one server's transactions are compared; when another becomes the primary, a replica counts again from the first
 * transaction on that it has of the new one.
 *
 * <p>Else, and always with MySQL, what a session has written is taken to be on a replica when the window is over and the
 * replica says that it keeps up; then the role must be allowed to ask ({@code SLAVE MONITOR} with MariaDB, {@code REPLICATION
 * CLIENT} with MySQL).
 */
final class MariaDbProbe implements Probe {
    /** {@code now()} is the time at which the statement began, and so before the position is read. */
    private static final String CLOCK = "cast(unix_timestamp(now(6)) * 1000000 as signed)";

    private static final Pattern ONE_DOMAIN = Pattern.compile("(\\d+)-(\\d+)-(\\d+)");
    private static final Lineage NO_LINEAGE = new Lineage(0, 0);
    private static final int ACCESS_DENIED = 1227;
    private static final int ACCESS_DENIED_TO_USER = 1045;

    private final Flavor flavor;

    MariaDbProbe(Flavor flavor) {
        this.flavor = flavor;
    }

    @Override
    public Question<PrimaryReading> primary(Connection connection) throws SQLException {
        PreparedStatement statement = connection.prepareStatement(
                "select " + CLOCK + ", " + (flavor == Flavor.MARIADB ? "@@gtid_binlog_pos" : "''"));
        return () -> {
            try (ResultSet row = statement.executeQuery()) {
                row.next();
                Gtid last = Gtid.of(row.getString(2));
                return new PrimaryReading(
                        last == null ? NO_LINEAGE : last.lineage(),
                        row.getLong(1),
                        last == null ? PrimaryReading.NONE : last.sequence());
            }
        };
    }

    @Override
    public Question<ReplicaReading> replica(Connection connection) throws SQLException {
        PreparedStatement statement =
                connection.prepareStatement(flavor == Flavor.MARIADB ? "select @@gtid_slave_pos" : "select ''");
        String health = flavor == Flavor.MARIADB ? "show slave status" : "show replica status";
        boolean mayAsk = mayAsk(connection, health);
        return () -> {
            Map<String, String> said = mayAsk ? ask(connection, health) : Map.of();
            String reason = mayAsk ? whyIdle(said) : null;
            if (reason != null) {
                return new ReplicaReading.Idle(reason);
            }
            try (ResultSet row = statement.executeQuery()) {
                row.next();
                Gtid last = Gtid.of(row.getString(1));
                if (last != null) {
                    return new ReplicaReading.Replayed(last.lineage(), last.sequence());
                }
            }
            String seconds = said.get("seconds_behind_master");
            if (seconds == null) {
                return new ReplicaReading.Idle(
                        mayAsk
                                ? "it does not know how far it is behind"
                                : "it does not tell how far it is: grant "
                                        + (flavor == Flavor.MARIADB ? "SLAVE MONITOR" : "REPLICATION CLIENT")
                                        + " to the role");
            }
            // In whole seconds, and cut off.
            return new ReplicaReading.Following((Long.parseLong(seconds) + 1) * 1_000_000);
        };
    }

    private static boolean mayAsk(Connection connection, String health) throws SQLException {
        try {
            ask(connection, health);
            return true;
        } catch (SQLException e) {
            if (e.getErrorCode() == ACCESS_DENIED || e.getErrorCode() == ACCESS_DENIED_TO_USER) {
                return false;
            }
            throw e;
        }
    }

    /** The columns' names are spelt alike on both, but for master/slave and source/replica. */
    private static Map<String, String> ask(Connection connection, String health) throws SQLException {
        Map<String, String> said = new HashMap<>();
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(health)) {
            if (row.next()) {
                for (int i = 1; i <= row.getMetaData().getColumnCount(); i++) {
                    String column = row.getMetaData().getColumnLabel(i).toLowerCase(Locale.ROOT);
                    String value = row.getString(i);
                    if (value != null) {
                        said.put(column.replace("source", "master").replace("replica", "slave"), value);
                    }
                }
            }
        }
        return said;
    }

    private static @Nullable String whyIdle(Map<String, String> said) {
        if (said.isEmpty()) {
            return "it is no replica: it follows no other server";
        }
        String receiving = said.getOrDefault("slave_io_running", "No");
        String applying = said.getOrDefault("slave_sql_running", "No");
        if (!applying.equals("Yes")) {
            return "it does not apply what it receives (" + said.getOrDefault("last_sql_errno", "0") + ")";
        }
        return receiving.equals("No") ? "it receives nothing from its primary" : null;
    }

    /** The last transaction of a server with one replication domain. */
    private record Gtid(long domain, long server, long sequence) {
        static @Nullable Gtid of(@Nullable String text) {
            Matcher parts = ONE_DOMAIN.matcher(text == null ? "" : text);
            return parts.matches()
                    ? new Gtid(
                            Long.parseLong(parts.group(1)), Long.parseLong(parts.group(2)), Long.parseLong(parts.group(3)))
                    : null;
        }

        Lineage lineage() {
            return new Lineage(domain + 1, (int) server);
        }
    }
}
