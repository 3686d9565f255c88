// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.topology;

import dev.anabranch.tenant.TenantId;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Tables that live together and migrate together: a service, an app or a functional area. */
public sealed interface Group {
    /** The name where an application names no group. */
    String DEFAULT = "default";

    /** The group's name: letters, digits, {@code -} and {@code _}. */
    String name();

    /** The names of the databases that hold rows of the group, in a stable order. */
    Set<String> databases();

    /** The schema that the group owns in each of its databases; empty where its tables lie in the default schema. */
    Optional<GroupSchema> schema();

    /**
     * A group whose tenants are spread over databases.
     *
     * @param name the group's name
     * @param buckets where the tenants are that are not pinned
     * @param pinned the tenants with a row of their own, and their databases
     * @param tenants which tenants are served
     * @param ownSchema the schema that it owns; null where its tables lie in the default schema
     */
    record Sharded(
            String name,
            BucketMap buckets,
            Map<TenantId, String> pinned,
            Tenants tenants,
            @Nullable GroupSchema ownSchema)
            implements Group {
        /** Copies the map of pins. */
        public Sharded {
            Names.check("group", name);
            pinned = Map.copyOf(pinned);
        }

        /** A group whose tables lie in the default schema. */
        public Sharded(String name, BucketMap buckets, Map<TenantId, String> pinned, Tenants tenants) {
            this(name, buckets, pinned, tenants, null);
        }

        @Override
        public Optional<GroupSchema> schema() {
            return Optional.ofNullable(ownSchema);
        }

        /**
         * Where a tenant is.
         *
         * @param tenant an id in its type's canonical form
         * @param type the shard key's type
         */
        public Placement place(TenantId tenant, KeyType type) {
            String pin = pinned.get(tenant);
            if (pin != null) {
                return new Placement.Pinned(pin);
            }
            int bucket = Bucket.of(tenant, type);
            return new Placement.Hash(bucket, buckets.databaseOf(bucket));
        }

        @Override
        public Set<String> databases() {
            Set<String> all = new LinkedHashSet<>(buckets.databases());
            pinned.values().stream().sorted().forEach(all::add);
            return all;
        }
    }

    /**
     * A group that needs no tenant.
     *
     * @param name the group's name
     * @param database the name of the one database that holds it
     * @param routes the databases that answer some audiences instead, by audience: {@code public} to {@code published}, say
     * @param ownSchema the schema that it owns; null where its tables lie in the default schema
     */
    record Global(String name, String database, Map<String, String> routes, @Nullable GroupSchema ownSchema)
            implements Group {
        /** Checks the names. */
        public Global {
            Names.check("group", name);
            routes.keySet().forEach(audience -> Names.check("audience", audience));
            routes = Collections.unmodifiableMap(new LinkedHashMap<>(routes));
        }

        /** A group that is in the same place for all audiences. */
        public Global(String name, String database, @Nullable GroupSchema ownSchema) {
            this(name, database, Map.of(), ownSchema);
        }

        /** A group whose tables lie in the default schema. */
        public Global(String name, String database) {
            this(name, database, null);
        }

        /** Where it is for an audience; null where none is bound. */
        public String databaseFor(@Nullable String audience) {
            return audience == null ? database : routes.getOrDefault(audience, database);
        }

        @Override
        public Optional<GroupSchema> schema() {
            return Optional.ofNullable(ownSchema);
        }

        @Override
        public Set<String> databases() {
            Set<String> all = new LinkedHashSet<>();
            all.add(database);
            all.addAll(routes.values());
            return all;
        }
    }

    /** Which tenants a sharded group serves. */
    enum Tenants {
        /** Any valid id: a tenant that nobody has listed is placed by its hash. */
        ANY,
        /** Those alone that are pinned or listed; for others the answer is that they are unknown. */
        LISTED
    }
}
