// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.topology;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** The kind of a database server. */
public enum Flavor {
    /** PostgreSQL 15 to 18, through pgjdbc. */
    POSTGRES("postgresql", 5432),
    /** MySQL 8.4 and later, through Connector/J or MariaDB's connector. */
    MYSQL("mysql", 3306),
    /** MariaDB 10.11 and later, through MariaDB's connector. */
    MARIADB("mariadb", 3306);

    private final String subprotocol;
    private final int defaultPort;

    Flavor(String subprotocol, int defaultPort) {
        this.subprotocol = subprotocol;
        this.defaultPort = defaultPort;
    }

    /** The word after {@code jdbc:} in this flavor's addresses. */
    public String subprotocol() {
        return subprotocol;
    }

    /** The port where none is given. */
    public int defaultPort() {
        return defaultPort;
    }

    /** The name in configuration and JSON: {@code postgres}, {@code mysql} or {@code mariadb}. */
    public String id() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** The flavor of that {@link #id()} (or JDBC subprotocol), if there is one. */
    public static Optional<Flavor> of(String id) {
        String wanted = id.toLowerCase(Locale.ROOT);
        return Arrays.stream(values())
                .filter(flavor -> flavor.id().equals(wanted) || flavor.subprotocol.equals(wanted))
                .findFirst();
    }
}
