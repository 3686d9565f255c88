// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.directory.server.store;

import dev.anabranch.tenant.TenantId;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** The tenants that groups list. */
@Component
public class TenantStore {
    private static final String COLUMNS =
            "select tenant, database, created_at, created_by from anabranch.tenants where group_name = ?";

    private final JdbcClient jdbc;

    TenantStore(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /** The tenant's row, if the group lists it. */
    public Optional<TenantRow> find(String group, TenantId tenant) {
        return jdbc.sql(COLUMNS + " and tenant = ?")
                .params(group, tenant.value())
                .query(TenantStore::row)
                .optional();
    }

    /** The tenants listed after one id, in the order of their bytes. */
    public List<TenantRow> page(String group, String after, int limit) {
        return jdbc.sql(COLUMNS + " and tenant > ? order by tenant limit ?")
                .params(group, after, limit)
                .query(TenantStore::row)
                .list();
    }

    /** How many tenants a group lists, pinned or not. */
    public long count(String group) {
        return jdbc.sql("select count(*) from anabranch.tenants where group_name = ?")
                .param(group)
                .query(Long.class)
                .single();
    }

    /** How many tenants all groups list. */
    public long count() {
        return jdbc.sql("select count(*) from anabranch.tenants").query(Long.class).single();
    }

    /** All pins, by group and tenant. */
    public Map<String, Map<TenantId, String>> pins() {
        Map<String, Map<TenantId, String>> pins = new LinkedHashMap<>();
        jdbc.sql("""
                        select group_name, tenant, database from anabranch.tenants
                        where database is not null order by group_name, tenant
                        """)
                .query(row -> {
                    pins.computeIfAbsent(row.getString(1), name -> new LinkedHashMap<>())
                            .put(new TenantId(row.getString(2)), row.getString(3));
                });
        return pins;
    }

    /** Whether another tenant of the group is pinned to the database. */
    public boolean isPinnedTo(String group, String database, TenantId but) {
        return jdbc.sql("""
                        select exists (select from anabranch.tenants
                                       where group_name = ? and database = ? and tenant <> ?)
                        """)
                .params(group, database, but.value())
                .query(Boolean.class)
                .single();
    }

    /** The databases that tenants of the group are pinned to. */
    public List<String> pinnedTo(String group) {
        return jdbc.sql("select distinct database from anabranch.tenants where group_name = ? and database is not null")
                .param(group)
                .query(String.class)
                .list();
    }

    /** Lists or re-pins; within a change only. */
    public void put(String group, TenantId tenant, @Nullable String database, String by) {
        jdbc.sql("""
                        insert into anabranch.tenants (group_name, tenant, database, created_by) values (?, ?, ?, ?)
                        on conflict (group_name, tenant) do update set database = excluded.database
                        """)
                .params(Arrays.asList(group, tenant.value(), database, by))
                .update();
    }

    /** Unlists; within a change only. */
    public void delete(String group, TenantId tenant) {
        jdbc.sql("delete from anabranch.tenants where group_name = ? and tenant = ?")
                .params(group, tenant.value())
                .update();
    }

    private static TenantRow row(ResultSet row, int number) throws SQLException {
        return new TenantRow(
                row.getString(1), row.getString(2), row.getTimestamp(3).toInstant(), row.getString(4));
    }
}
