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
import java.util.TreeSet;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/** The replicas that are known. */
@Component
public class ReplicaStore {
    private static final String SELECT =
            "select r.name, r.replica_of, d.flavor, r.host, r.port, r.database, r.login, r.credential, r.weight, r.audiences,"
                    + " r.properties from anabranch.replicas r join anabranch.databases d on d.name = r.replica_of";

    private final JdbcClient jdbc;
    private final JsonMapper json;

    ReplicaStore(JdbcClient jdbc, JsonMapper json) {
        this.jdbc = jdbc;
        this.json = json;
    }

    /** All of them, by name. */
    public List<ReplicaRow> all() {
        return jdbc.sql(SELECT + " order by r.name").query(this::row).list();
    }

    /** Those of one database, by name. */
    public List<ReplicaRow> of(String database) {
        return jdbc.sql(SELECT + " where r.replica_of = ? order by r.name")
                .param(database)
                .query(this::row)
                .list();
    }

    /** The one of that name, whichever database it follows. */
    public Optional<ReplicaRow> find(String name) {
        return jdbc.sql(SELECT + " where r.name = ?").param(name).query(this::row).optional();
    }

    /** Adds or replaces; within a change only. */
    public void put(ReplicaRow row) {
        jdbc.sql("""
                        insert into anabranch.replicas
                            (name, replica_of, host, port, database, login, credential, weight, audiences, properties)
                        values (?, ?, ?, ?, ?, ?, ?, ?, ?, cast(? as jsonb))
                        on conflict (name) do update set
                            replica_of = excluded.replica_of, host = excluded.host, port = excluded.port,
                            database = excluded.database, login = excluded.login, credential = excluded.credential,
                            weight = excluded.weight, audiences = excluded.audiences, properties = excluded.properties
                        """)
                .params(
                        row.name(),
                        row.of(),
                        row.host(),
                        row.port(),
                        row.database(),
                        row.user(),
                        row.credential(),
                        row.weight(),
                        row.audiences().toArray(String[]::new),
                        json.writeValueAsString(row.properties()))
                .update();
    }

    /** Removes; within a change only. */
    public void delete(String name) {
        jdbc.sql("delete from anabranch.replicas where name = ?").param(name).update();
    }

    private ReplicaRow row(ResultSet row, int number) throws SQLException {
        Map<String, String> properties =
                json.readValue(row.getString("properties"), new TypeReference<TreeMap<String, String>>() {});
        return new ReplicaRow(
                row.getString("name"),
                row.getString("replica_of"),
                Flavor.of(row.getString("flavor")).orElseThrow(),
                row.getString("host"),
                row.getInt("port"),
                row.getString("database"),
                row.getString("login"),
                row.getString("credential"),
                row.getInt("weight"),
                new TreeSet<>(Arrays.asList((String[]) row.getArray("audiences").getArray())),
                properties);
    }
}
