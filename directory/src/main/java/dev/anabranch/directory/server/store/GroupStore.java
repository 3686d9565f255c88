// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.directory.server.store;

import dev.anabranch.topology.BucketMap;
import dev.anabranch.topology.Group;
import dev.anabranch.topology.GroupSchema;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** The groups and their bucket maps. */
@Component
public class GroupStore {
    private final JdbcClient jdbc;

    GroupStore(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    private record Plain(
            String name,
            @Nullable String database,
            Map<String, String> routes,
            @Nullable String tenants,
            @Nullable GroupSchema schema) {}

    /**
     * All of them, by name; read by one statement, so that each group has its own buckets and routes whoever changes it.
     */
    public List<GroupRow> all() {
        Map<Plain, List<BucketMap.Range>> ranges = new LinkedHashMap<>();
        jdbc.sql("""
                        select g.name, g.database, g.tenants, b.first_bucket, b.last_bucket, b.database,
                               g.schema_name, g.migrations, g.entities, g.schema_file, g.extra_file,
                               array(select array[r.audience, r.database] from anabranch.routes r
                                     where r.group_name = g.name order by r.audience) as routes
                        from anabranch.groups g left join anabranch.buckets b on b.group_name = g.name
                        order by g.name, b.first_bucket
                        """)
                .query(row -> {
                    Plain plain = new Plain(
                            row.getString(1), row.getString(2), routes(row), row.getString(3), schema(row));
                    List<BucketMap.Range> own = ranges.computeIfAbsent(plain, group -> new ArrayList<>());
                    if (row.getString(6) != null) {
                        own.add(new BucketMap.Range(row.getInt(4), row.getInt(5), row.getString(6)));
                    }
                });
        return ranges.entrySet().stream()
                .map(group -> row(group.getKey(), group.getValue()))
                .toList();
    }

    /** The one of that name, if there is one. */
    public Optional<GroupRow> find(String name) {
        return all().stream().filter(group -> group.name().equals(name)).findFirst();
    }

    /** Adds or replaces; within a change only. */
    public void put(GroupRow group) {
        switch (group) {
            case GroupRow.Sharded sharded -> {
                row(sharded, "sharded", null, sharded.tenants().name().toLowerCase(Locale.ROOT));
                clearPlaces(sharded.name());
                for (BucketMap.Range range : sharded.buckets().ranges()) {
                    jdbc.sql("insert into anabranch.buckets values (?, ?, ?, ?)")
                            .params(sharded.name(), range.from(), range.to(), range.database())
                            .update();
                }
            }
            case GroupRow.Global global -> {
                row(global, "global", global.database(), null);
                clearPlaces(global.name());
                global.routes().forEach((audience, database) -> jdbc.sql("insert into anabranch.routes values (?, ?, ?)")
                        .params(global.name(), audience, database)
                        .update());
            }
        }
    }

    /** Removes the group and what it lists; within a change only. */
    public void delete(String name) {
        jdbc.sql("delete from anabranch.groups where name = ?").param(name).update();
    }

    /** The schemas that groups own on the database, by the groups' names. */
    public Map<String, GroupSchema> schemasOn(String database) {
        Map<String, GroupSchema> owned = new TreeMap<>();
        jdbc.sql("""
                        select g.* from anabranch.groups g
                        where g.schema_name is not null
                          and (g.database = :database
                               or exists (select from anabranch.buckets b
                                          where b.group_name = g.name and b.database = :database)
                               or exists (select from anabranch.routes r
                                          where r.group_name = g.name and r.database = :database)
                               or exists (select from anabranch.tenants t
                                          where t.group_name = g.name and t.database = :database))
                        """)
                .param("database", database)
                .query((ResultSet row) -> {
                    GroupSchema schema = schema(row);
                    if (schema != null) {
                        owned.put(row.getString("name"), schema);
                    }
                });
        return owned;
    }

    /**
     * Another group that owns a schema of that name on one of the databases, if there is one: two groups with one history
     * would undo each other. Databases of two names may be one, so their addresses are compared; on MariaDB and MySQL a
     * schema is a database itself, and is the same for all databases of the server.
     */
    public Optional<String> otherOwner(String group, String schema, Collection<String> databases) {
        if (databases.isEmpty()) {
            return Optional.empty();
        }
        return jdbc.sql("""
                        with same as (
                            select other.name from anabranch.databases own join anabranch.databases other
                              on other.name = own.name
                              or (lower(other.host) = lower(own.host) and other.port = own.port
                                  and (other.database = own.database or own.flavor <> 'postgres'))
                            where own.name in (:databases))
                        select g.name from anabranch.groups g
                        where g.schema_name = :schema and g.name <> :group
                          and (g.database in (select name from same)
                               or exists (select from anabranch.buckets b
                                          where b.group_name = g.name and b.database in (select name from same))
                               or exists (select from anabranch.routes r
                                          where r.group_name = g.name and r.database in (select name from same))
                               or exists (select from anabranch.tenants t
                                          where t.group_name = g.name and t.database in (select name from same)))
                        order by g.name limit 1
                        """)
                .param("schema", schema)
                .param("group", group)
                .param("databases", databases)
                .query(String.class)
                .optional();
    }

    private void row(GroupRow group, String kind, @Nullable String database, @Nullable String tenants) {
        GroupSchema schema = group.schema();
        GroupSchema.Desired desired = schema == null ? null : schema.desiredState();
        jdbc.sql("""
                        insert into anabranch.groups
                            (name, kind, database, tenants, schema_name, migrations, entities, schema_file, extra_file)
                        values (?, ?, ?, ?, ?, ?, ?, ?, ?)
                        on conflict (name) do update set
                            kind = excluded.kind, database = excluded.database, tenants = excluded.tenants,
                            schema_name = excluded.schema_name, migrations = excluded.migrations,
                            entities = excluded.entities, schema_file = excluded.schema_file,
                            extra_file = excluded.extra_file
                        """)
                .params(Arrays.asList(
                        group.name(),
                        kind,
                        database,
                        tenants,
                        schema == null ? null : schema.name(),
                        schema == null ? null : schema.migrationsFolder(),
                        desired == null ? null : desired.entities(),
                        desired == null ? null : desired.schemaFile(),
                        desired == null ? null : desired.extraFile()))
                .update();
    }

    private static @Nullable GroupSchema schema(ResultSet row) throws SQLException {
        String name = row.getString("schema_name");
        if (name == null) {
            return null;
        }
        String entities = row.getString("entities");
        String file = row.getString("schema_file");
        return new GroupSchema(
                name,
                row.getString("migrations"),
                entities == null && file == null
                        ? null
                        : new GroupSchema.Desired(entities, file, row.getString("extra_file")));
    }

    private static Map<String, String> routes(ResultSet row) throws SQLException {
        Map<String, String> routes = new TreeMap<>();
        Object[] pairs = (Object[]) row.getArray("routes").getArray();
        for (Object pair : pairs) {
            Object[] route = (Object[]) pair;
            routes.put(String.valueOf(route[0]), String.valueOf(route[1]));
        }
        return routes;
    }

    private void clearPlaces(String name) {
        jdbc.sql("delete from anabranch.buckets where group_name = ?").param(name).update();
        jdbc.sql("delete from anabranch.routes where group_name = ?").param(name).update();
    }

    private static GroupRow row(Plain plain, List<BucketMap.Range> ranges) {
        if (plain.database != null) {
            return new GroupRow.Global(plain.name, plain.database, plain.routes, plain.schema);
        }
        Group.Tenants tenants = "listed".equals(plain.tenants) ? Group.Tenants.LISTED : Group.Tenants.ANY;
        return new GroupRow.Sharded(plain.name, BucketMap.of(ranges), tenants, plain.schema);
    }
}
