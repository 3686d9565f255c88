// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.topology;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.anabranch.problem.AnabranchException;
import dev.anabranch.problem.ErrorCode;
import dev.anabranch.tenant.TenantId;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.ObjectMapper;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.json.JsonMapper;

/**
 * The topology as JSON: what the directory answers to {@code GET /v1/snapshot}, and what a snapshot file holds.
 *
 * <p>Unknown members are passed over, so that an older library reads a newer directory.
 */
public final class TopologyJson {
    private static final ObjectMapper JSON = JsonMapper.builder()
            .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .disable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
            .changeDefaultPropertyInclusion(v -> v.withValueInclusion(JsonInclude.Include.NON_NULL))
            .build();

    private TopologyJson() {}

    /** Which passwords are written, in the clear. An empty one is left out. */
    public enum Credentials {
        /** None. */
        NONE,
        /** The application's. */
        APPLICATION,
        /** The application's, and those of the owners that migrate. */
        ALL
    }

    /** The topology as UTF-8 JSON. */
    public static byte[] write(Topology topology, Credentials credentials) {
        return JSON.writeValueAsBytes(Snapshot.of(topology, credentials));
    }

    /**
     * The topology that was written.
     *
     * @throws AnabranchException {@link ErrorCode#CONFIGURATION_INVALID} where the bytes are no topology
     */
    public static Topology read(byte[] json) {
        try {
            return JSON.readValue(json, Snapshot.class).topology();
        } catch (JacksonException | NullPointerException | IllegalArgumentException e) {
            throw new AnabranchException(
                    ErrorCode.CONFIGURATION_INVALID,
                    "The topology's JSON cannot be read (" + e.getClass().getSimpleName() + ")",
                    "Check that the endpoint is an Anabranch directory of this version",
                    // Jackson quotes the document in its message, and the document holds passwords.
                    null);
        }
    }

    private record Snapshot(
            long revision,
            Key shardKey,
            Map<String, Server> databases,
            Map<String, Rules> groups,
            @Nullable Map<String, Reader> audiences) {
        static Snapshot of(Topology topology, Credentials credentials) {
            Map<String, Server> databases = new LinkedHashMap<>();
            topology.databases().forEach((name, database) -> databases.put(name, Server.of(database, credentials)));
            Map<String, Rules> groups = new LinkedHashMap<>();
            topology.groups().forEach((name, group) -> groups.put(name, Rules.of(group)));
            ShardKey key = topology.shardKey();
            Map<String, Reader> audiences = new LinkedHashMap<>();
            topology.audiences().forEach((name, audience) -> audiences.put(name, new Reader(audience.readOnly())));
            return new Snapshot(
                    topology.revision(),
                    new Key(key.column(), key.type().id()),
                    databases,
                    groups,
                    audiences.isEmpty() ? null : audiences);
        }

        Topology topology() {
            Map<String, Database> known = new LinkedHashMap<>();
            databases.forEach((name, server) -> known.put(name, server.database(name)));
            Map<String, Group> named = new LinkedHashMap<>();
            groups.forEach((name, rules) -> named.put(name, rules.group(name)));
            ShardKey key = new ShardKey(shardKey.column, KeyType.valueOf(shardKey.type.toUpperCase(Locale.ROOT)));
            Map<String, Audience> asking = new LinkedHashMap<>();
            if (audiences != null) {
                audiences.forEach((name, reader) -> asking.put(name, new Audience(name, reader.readOnly)));
            }
            return new Topology(revision, key, known, named, asking);
        }
    }

    private record Key(String column, String type) {}

    private record Reader(boolean readOnly) {}

    /** Every place of a database has a login of its own. */
    private record Place(
            String host,
            int port,
            String database,
            String user,
            @Nullable String password,
            @Nullable Map<String, String> properties) {
        static Place of(Endpoint at, Credentials credentials) {
            return new Place(
                    at.host(),
                    at.port(),
                    at.database(),
                    at.user(),
                    credentials == Credentials.NONE || at.password().isEmpty() ? null : at.password().reveal(),
                    at.properties().isEmpty() ? null : at.properties());
        }

        Endpoint endpoint(Flavor kind) {
            Secret secret = Secret.of(password == null ? "" : password);
            return new Endpoint(kind, host, port, database, user, secret, properties == null ? Map.of() : properties);
        }
    }

    private record Follower(String name, Place at, int weight, @Nullable List<String> audiences) {
        static Follower of(Replica replica, Credentials credentials) {
            return new Follower(
                    replica.name(),
                    Place.of(replica.endpoint(), credentials),
                    replica.weight(),
                    replica.audiences().isEmpty() ? null : List.copyOf(replica.audiences()));
        }

