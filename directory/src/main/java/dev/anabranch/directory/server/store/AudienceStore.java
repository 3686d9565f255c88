// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.directory.server.store;

import dev.anabranch.topology.Audience;
import java.util.List;
import java.util.Optional;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** What is said of those who ask; an audience that only a replica or a route names has no row here. */
@Component
public class AudienceStore {
    private final JdbcClient jdbc;

    AudienceStore(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /**
     * What names an audience.
     *
     * @param replicas the replicas that are kept for it
     * @param groups the groups that have a route for it
     */
    public record Uses(List<String> replicas, List<String> groups) {
        /** Whether nothing does. */
        public boolean none() {
            return replicas.isEmpty() && groups.isEmpty();
        }
    }

    /** All that something is said of, by name. */
    public List<Audience> all() {
        return jdbc.sql("select name, read_only from anabranch.audiences order by name")
                .query((row, number) -> new Audience(row.getString(1), row.getBoolean(2)))
                .list();
    }

    /** The names of all, those that only a replica or a route names among them. */
    public List<String> names() {
        return jdbc.sql("""
                        select name from anabranch.audiences
                        union select unnest(audiences) collate "C" from anabranch.replicas
                        union select audience from anabranch.routes
                        order by 1
                        """)
                .query(String.class)
                .list();
    }

    /** What is said of the audience, if something is. */
    public Optional<Audience> find(String name) {
        return all().stream().filter(audience -> audience.name().equals(name)).findFirst();
    }

    /** Adds or replaces; within a change only. */
    public void put(Audience audience) {
        jdbc.sql("""
                        insert into anabranch.audiences (name, read_only) values (?, ?)
                        on conflict (name) do update set read_only = excluded.read_only
                        """)
                .params(audience.name(), audience.readOnly())
                .update();
    }

    /** Removes; within a change only. */
    public void delete(String name) {
        jdbc.sql("delete from anabranch.audiences where name = ?").param(name).update();
    }

    /** What names the audience. */
    public Uses uses(String name) {
        List<String> replicas = jdbc.sql("select name from anabranch.replicas where ? = any (audiences) order by name")
                .param(name)
                .query(String.class)
                .list();
        List<String> groups = jdbc.sql("select group_name from anabranch.routes where audience = ? order by group_name")
                .param(name)
                .query(String.class)
                .list();
        return new Uses(replicas, groups);
    }
}
