// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.directory.server.store;

import dev.anabranch.topology.Flavor;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/** The databases that are known. */
@Component
public class DatabaseStore {
    private static final String COLUMNS =
            "select name, flavor, host, port, database, login, credential, owner_login, owner_credential, region, properties"
                    + " from anabranch.databases";

    private final JdbcClient jdbc;
    private final JsonMapper json;

    DatabaseStore(JdbcClient jdbc, JsonMapper json) {
        this.jdbc = jdbc;
        this.json = json;
    }

    /**
     * How often something names a database.
     *
     * @param buckets of sharded groups
     * @param pins tenants that are pinned to it
     * @param globals how many global groups are on it
     * @param routes how many routes of audiences lead to it
     * @param groups all those groups, by name
     */
    public record Uses(long buckets, long pins, long globals, long routes, List<String> groups) {
        /** Whether nothing names it. */
        public boolean none() {
            return buckets == 0 && pins == 0 && groups.isEmpty();
        }
    }

    /** All of them, by name. */
    public List<DatabaseRow> all() {
        return jdbc.sql(COLUMNS + " order by name").query(this::row).list();
    }

    /** The one of that name, if there is one. */
    public Optional<DatabaseRow> find(String name) {
        return jdbc.sql(COLUMNS + " where name = ?").param(name).query(this::row).optional();
    }

    /** Adds or replaces; within a change only. */
    public void put(DatabaseRow row) {
        DatabaseRow.Owner owner = row.owner();
        jdbc.sql("""
                        insert into anabranch.databases
                            (name, flavor, host, port, database, login, credential, owner_login, owner_credential,
                             region, properties)
                        values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, cast(? as jsonb))
                        on conflict (name) do update set
                            flavor = excluded.flavor, host = excluded.host, port = excluded.port,
                            database = excluded.database, login = excluded.login, credential = excluded.credential,
                            owner_login = excluded.owner_login, owner_credential = excluded.owner_credential,
                            region = excluded.region, properties = excluded.properties
                        """)
                .params(Arrays.asList(
                        row.name(),
                        row.flavor().id(),
                        row.host(),
                        row.port(),
                        row.database(),
                        row.user(),
                        row.credential(),
                        owner == null ? null : owner.user(),
                        owner == null ? null : owner.credential(),
                        row.region(),
                        json.writeValueAsString(row.properties())))
                .update();
    }

    /** Removes; within a change only, and where nothing names it. */
    public void delete(String name) {
        jdbc.sql("delete from anabranch.databases where name = ?").param(name).update();
    }

    /** What names the database. */
    public Uses uses(String name) {
        long buckets = jdbc.sql(
                        "select coalesce(sum(last_bucket - first_bucket + 1), 0) from anabranch.buckets where database = ?")
                .param(name)
                .query(Long.class)
                .single();
        long pins = jdbc.sql("select count(*) from anabranch.tenants where database = ?")
                .param(name)
                .query(Long.class)
                .single();
        long globals = jdbc.sql("select count(*) from anabranch.groups where database = ?")
                .param(name)
                .query(Long.class)
                .single();
        long routes = jdbc.sql("select count(*) from anabranch.routes where database = ?")
                .param(name)
                .query(Long.class)
                .single();
        List<String> groups = jdbc.sql("""
                        select name from anabranch.groups where database = :database
                        union select group_name from anabranch.buckets where database = :database
                        union select group_name from anabranch.routes where database = :database
                        union select group_name from anabranch.tenants where database = :database
                        order by 1
                        """)
                .param("database", name)
                .query(String.class)
                .list();
        return new Uses(buckets, pins, globals, routes, groups);
    }

    private DatabaseRow row(ResultSet row, int number) throws SQLException {
        Map<String, String> properties =
                json.readValue(row.getString("properties"), new TypeReference<TreeMap<String, String>>() {});
        String owner = row.getString("owner_login");
        return new DatabaseRow(
                row.getString("name"),
                Flavor.of(row.getString("flavor")).orElseThrow(),
                row.getString("host"),
                row.getInt("port"),
                row.getString("database"),
                row.getString("login"),
                row.getString("credential"),
                owner == null ? null : new DatabaseRow.Owner(owner, row.getString("owner_credential")),
                row.getString("region"),
                properties);
    }
}