        Replica replica(Flavor kind) {
            return new Replica(name, at.endpoint(kind), weight, audiences == null ? Set.of() : Set.copyOf(audiences));
        }
    }

    private record Server(
            String flavor,
            String host,
            int port,
            String database,
            String user,
            @Nullable String password,
            @Nullable Owner owner,
            @Nullable String region,
            @Nullable Map<String, String> properties,
            @Nullable List<Follower> replicas) {
        static Server of(Database database, Credentials credentials) {
            Endpoint at = database.primary();
            return new Server(
                    at.flavor().id(),
                    at.host(),
                    at.port(),
                    at.database(),
                    at.user(),
                    credentials == Credentials.NONE || at.password().isEmpty() ? null : at.password().reveal(),
                    Owner.of(database.ownerLogin(), credentials),
                    database.regionName(),
                    at.properties().isEmpty() ? null : at.properties(),
                    database.replicas().isEmpty()
                            ? null
                            : database.replicas().stream()
                                    .map(replica -> Follower.of(replica, credentials))
                                    .toList());
        }

        Database database(String name) {
            Flavor kind = Flavor.of(flavor).orElseThrow(NullPointerException::new);
            Endpoint primary = new Place(host, port, database, user, password, properties).endpoint(kind);
            Login migrates = owner == null ? null : owner.login();
            List<Replica> follow = replicas == null
                    ? List.of()
                    : replicas.stream().map(follower -> follower.replica(kind)).toList();
            return new Database(name, primary, migrates, region, follow);
        }
    }

    private record Owner(String user, @Nullable String password, @Nullable String url) {
        static @Nullable Owner of(@Nullable Login login, Credentials credentials) {
            if (login == null) {
                return null;
            }
            boolean told = credentials == Credentials.ALL && !login.password().isEmpty();
            return new Owner(login.user(), told ? login.password().reveal() : null, login.url());
        }

        Login login() {
            return new Login(user, Secret.of(password == null ? "" : password), url);
        }
    }

    private record Definition(
            String name,
            @Nullable String migrations,
            @Nullable String entities,
            @Nullable String file,
            @Nullable String extra) {
        static @Nullable Definition of(Group group) {
            return group.schema()
                    .map(schema -> {
                        var desired = schema.desired();
                        return new Definition(
                                schema.name(),
                                schema.migrationsFolder(),
                                desired.map(GroupSchema.Desired::entities).orElse(null),
                                desired.map(GroupSchema.Desired::schemaFile).orElse(null),
                                desired.map(GroupSchema.Desired::extraFile).orElse(null));
                    })
                    .orElse(null);
        }

        GroupSchema schema() {
            return new GroupSchema(
                    name, migrations, entities == null && file == null ? null : new GroupSchema.Desired(entities, file, extra));
        }
    }

    private record Rules(
            String kind,
            @Nullable String database,
            @Nullable Map<String, String> routes,
            @Nullable List<BucketMap.Range> buckets,
            @Nullable Map<String, String> pinned,
            @Nullable String tenants,
            @Nullable Definition schema) {
        static Rules of(Group group) {
            return switch (group) {
                case Group.Sharded sharded -> {
                    Map<String, String> pinned = new LinkedHashMap<>();
                    sharded.pinned().forEach((tenant, database) -> pinned.put(tenant.value(), database));
                    yield new Rules(
                            "sharded",
                            null,
                            null,
                            sharded.buckets().ranges(),
                            pinned,
                            sharded.tenants().name().toLowerCase(Locale.ROOT),
                            Definition.of(group));
                }
                case Group.Global global -> new Rules(
                        "global",
                        global.database(),
                        global.routes().isEmpty() ? null : global.routes(),
                        null,
                        null,
                        null,
                        Definition.of(group));
            };
        }

        Group group(String name) {
            GroupSchema own = schema == null ? null : schema.schema();
            if (kind.equals("global") && database != null) {
                return new Group.Global(name, database, routes == null ? Map.of() : routes, own);
            }
            if (kind.equals("sharded") && buckets != null) {
                Map<TenantId, String> pins = new LinkedHashMap<>();
                if (pinned != null) {
                    pinned.forEach((tenant, at) -> pins.put(new TenantId(tenant), at));
                }
                // What this version does not know is refused below, and not taken for the more open rule.
                Group.Tenants served = Group.Tenants.valueOf(tenants == null ? "" : tenants.toUpperCase(Locale.ROOT));
                return new Group.Sharded(name, BucketMap.of(new ArrayList<>(buckets)), pins, served, own);
            }
            throw new AnabranchException(
                    ErrorCode.CONFIGURATION_INVALID,
                    "The group '" + name + "' is of the kind '" + kind + "', which this version does not know",
                    "Use the library of the directory's version");
        }
    }
}
