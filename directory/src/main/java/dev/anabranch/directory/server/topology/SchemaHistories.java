// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.directory.server.topology;

import dev.anabranch.directory.server.problem.ProblemException;
import dev.anabranch.directory.server.store.TopologyStore;
import dev.anabranch.topology.Database;
import dev.anabranch.topology.Flavor;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import org.springframework.stereotype.Component;

/**
 * Reads how far a group's schema is on databases: from the history inside the schema itself, with the application's login.
 *
 * <p>Many are read at the same time, and never more than {@value #AT_ONCE} by one node. Thread-safe.
 */
@Component
class SchemaHistories {
    private static final int AT_ONCE = 16;

    private static final Set<Integer> MARIADB_NOTHING = Set.of(1049, 1146);

    /** MariaDB and MySQL say so of a database or a table of which the user may know nothing, whether it is there or not. */
    private static final Set<Integer> MARIADB_DENIED = Set.of(1044, 1142);

    private final Snapshots snapshots;
    private final Semaphore permits = new Semaphore(AT_ONCE);

    SchemaHistories(Snapshots snapshots) {
        this.snapshots = snapshots;
    }

    /** What was found on one database. */
    sealed interface Reading {
        /** The history; {@link MigrationHistory#NONE} where the schema has none. */
        record Read(MigrationHistory history) implements Reading {}

        /** If there is one, the application's user may not read it. */
        record Denied(String why) implements Reading {}

        /** The database could not be asked. */
        record Unreachable(String why) implements Reading {}
    }

    /** The histories of a schema on these databases, by their names in the order given. */
    Map<String, Reading> read(TopologyStore.Stored stored, Collection<String> databases, String schema) {
        Map<String, Reading> found = new ConcurrentHashMap<>();
        Map<String, Thread> readers = new LinkedHashMap<>();
        for (String name : databases) {
            readers.put(
                    name,
                    Thread.ofVirtual().name("anabranch-history-" + name).start(() -> found.put(name, read(stored, name, schema))));
        }
        Map<String, Reading> readings = new LinkedHashMap<>();
        readers.forEach((name, reader) -> {
            try {
                reader.join();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            Reading reading = found.get(name);
            readings.put(name, reading == null ? new Reading.Unreachable("it could not be asked") : reading);
        });
        return readings;
    }

    private Reading read(TopologyStore.Stored stored, String name, String schema) {
        try {
            Database database = snapshots.resolved(stored, name);
            permits.acquire();
            try {
                return read(database, schema);
            } finally {
                permits.release();
            }
        } catch (ProblemException e) {
            return new Reading.Unreachable(e.problem().detail());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return new Reading.Unreachable("interrupted");
        }
    }

    private static Reading read(Database database, String schema) {
        boolean postgres = database.flavor() == Flavor.POSTGRES;
        char quote = postgres ? '"' : '`';
        String sql = "select version, checksum, success, type from " + quote + schema + quote + "." + quote
                + MigrationHistory.TABLE + quote + " order by installed_rank";
        long began = System.nanoTime();
        try (Connection connection = ShardConnection.open(database.primary());
                Statement select = connection.createStatement()) {
            connection.setReadOnly(true);
            select.setQueryTimeout(ShardConnection.TIMEOUT_SECONDS);
            try (ResultSet rows = select.executeQuery(sql)) {
                return new Reading.Read(MigrationHistory.of(rows));
            }
        } catch (SQLException e) {
            // A driver's message may quote what it was given, so the state is all that is told.
            String state = e.getSQLState() == null ? "unknown" : e.getSQLState();
            if (postgres ? state.equals("42P01") || state.equals("3F000") : MARIADB_NOTHING.contains(e.getErrorCode())) {
                return new Reading.Read(MigrationHistory.NONE);
            }
            return (postgres ? state.equals("42501") : MARIADB_DENIED.contains(e.getErrorCode()))
                    ? new Reading.Denied("SQLState " + state)
                    : new Reading.Unreachable(
                            "SQLState " + state + ", after " + (System.nanoTime() - began) / 1_000_000 + " ms");
        }
    }
}
