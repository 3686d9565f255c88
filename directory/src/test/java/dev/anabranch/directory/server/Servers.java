// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.directory.server;

import dev.anabranch.devcluster.PostgresServer;
import java.sql.SQLException;
import java.util.concurrent.atomic.AtomicInteger;

/** One PostgreSQL server for all tests of this module; it ends with the JVM. */
final class Servers {
    private static final AtomicInteger COUNT = new AtomicInteger();

    private Servers() {}

    private static final class Lazy {
        static final PostgresServer POSTGRES = PostgresServer.start("directory");
    }

    static PostgresServer postgres() {
        return Lazy.POSTGRES;
    }

    static String newDatabase() {
        String name = "db" + COUNT.incrementAndGet();
        try {
            postgres().createDatabase(name);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
        return name;
    }

    /** A database's body for PUT /v1/databases. */
    static String body(String database, String password) {
        return """
                {"flavor":"postgres","host":"127.0.0.1","port":%d,"database":"%s","user":"%s","password":"%s"}"""
                .formatted(postgres().port(), database, postgres().superuser(), password);
    }
}
