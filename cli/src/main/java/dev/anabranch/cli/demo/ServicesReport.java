// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.cli.demo;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonProperty;
import dev.anabranch.cli.terminal.CliFailure;
import dev.anabranch.cli.terminal.ExitCode;
import dev.anabranch.cli.terminal.Table;
import dev.anabranch.devcluster.PostgresServer;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What the database holds after the services' demo, as each service's own role finds it.
 *
 * @param services one for each schema
 */
public record ServicesReport(List<Service> services) {
    private static final String INSUFFICIENT_PRIVILEGE = "42501";

    /** Copies the list. */
    public ServicesReport {
        services = List.copyOf(services);
    }

    /**
     * One service's schema.
     *
     * @param name the service, its schema and its role without {@code _app}
     * @param version the last migration in the schema's own history
     * @param rows by table: how many; the history's own table is left out
     * @param missing tables with other rows than the service said it had saved
     * @param seesNeighbour whether its role can read a table of the other service
     * @param changesSchema whether its role can make a table
     */
    public record Service(
            String name,
            int version,
            Map<String, Integer> rows,
            List<String> missing,
            @JsonProperty("sees_neighbour") boolean seesNeighbour,
            @JsonProperty("changes_schema") boolean changesSchema) {
        /** Copies the collections. */
        public Service {
            rows = Map.copyOf(rows);
            missing = List.copyOf(missing);
        }

        @JsonIgnore
        boolean isRight() {
            return version > 0 && missing.isEmpty() && !seesNeighbour && !changesSchema;
        }
    }

    /**
     * Asks the database, as each service's role.
     *
     * @param saved by service, by table: the rows that the service says it has saved
     */
    static ServicesReport of(
            PostgresServer server,
            String database,
            Map<String, String> passwords,
            Map<String, Map<String, Integer>> saved) {
        var services = new ArrayList<Service>();
        new TreeMap<>(passwords).forEach((name, password) -> {
            var neighbours = new ArrayList<>(passwords.keySet());
            neighbours.remove(name);
            try (var connection = server.connect(database, name + "_app", password)) {
                services.add(service(connection, name, neighbours.getFirst(), saved.getOrDefault(name, Map.of())));
            } catch (SQLException e) {
                throw CliFailure.failed(
                        "The schema " + name + " cannot be read by the role " + name + "_app (" + e.getMessage() + ")",
                        "See the service's log",
                        e);
            }
        });
        return new ServicesReport(services);
    }

    private static Service service(Connection connection, String name, String neighbour, Map<String, Integer> saved)
            throws SQLException {
        var rows = new TreeMap<String, Integer>();
        var tables = new ArrayList<String>();
        try (var query = connection.prepareStatement("select tablename from pg_tables where schemaname = ?")) {
            query.setString(1, name);
            try (var row = query.executeQuery()) {
                while (row.next()) {
                    tables.add(row.getString(1));
                }
            }
        }
        tables.remove("flyway_schema_history");
        for (var table : tables) {
            rows.put(table, number(connection, "select count(*) from " + name + "." + table));
        }
        var missing = saved.entrySet().stream()
                .filter(table -> !table.getValue().equals(rows.get(table.getKey())))
                .map(Map.Entry::getKey)
                .sorted()
                .toList();
        int version =
                number(connection, "select max(version::int) from " + name + ".flyway_schema_history where success");
        return new Service(
                name,
                version,
                rows,
                missing,
                isAllowed(connection, "select count(*) from " + neighbour + ".flyway_schema_history"),
                isAllowed(connection, "create table " + name + ".intruder (id int)"));
    }

    private static int number(Connection connection, String sql) throws SQLException {
        try (var statement = connection.createStatement();
                var row = statement.executeQuery(sql)) {
            row.next();
            return row.getInt(1);
        }
    }

    private static boolean isAllowed(Connection connection, String sql) throws SQLException {
        try (var statement = connection.createStatement()) {
            statement.execute(sql);
            return true;
        } catch (SQLException e) {
            if (INSUFFICIENT_PRIVILEGE.equals(e.getSQLState())) {
                return false;
            }
            throw e;
        }
    }

    /** How the process ends: well only if each schema is at its head, holds its rows, and is closed to the neighbour. */
    public ExitCode exitCode() {
        return services.stream().allMatch(Service::isRight) ? ExitCode.DONE : ExitCode.MISMATCH;
    }

    /** For a person. */
    public List<String> lines() {
        var lines = new ArrayList<String>();
        var table = new Table("service", "schema", "is at", "tables", "rows", "sees its neighbour", "may change its schema");
        for (var service : services) {
            int sum = service.rows().values().stream().mapToInt(Integer::intValue).sum();
            table.row(
                    service.name(),
                    service.name(),
                    "V" + service.version(),
                    service.rows().size(),
                    sum,
                    service.seesNeighbour() ? "YES" : "no",
                    service.changesSchema() ? "YES" : "no");
        }
        lines.addAll(table.lines());
        services.stream().filter(service -> !service.missing().isEmpty()).forEach(service ->
                lines.add("Rows are missing in " + service.name() + ": " + String.join(", ", service.missing())));
        return lines;
    }
}
