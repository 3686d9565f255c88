// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.topology;

import dev.anabranch.problem.AnabranchException;
import dev.anabranch.problem.ErrorCode;
import dev.anabranch.tenant.TenantId;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/**
 * All that routing needs to know, as of one revision. Immutable.
 *
 * @param revision grows with every change; 0 for a topology from a file or from the environment
 * @param shardKey the column that holds the tenant's id
 * @param databases by name, in the order given
 * @param groups by name, in the order given
 * @param audiences those who can ask, by name; one that a replica or a group's route names is added where it is missing
 */
public record Topology(
        long revision,
        ShardKey shardKey,
        Map<String, Database> databases,
        Map<String, Group> groups,
        Map<String, Audience> audiences) {

    /**
     * Copies the maps.
     *
     * @throws AnabranchException {@link ErrorCode#CONFIGURATION_INVALID} where a group names a database that is not there
     */
    public Topology {
        databases = Collections.unmodifiableMap(new LinkedHashMap<>(databases));
        groups = Collections.unmodifiableMap(new LinkedHashMap<>(groups));
        audiences = all(audiences, databases, groups);
        requireNamesOfTheirOwn(databases);
        for (Group group : groups.values()) {
            if (group instanceof Group.Sharded sharded) {
                sharded.pinned().keySet().forEach(tenant -> requireCanonical(tenant, shardKey.type()));
            }
            for (String database : group.databases()) {
                if (!databases.containsKey(database)) {
                    throw new AnabranchException(
                            ErrorCode.CONFIGURATION_INVALID,
                            "The group '" + group.name() + "' names the database '" + database
                                    + "', which does not exist",
                            "Use one of " + databases.keySet() + ", or add the database first");
                }
            }
        }
    }

    /** A topology that says nothing of audiences. */
    public Topology(long revision, ShardKey shardKey, Map<String, Database> databases, Map<String, Group> groups) {
        this(revision, shardKey, databases, groups, Map.of());
    }

    /** Routers and meters name a replica as they do a database. */
    private static void requireNamesOfTheirOwn(Map<String, Database> databases) {
        Set<String> taken = new HashSet<>(databases.keySet());
        for (Database database : databases.values()) {
            for (Replica replica : database.replicas()) {
                if (!taken.add(replica.name())) {
                    throw new AnabranchException(
                            ErrorCode.CONFIGURATION_INVALID,
                            "The name '" + replica.name() + "' of a replica of the database '" + database.name()
                                    + "' is taken",
                            "Give each database and each replica a name of its own");
                }
            }
        }
    }

    /** Those that a replica or a group's route names, too. */
    private static Map<String, Audience> all(
            Map<String, Audience> told, Map<String, Database> databases, Map<String, Group> groups) {
        Map<String, Audience> all = new LinkedHashMap<>(told);
        Consumer<String> named = name -> all.computeIfAbsent(name, unsaid -> new Audience(unsaid, false));
        databases.values().forEach(database -> database.replicas().forEach(replica -> replica.audiences().forEach(named)));
        groups.values().forEach(group -> {
            if (group instanceof Group.Global global) {
                global.routes().keySet().forEach(named);
            }
        });
        return Collections.unmodifiableMap(all);
    }

    /**
     * What is said of an audience.
     *
     * @throws AnabranchException {@link ErrorCode#AUDIENCE_UNKNOWN} where nothing of this topology names it
     */
    public Audience audience(String name) {
        Audience audience = audiences.get(name);
        if (audience == null) {
            throw new AnabranchException(
                    ErrorCode.AUDIENCE_UNKNOWN,
                    "There is no audience '" + name + "' at revision " + revision,
                    "Use one of " + audiences.keySet() + ", or name it under audiences:, at a replica or at a group's route");
        }
        return audience;
    }

    /** A pin in another spelling would never be found. */
    private static void requireCanonical(TenantId tenant, KeyType type) {
        if (!type.canonical(tenant).equals(tenant)) {
            throw new AnabranchException(
                    ErrorCode.CONFIGURATION_INVALID,
                    "The pinned tenant '" + tenant + "' is not in the canonical form of a " + type.id(),
                    "Write '" + type.canonical(tenant) + "'");
        }
    }

    /**
     * This topology, and where it tells no password, the one that another tells for the same place and user.
     *
     * <p>The directory leaves a password out that it cannot resolve at the moment; the one that worked still does. The
     * application's and the owner's are kept apart from each other, and all else is as it is told here.
     */
    public Topology withSecretsOf(Topology before) {
        Map<String, Database> kept = new LinkedHashMap<>();
        databases.forEach((name, database) -> {
            Database known = before.databases().get(name);
            kept.put(name, known == null ? database : database.withSecretsOf(known));
        });
        return new Topology(revision, shardKey, kept, groups, audiences);
    }

    /**
     * The group of that name.
     *
     * @throws AnabranchException {@link ErrorCode#GROUP_UNKNOWN} where there is none
     */
    public Group group(String name) {
        Group group = groups.get(name);
        if (group == null) {
            throw new AnabranchException(
                    ErrorCode.GROUP_UNKNOWN,
                    "There is no group '" + name + "' at revision " + revision,
                    "Open one of " + groups.keySet() + " by its name (fromEnvironment(name); anabranch.group in Spring), or"
                            + " add the group");
        }
        return group;
    }

    /**
     * Makes sure that no two groups name the same schema on one database: the tables and the history of migrations of one
     * would be the other's too. Groups that name none share the default schema, as they always could.
     *
     * @throws AnabranchException {@link ErrorCode#CONFIGURATION_INVALID} where two do
     */
    public void requireSchemasOfTheirOwn() {
        Map<String, String> owners = new HashMap<>();
        for (Group group : groups.values()) {
            GroupSchema schema = group.schema().orElse(null);
            if (schema == null) {
                continue;
            }
            for (String database : group.databases()) {
                String place = place(database(database), schema);
                String other = owners.putIfAbsent(place, group.name());
                if (other != null && !other.equals(group.name())) {
                    throw new AnabranchException(
                            ErrorCode.CONFIGURATION_INVALID,
                            "The groups '" + other + "' and '" + group.name() + "' both own the schema '" + schema.name()
                                    + "' on the database '" + database + "'",
                            "Give each group a schema of its own, or make them one group");
                }
            }
        }
    }

    /** Two names may lead to the same place; with MariaDB and MySQL a schema is one of the whole server. */
    private static String place(Database database, GroupSchema schema) {
        Endpoint at = database.primary();
        return (at.flavor() == Flavor.POSTGRES ? at.address() : at.host() + ":" + at.port()) + " " + schema.name();
    }

    /** The database of that name, which a placement of this topology has given. */
    public Database database(String name) {
        Database database = databases.get(name);
        if (database == null) {
            throw new AnabranchException(
                    ErrorCode.CONFIGURATION_INVALID,
                    "There is no database '" + name + "' at revision " + revision,
                    "Use one of " + databases.keySet() + ", or add the database");
        }
        return database;
    }
}
