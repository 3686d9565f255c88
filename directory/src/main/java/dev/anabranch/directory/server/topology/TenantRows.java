// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.directory.server.topology;

import dev.anabranch.directory.server.problem.ProblemCode;
import dev.anabranch.directory.server.problem.ProblemException;
import dev.anabranch.tenant.TenantId;
import dev.anabranch.topology.Database;
import dev.anabranch.topology.Flavor;
import dev.anabranch.topology.ShardKey;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.springframework.stereotype.Component;

/**
 * Whether a tenant has rows in a database: looks for one in every table that has the shard key's column.
 *
 * <p>A table that the database's user cannot read with certainty is told of, and never taken for one without rows.
 *
 * <p>Opens a connection of its own and gives up after {@value ShardConnection#TIMEOUT_SECONDS} s a step.
 */
@Component
class TenantRows {
    private static final int TIMEOUT_SECONDS = ShardConnection.TIMEOUT_SECONDS;

    private static final String CUT_OFF = "it could not be looked through in " + TIMEOUT_SECONDS + " s";

    /** pg_catalog, because information_schema hides what the user may not read; a partition is read with its parent. */
    private static final String POSTGRES_TABLES = """
            select n.nspname, c.relname, tn.nspname, t.typname,
                   case
                     when not (has_schema_privilege(n.oid, 'USAGE')
                               and (has_table_privilege(c.oid, 'SELECT')
                                    or has_column_privilege(c.oid, a.attnum, 'SELECT')))
                       then 'the database''s user may not read it'
                     when row_security_active(c.oid)
                          and (not exists (select from pg_catalog.pg_policy p
                                           where p.polrelid = c.oid and p.polpermissive and p.polcmd in ('*', 'r')
                                             and (p.polroles @> array[0::oid] or exists (
                                                   select from unnest(p.polroles) role where pg_has_role(role, 'USAGE')))
                                             and pg_get_expr(p.polqual, p.polrelid) like '%anabranch.tenant%')
                               or exists (select from pg_catalog.pg_policy p
                                          where p.polrelid = c.oid and not p.polpermissive and p.polcmd in ('*', 'r')
                                            and pg_get_expr(p.polqual, p.polrelid) not like '%anabranch.tenant%'))
                       then 'row-level security hides rows by another rule than anabranch.tenant'
                     else ''
                   end
            from pg_catalog.pg_attribute a
            join pg_catalog.pg_class c on c.oid = a.attrelid
            join pg_catalog.pg_namespace n on n.oid = c.relnamespace
            join pg_catalog.pg_type t on t.oid = a.atttypid
            join pg_catalog.pg_namespace tn on tn.oid = t.typnamespace
            where a.attname = ? and a.attnum > 0 and not a.attisdropped
              and c.relkind in ('r', 'p') and not c.relispartition
              and n.nspname <> 'information_schema' and n.nspname not like 'pg\\_%'
            order by 1, 2
            """;

    private static final String MARIADB_TABLES = """
            select t.table_schema, t.table_name, '', c.data_type,
                   case when find_in_set('select', c.privileges) > 0 then ''
                        else 'the database''s user may not read it' end
            from information_schema.columns c
            join information_schema.tables t on t.table_schema = c.table_schema and t.table_name = c.table_name
            where t.table_type in ('BASE TABLE', 'SYSTEM VERSIONED') and c.column_name = ?
              and t.table_schema = database()
            order by 1, 2
            """;

    private static final Set<String> WHOLE_NUMBERS = Set.of("tinyint", "smallint", "mediumint", "int", "bigint");

    private record Table(String schema, String name, String typeSchema, String type, String uncertain) {
        String shown() {
            return schema + "." + name;
        }
    }

    private enum Rows {
        NONE,
        SOME,
        UNKNOWN
    }

    /**
     * The first table with a row of the tenant, as {@code schema.table}.
     *
     * @throws ProblemException {@link ProblemCode#DATABASE_UNREACHABLE} where the database could not be asked, and
     *     {@link ProblemCode#TENANT_DATA_UNKNOWN} where a table could not be looked through
     */
    Optional<String> firstTable(Database database, ShardKey key, TenantId tenant) {
        long started = System.nanoTime();
        try (Connection connection = ShardConnection.open(database.primary())) {
            boolean postgres = database.flavor() == Flavor.POSTGRES;
            connection.setReadOnly(true);
            connection.setAutoCommit(false);
            List<Table> tables = tables(connection, key, postgres);
            connection.rollback();
            String uncertain = "";
            for (Table table : tables) {
                if (!table.uncertain.isEmpty()) {
                    uncertain = uncertain.isEmpty() ? table.shown() + ": " + table.uncertain : uncertain;
                    continue;
                }
                Rows rows = has(connection, table, key, tenant, postgres);
                if (rows == Rows.SOME) {
                    return Optional.of(table.shown());
                }
                if (rows == Rows.UNKNOWN && uncertain.isEmpty()) {
                    uncertain = table.shown() + ": " + CUT_OFF + ", or was refused";
                }
            }
            if (!uncertain.isEmpty()) {
                throw unknown(database, tenant, uncertain);
            }
            return Optional.empty();
        } catch (SQLException e) {
            String state = e.getSQLState() == null ? "unknown" : e.getSQLState();
            if (isRefusalOrTimeout(state)) {
                throw unknown(database, tenant, "its tables: SQLState " + state);
            }
            throw new ProblemException(
                    ProblemCode.DATABASE_UNREACHABLE,
                    "The database '" + database.name() + "' could not be asked whether the tenant '" + tenant
                            + "' has rows there (SQLState " + state + ", after "
                            + (System.nanoTime() - started) / 1_000_000 + " ms)");
        }
    }

