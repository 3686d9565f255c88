// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.devcluster;

import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Locale;

/**
 * Whom a standby follows, and the physical replication slot there by which the WAL that it lacks is kept.
 *
 * @param server the server that it streams from
 * @param standby the standby's name; it is its {@code application_name} there
 * @param slot the slot's name
 */
record Upstream(PostgresServer server, String standby, String slot) {

    private static final int LONGEST_SLOT_NAME = 63;
    private static final Duration TIME_TO_MAKE = Duration.ofSeconds(60);
    private static final Duration TIME_TO_LET_GO = Duration.ofSeconds(2);

    /** With a slot of a name that nobody has. */
    static Upstream of(PostgresServer server, String standby) {
        var unique = ServerFolder.uniqueName(standby).toLowerCase(Locale.ROOT).replace('-', '_');
        return new Upstream(server, standby, unique.substring(Math.max(0, unique.length() - LONGEST_SLOT_NAME)));
    }

    /** Another server for the same standby. */
    Upstream at(PostgresServer other) {
        return new Upstream(other, standby, slot);
    }

    /**
     * The {@code primary_conninfo}: without a password, which the server would log. A standby that is frozen is given up
     * after ten seconds, as the other waits for it when it stops.
     */
    String address(Path passwordFile) {
        return "host=" + server.host() + " port=" + server.port() + " user=" + server.superuser()
                + " application_name=" + standby + " options='-c wal_sender_timeout=10s' passfile='"
                + passwordFile.toString().replace("\\", "\\\\").replace("'", "\\'") + "'";
    }

    /** Makes the slot; from now on the server keeps its WAL. */
    void keepWal() {
        try (var control = Control.of(server, TIME_TO_MAKE)) {
            control.ask("select lsn from pg_create_physical_replication_slot(?, true)", slot);
        } catch (SQLException e) {
            throw new DevClusterException("The standby \"" + standby + "\" cannot have a replication slot on " + server
                    + ": " + e.getMessage() + ". Does that server run?", e);
        }
    }

    /** Ends the stream and drops the slot, if the server answers within two seconds; else the slot stays there. */
    void letGo() {
        if (server.isRunning()) {
            try (var control = Control.of(server, TIME_TO_LET_GO)) {
                control.ask("select pg_terminate_backend(active_pid, 1000) from pg_replication_slots"
                        + " where slot_name = ? and active", slot);
                control.ask("select pg_drop_replication_slot(slot_name) from pg_replication_slots"
                        + " where slot_name = ?", slot);
            } catch (SQLException endingOrPausedOrBusy) {
                // it is a throwaway server: the worst is WAL that is kept for nobody
            }
        }
    }
}
