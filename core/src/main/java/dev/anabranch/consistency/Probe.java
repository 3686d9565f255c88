// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.consistency;

import dev.anabranch.topology.Flavor;
import java.sql.Connection;
import java.sql.SQLException;

/** How the servers of a flavor are asked how far they are. */
sealed interface Probe permits PostgresProbe, MariaDbProbe {
    /** Makes ready to ask a primary over a connection again and again. */
    Question<PrimaryReading> primary(Connection connection) throws SQLException;

    /** Makes ready to ask a replica over a connection again and again. */
    Question<ReplicaReading> replica(Connection connection) throws SQLException;

    /** One statement that is sent again and again. */
    @FunctionalInterface
    interface Question<T> {
        T ask() throws SQLException;
    }

    /** How to ask servers of that flavor. */
    static Probe of(Flavor flavor) {
        return switch (flavor) {
            case POSTGRES -> new PostgresProbe();
            case MARIADB, MYSQL -> new MariaDbProbe(flavor);
        };
    }
}
