// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.operations.migration.lint;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * What the scratch schema holds at one moment, and which locks this session has.
 *
 * @param relations tables, views and indexes of the schema, by oid
 * @param columns by table's oid and number
 * @param constraints by oid
 * @param locks {@code oid mode} of strong locks on relations of the schema
 * @param outside relations of other schemas that are locked in any mode, system and extensions left out
 */
record ScratchState(
        Map<Long, Relation> relations,
        Map<String, Column> columns,
        Map<Long, Constraint> constraints,
        Set<String> locks,
        Set<String> outside) {
    /**
     * A relation.
     *
     * @param kind {@code pg_class.relkind}
     * @param file which file holds its rows; another one after a rewrite
     * @param table for an index its table
     * @param definition changes with the definition; privileges and statistics are no part of it
     */
    record Relation(String name, String kind, long file, long table, String definition) {}

    record Column(long table, String name, boolean notNull, boolean dropped) {}

    record Constraint(String name, String kind, long table, boolean validated, long index, String definition) {}

    private static final String RELATIONS = """
            select c.oid, c.relname, c.relkind, c.relfilenode, coalesce(i.indrelid, 0),
                md5(row(c.relname, c.relnatts, c.relchecks, c.relhasrules, c.relrowsecurity, c.relforcerowsecurity, c.relpersistence,
                    c.relreplident,
                    array(select row(a.attname, a.atttypid, a.atttypmod, a.attnotnull, a.atthasdef, a.attidentity,
                        a.attgenerated)::text from pg_attribute a where a.attrelid = c.oid and a.attnum > 0 order by a.attnum),
                    array(select d.adbin::text from pg_attrdef d where d.adrelid = c.oid order by d.adnum),
                    array(select t.oid::text || t.tgenabled::text from pg_trigger t where t.tgrelid = c.oid order by t.oid),
                    array(select p.oid::text || coalesce(p.polqual::text, '') from pg_policy p where p.polrelid = c.oid order by p.oid),
                    array(select x.oid::text from pg_constraint x where x.conrelid = c.oid order by x.oid))::text)
            from pg_class c left join pg_index i on i.indexrelid = c.oid
            where c.relnamespace = current_schema()::regnamespace and c.relkind in ('r', 'p', 'v', 'm', 'i', 'I', 'f')""";
    private static final String COLUMNS = """
            select c.oid, a.attnum, a.attname, a.attnotnull, a.attisdropped
            from pg_attribute a join pg_class c on c.oid = a.attrelid
            where c.relnamespace = current_schema()::regnamespace and c.relkind in ('r', 'p', 'v', 'm', 'f') and a.attnum > 0""";
    private static final String CONSTRAINTS = """
            select oid, conname, contype, conrelid, convalidated, conindid, pg_get_constraintdef(oid) from pg_constraint
            where connamespace = current_schema()::regnamespace and conrelid <> 0""";
    private static final String LOCKS = """
            select c.oid, l.mode, n.nspname, c.relname, c.relnamespace = current_schema()::regnamespace
            from pg_locks l join pg_class c on c.oid = l.relation join pg_namespace n on n.oid = c.relnamespace
            where l.pid = pg_backend_pid() and l.locktype = 'relation'
              and l.database = (select oid from pg_database where datname = current_database())
              and n.nspname not in ('pg_catalog', 'information_schema', 'pg_toast') and n.nspname !~ '^pg_(toast_)?temp_'
              and (c.relnamespace = current_schema()::regnamespace and l.mode in ('ShareLock', 'ShareRowExclusiveLock',
                    'ExclusiveLock', 'AccessExclusiveLock')
                or c.relnamespace <> current_schema()::regnamespace and not exists (select 1 from pg_depend d
                    where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'e'))""";

    static ScratchState read(Connection connection) throws SQLException {
        Map<Long, Relation> relations = new HashMap<>();
        Map<String, Column> columns = new HashMap<>();
        Map<Long, Constraint> constraints = new HashMap<>();
        Set<String> locks = new HashSet<>();
        Set<String> outside = new HashSet<>();
        try (Statement statement = connection.createStatement()) {
            // First, because the queries after it lock things themselves.
            try (ResultSet rows = statement.executeQuery(LOCKS)) {
                while (rows.next()) {
                    if (rows.getBoolean(5)) {
                        locks.add(rows.getLong(1) + " " + rows.getString(2));
                    } else {
                        outside.add(rows.getString(3) + "." + rows.getString(4));
                    }
                }
            }
            try (ResultSet rows = statement.executeQuery(RELATIONS)) {
                while (rows.next()) {
                    relations.put(rows.getLong(1), new Relation(
                            rows.getString(2), rows.getString(3), rows.getLong(4), rows.getLong(5), rows.getString(6)));
                }
            }
            try (ResultSet rows = statement.executeQuery(COLUMNS)) {
                while (rows.next()) {
                    columns.put(
                            rows.getLong(1) + "." + rows.getInt(2),
                            new Column(rows.getLong(1), rows.getString(3), rows.getBoolean(4), rows.getBoolean(5)));
                }
            }
            try (ResultSet rows = statement.executeQuery(CONSTRAINTS)) {
                while (rows.next()) {
                    constraints.put(rows.getLong(1), new Constraint(
                            rows.getString(2), rows.getString(3), rows.getLong(4), rows.getBoolean(5), rows.getLong(6),
                            rows.getString(7)));
                }
            }
        }
        return new ScratchState(relations, columns, constraints, locks, outside);
    }

    /** Whether a validated check proves that the column holds no null. */
    boolean provesNotNull(long table, String column) {
        String plain = "(" + column + " IS NOT NULL)";
        String quoted = "(\"" + column + "\" IS NOT NULL)";
        return constraints.values().stream()
                .anyMatch(one -> one.table() == table && one.validated() && one.kind().equals("c")
                        && !one.definition().contains(" OR ")
                        && (one.definition().contains(plain) || one.definition().contains(quoted)));
    }
}
