// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.devcluster;

/** What a server speaks. */
public enum Flavor {
    /** PostgreSQL 18. */
    POSTGRES("jdbc:postgresql"),
    /** MariaDB 11.4. */
    MARIADB("jdbc:mariadb");

    private final String scheme;

    Flavor(String scheme) {
        this.scheme = scheme;
    }

    String jdbcUrl(String host, int port, String database) {
        return scheme + "://" + host + ":" + port + "/" + database;
    }
}
