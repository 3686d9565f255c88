// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.directory.server.topology;

import dev.anabranch.directory.server.problem.ProblemCode;
import dev.anabranch.directory.server.problem.ProblemException;
import dev.anabranch.tenant.TenantId;
import dev.anabranch.topology.Database;
import dev.anabranch.topology.Endpoint;
import dev.anabranch.topology.Flavor;
import dev.anabranch.topology.ShardKey;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.TreeMap;
import org.springframework.stereotype.Component;

/**
 * Whether a tenant has rows in a database: looks for one in every table that has the shard key's column.
 *
 * <p>Opens a connection of its own and gives up after {@value #TIMEOUT_SECONDS} s a step.
 */
@Component
class TenantRows {
    private static final int TIMEOUT_SECONDS = 3;

    private record Table(String schema, String name, String typeSchema, String type) {}

    /**
     * The first table with a row of the tenant, as {@code schema.table}.
     *
     * @throws ProblemException {@link ProblemCode#DATABASE_UNREACHABLE} where the database could not be asked
     */
    Optional<String> firstTable(Database database, ShardKey key, TenantId tenant) {
        long started = System.nanoTime();
        try (Connection connection = connect(database.primary())) {
            boolean postgres = database.flavor() == Flavor.POSTGRES;
            connection.setReadOnly(true);
            connection.setAutoCommit(false);
            List<Table> tables = tables(connection, key, postgres);
            connection.rollback();
            for (Table table : tables) {
                // A transaction for each: one that has failed is of no further use, and behind a transaction pooler the
                // tenant's variable reaches no further either.
                if (postgres) {
                    bind(connection, tenant);
                }
                boolean found = has(connection, table, key, tenant, postgres);
                connection.rollback();
                if (found) {
                    return Optional.of(table.schema + "." + table.name);
                }
            }
            return Optional.empty();
        } catch (SQLException e) {
            String state = e.getSQLState() == null ? "unknown" : e.getSQLState();
            throw new ProblemException(
                    ProblemCode.DATABASE_UNREACHABLE,
                    "The database '" + database.name() + "' could not be asked whether the tenant '" + tenant
                            + "' has rows there (SQLState " + state + ", after "
                            + (System.nanoTime() - started) / 1_000_000 + " ms)");
        }
    }

    /** Row-level security hides all rows from a transaction that has not said whose it looks for. */
    private static void bind(Connection connection, TenantId tenant) throws SQLException {
        try (PreparedStatement bind = connection.prepareStatement("select set_config('anabranch.tenant', ?, true)")) {
            bind.setString(1, tenant.value());
            bind.execute();
        }
    }

    private static Connection connect(Endpoint at) throws SQLException {
        boolean postgres = at.flavor() == Flavor.POSTGRES;
        String limit = Integer.toString(postgres ? TIMEOUT_SECONDS : TIMEOUT_SECONDS * 1000);
        Map<String, String> parameters = new TreeMap<>(at.properties());
        parameters.put("connectTimeout", limit);
        parameters.put("socketTimeout", limit);
        if (postgres) {
            parameters.put("loginTimeout", limit);
            parameters.put("ApplicationName", "anabranch-directory");
        }
        // MariaDB's connector speaks to MySQL too, under its own scheme.
        Flavor scheme = postgres ? Flavor.POSTGRES : Flavor.MARIADB;
        Endpoint limited =
                new Endpoint(scheme, at.host(), at.port(), at.database(), at.user(), at.password(), parameters);
        Properties login = new Properties();
        login.setProperty("user", at.user());
        login.setProperty("password", at.password().reveal());
        return DriverManager.getConnection(limited.jdbcUrl(), login);
    }

    private static List<Table> tables(Connection connection, ShardKey key, boolean postgres) throws SQLException {
        String type = postgres ? "c.udt_schema, c.udt_name" : "'', c.data_type";
        try (PreparedStatement select = connection.prepareStatement("""
                select t.table_schema, t.table_name, %s
                from information_schema.columns c
                join information_schema.tables t on t.table_schema = c.table_schema and t.table_name = c.table_name
                where t.table_type = 'BASE TABLE' and c.column_name = ?
                  and t.table_schema not in ('pg_catalog', 'information_schema', 'mysql', 'sys', 'performance_schema')
                order by 1, 2
                """.formatted(type))) {
            select.setString(1, key.column());
            select.setQueryTimeout(TIMEOUT_SECONDS);
            List<Table> tables = new ArrayList<>();
            try (ResultSet row = select.executeQuery()) {
                while (row.next()) {
                    tables.add(new Table(row.getString(1), row.getString(2), row.getString(3), row.getString(4)));
                }
            }
            return tables;
        }
    }

    private static boolean has(Connection connection, Table table, ShardKey key, TenantId tenant, boolean postgres)
            throws SQLException {
        char quote = postgres ? '"' : '`';
        // Cast to the column's own type, so that an index on it is used.
        String value = postgres
                ? "cast(? as " + quoted(table.typeSchema, quote) + "." + quoted(table.type, quote) + ")"
                : "?";
        String sql = "select 1 from " + quoted(table.schema, quote) + "." + quoted(table.name, quote) + " where "
                + quoted(key.column(), quote) + " = " + value + " limit 1";
        try (PreparedStatement select = connection.prepareStatement(sql)) {
            select.setString(1, tenant.value());
            select.setQueryTimeout(TIMEOUT_SECONDS);
            try (ResultSet row = select.executeQuery()) {
                return row.next();
            }
        } catch (SQLException e) {
            // The id is no value of the column's type, so no row can have it.
            if (e.getSQLState() != null && e.getSQLState().startsWith("22")) {
                return false;
            }
            throw e;
        }
    }

    private static String quoted(String name, char quote) {
        String mark = String.valueOf(quote);
        return mark + name.replace(mark, mark + mark) + mark;
    }
}
