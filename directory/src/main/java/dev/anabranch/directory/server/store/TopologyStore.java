// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.directory.server.store;

import dev.anabranch.tenant.TenantId;
import dev.anabranch.topology.Audience;
import dev.anabranch.topology.Group;
import dev.anabranch.topology.KeyType;
import dev.anabranch.topology.ShardKey;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.support.TransactionTemplate;

/** Reads the whole topology as of one revision. */
@Component
public class TopologyStore {
    private final JdbcClient jdbc;
    private final TransactionTemplate snapshot;
    private final DatabaseStore databases;
    private final GroupStore groups;
    private final TenantStore tenants;
    private final ReplicaStore replicas;
    private final AudienceStore audiences;

    TopologyStore(
            JdbcClient jdbc,
            PlatformTransactionManager transactions,
            DatabaseStore databases,
            GroupStore groups,
            TenantStore tenants,
            ReplicaStore replicas,
            AudienceStore audiences) {
        this.jdbc = jdbc;
        this.databases = databases;
        this.groups = groups;
        this.tenants = tenants;
        this.replicas = replicas;
        this.audiences = audiences;
        this.snapshot = new TransactionTemplate(transactions);
        snapshot.setIsolationLevel(TransactionDefinition.ISOLATION_REPEATABLE_READ);
        snapshot.setReadOnly(true);
    }

    /**
     * All of one revision; credentials are as stored.
     *
     * @param version the revision with its stamp
     * @param shardKey the column that holds the tenant's id
     * @param databases by name
     * @param groups by name, with pins
     * @param replicas by name
     * @param audiences what is said of audiences, by name
     */
    public record Stored(
            Version version,
            ShardKey shardKey,
            Map<String, DatabaseRow> databases,
            Map<String, Group> groups,
            List<ReplicaRow> replicas,
            Map<String, Audience> audiences) {
        /** The replicas of one database, by name. */
        public List<ReplicaRow> replicasOf(String database) {
            return replicas.stream().filter(row -> row.of().equals(database)).toList();
        }

        /** The revision. */
        public long revision() {
            return version.revision();
        }
    }

    /** The revision that is committed now, whole. */
    public Stored read() {
        Stored stored = snapshot.execute(status -> {
            // The revision first: it is what fixes the transaction's view.
            Meta meta = jdbc.sql("select revision, stamp, shard_key_column, shard_key_type from anabranch.meta")
                    .query((row, number) -> new Meta(
                            new Version(row.getLong(1), row.getObject(2, UUID.class)),
                            new ShardKey(
                                    row.getString(3),
                                    KeyType.valueOf(row.getString(4).toUpperCase(Locale.ROOT)))))
                    .single();
            Map<String, DatabaseRow> known = new LinkedHashMap<>();
            databases.all().forEach(row -> known.put(row.name(), row));
            Map<String, Map<TenantId, String>> pins = tenants.pins();
            Map<String, Group> named = new LinkedHashMap<>();
            groups.all().forEach(row -> named.put(row.name(), group(row, pins.getOrDefault(row.name(), Map.of()))));
            Map<String, Audience> asking = new LinkedHashMap<>();
            audiences.all().forEach(audience -> asking.put(audience.name(), audience));
            return new Stored(
                    meta.version,
                    meta.key,
                    Collections.unmodifiableMap(known),
                    Collections.unmodifiableMap(named),
                    replicas.all(),
                    Collections.unmodifiableMap(asking));
        });
        if (stored == null) {
            throw new IllegalStateException("The topology was read and is not there");
        }
        return stored;
    }

    /** Writes the first revision with its shard key, unless there is one; and tells the shard key that holds. */
    public ShardKey begin(ShardKey wanted) {
        jdbc.sql("""
                        insert into anabranch.meta (revision, shard_key_column, shard_key_type) values (1, ?, ?)
                        on conflict do nothing
                        """)
                .params(wanted.column(), wanted.type().id())
                .update();
        return read().shardKey();
    }

    private record Meta(Version version, ShardKey key) {}

    private static Group group(GroupRow row, Map<TenantId, String> pins) {
        return switch (row) {
            case GroupRow.Sharded sharded ->
                new Group.Sharded(sharded.name(), sharded.buckets(), pins, sharded.tenants(), sharded.schema());
            case GroupRow.Global global ->
                    new Group.Global(global.name(), global.database(), global.routes(), global.schema());
        };
    }
}