    private static ProblemException unknown(Database database, TenantId tenant, String what) {
        return new ProblemException(
                ProblemCode.TENANT_DATA_UNKNOWN,
                "Whether the tenant '" + tenant + "' has rows on '" + database.name() + "' cannot be told (in " + what
                        + ")");
    }

    /** 42501: no privilege; 57014, and 70100 on MariaDB: cut off by its own time limit. */
    private static boolean isRefusalOrTimeout(String state) {
        return state.equals("42501") || state.equals("57014") || state.equals("70100");
    }

    /** Row-level security hides all rows from a transaction that has not said whose it looks for. */
    private static void bind(Connection connection, TenantId tenant) throws SQLException {
        try (PreparedStatement bind = connection.prepareStatement("select set_config('anabranch.tenant', ?, true)")) {
            bind.setString(1, tenant.value());
            bind.execute();
        }
    }

    private static List<Table> tables(Connection connection, ShardKey key, boolean postgres) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement(postgres ? POSTGRES_TABLES : MARIADB_TABLES)) {
            select.setString(1, key.column());
            select.setQueryTimeout(TIMEOUT_SECONDS);
            List<Table> tables = new ArrayList<>();
            try (ResultSet row = select.executeQuery()) {
                while (row.next()) {
                    tables.add(new Table(
                            row.getString(1), row.getString(2), row.getString(3), row.getString(4), row.getString(5)));
                }
            }
            return tables;
        }
    }

    /**
     * A transaction for each table: one that has failed is of no further use, and behind a transaction pooler the
     * tenant's variable reaches no further either.
     */
    private static Rows has(Connection connection, Table table, ShardKey key, TenantId tenant, boolean postgres)
            throws SQLException {
        char quote = postgres ? '"' : '`';
        if (!postgres && WHOLE_NUMBERS.contains(table.type.toLowerCase(Locale.ROOT))
                && !tenant.value().matches("-?\\d{1,20}")) {
            // MariaDB would take '42x' for 42, and 'x' for 0.
            return Rows.NONE;
        }
        // Cast to the column's own type, so that an index on it is used.
        String value = postgres
                ? "cast(? as " + quoted(table.typeSchema, quote) + "." + quoted(table.type, quote) + ")"
                : "?";
        String sql = "select 1 from " + quoted(table.schema, quote) + "." + quoted(table.name, quote) + " where "
                + quoted(key.column(), quote) + " = " + value + " limit 1";
        try {
            if (postgres) {
                bind(connection, tenant);
            }
            return isThere(connection, sql, tenant) ? Rows.SOME : Rows.NONE;
        } catch (SQLException e) {
            String state = e.getSQLState() == null ? "" : e.getSQLState();
            if (isRefusalOrTimeout(state)) {
                return Rows.UNKNOWN;
            }
            if (!state.startsWith("22")) {
                throw e;
            }
            connection.rollback();
            return isValue(connection, value, tenant) ? Rows.UNKNOWN : Rows.NONE;
        } finally {
            connection.rollback();
        }
    }

    /** An id that is no value of the column's type is in no row; what else fails with such a state is no answer. */
    private static boolean isValue(Connection connection, String value, TenantId tenant) throws SQLException {
        try {
            isThere(connection, "select " + value, tenant);
            return true;
        } catch (SQLException e) {
            if (e.getSQLState() != null && e.getSQLState().startsWith("22")) {
                return false;
            }
            throw e;
        }
    }

    private static boolean isThere(Connection connection, String sql, TenantId tenant) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement(sql)) {
            select.setString(1, tenant.value());
            select.setQueryTimeout(TIMEOUT_SECONDS);
            try (ResultSet row = select.executeQuery()) {
                return row.next();
            }
        }
    }

    private static String quoted(String name, char quote) {
        String mark = String.valueOf(quote);
        return mark + name.replace(mark, mark + mark) + mark;
    }
}
