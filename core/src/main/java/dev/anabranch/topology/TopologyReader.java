// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.topology;

import dev.anabranch.problem.AnabranchException;
import dev.anabranch.problem.ErrorCode;
import dev.anabranch.tenant.TenantId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Reads a topology from {@code anabranch.yaml}.
 *
 * <pre>{@code
 * shardKey: {column: customer_id, type: text}
 * databases:
 *   main:    {url: "jdbc:postgresql://db0/app", user: app, password: "env:MAIN_PASSWORD"}
 *   shard-2: {url: "jdbc:postgresql://db2/app", user: app, password: "file:/run/secrets/shard-2", region: eu}
 *   reviews: {url: "jdbc:postgresql://db3/app", user: app, password: "env:REVIEWS_PASSWORD", replicas: [
 *               {url: "jdbc:postgresql://db3b/app", weight: 2},
 *               {name: reports, url: "jdbc:postgresql://db3c/app", user: reader, password: "env:READER", audiences: [internal]}]}
 * audiences:
 *   internal: {readOnly: true}
 * groups:
 *   people:  {kind: sharded, placement: {hash: [main, shard-2], pinned: {bigcorp: shard-2}}, tenants: any}
 *   billing: {kind: global, database: main, schema: billing, migrations: db/billing, desired: {entities: billing.jar}}
 * }</pre>
 *
 * <p>A database may have an {@code owner: {user, password}}, who migrates, and who may have a {@code url} too. Paths are relative to the file's folder.
 * <p>A replica logs in as the application does, unless it has a user and a password; without a name it is called after its database, {@code reviews-replica-1}. A group that is not
 * sharded may have another database for an audience: {@code audiences: {public: published}}.
 * <p>In a file, {@code tenants: listed} serves the pinned tenants alone. What is refused names file, line and key.
 */
public final class TopologyReader {
    private final Function<String, @Nullable String> environment;

    /**
     * A reader whose {@code env:} references lead to this environment.
     *
     * @param environment answers with a variable's value, or null
     */
    public TopologyReader(Function<String, @Nullable String> environment) {
        this.environment = environment;
    }

    /**
     * Reads a file.
     *
     * @throws AnabranchException {@link ErrorCode#CONFIGURATION_INVALID} with file, line and key
     */
    public Topology read(Path file) {
        return read(file, null);
    }

    /**
     * Reads a file for a process that uses some of its groups. It need not know the passwords of the others' databases: where
     * such a reference leads nowhere, the password is left empty.
     *
     * @param groups the names of the groups that are used; one that the file lacks makes no difference
     * @throws AnabranchException {@link ErrorCode#CONFIGURATION_INVALID} with file, line and key
     */
    public Topology readFor(Collection<String> groups, Path file) {
        return read(file, Set.copyOf(groups));
    }

    private Topology read(Path file, @Nullable Set<String> groups) {
        try {
            Path folder = file.toAbsolutePath().getParent();
            return read(file.toString(), Files.readString(file), folder == null ? Path.of("") : folder, groups);
        } catch (IOException e) {
            throw new AnabranchException(
                    ErrorCode.CONFIGURATION_INVALID,
                    "The topology file " + file + " cannot be read (" + e.getClass().getSimpleName() + ")",
                    "Check the path, and that this process may read it",
                    e);
        }
    }

    /**
     * Reads a text.
     *
     * @param name what messages call it
     */
    public Topology read(String name, String yaml) {
        return read(name, yaml, Path.of(""), null);
    }

    /**
     * @param used the groups whose databases' passwords are needed; null for all databases'
     */
    private Topology read(String name, String yaml, Path folder, @Nullable Set<String> used) {
        YamlNode root = YamlNode.parse(name, yaml);
        Map<String, YamlNode> members = root.members(Set.of("shardKey", "databases", "groups", "audiences"));
        ShardKey key = Optional.ofNullable(members.get("shardKey"))
                .map(TopologyReader::shardKey)
                .orElseGet(() -> new ShardKey(ShardKey.DEFAULT_COLUMN, KeyType.TEXT));

        Map<String, Database> databases = new LinkedHashMap<>();
        Map<String, AnabranchException> withoutPassword = new LinkedHashMap<>();
        YamlNode.required(root, members, "databases").members().forEach((database, node) -> {
            Consumer<AnabranchException> unknown = why -> {
                if (used == null) {
                    throw why;
                }
                withoutPassword.put(database, why);
            };
            databases.put(database, database(database, node, unknown));
        });
        Map<String, Group> groups = new LinkedHashMap<>();
        YamlNode.required(root, members, "groups")
                .members()
                .forEach((group, node) -> groups.put(group, group(group, node, key.type(), databases.keySet(), folder)));
        Topology topology = root.check(() -> {
            Topology whole = new Topology(0, key, databases, groups, audiences(members.get("audiences")));
            whole.requireSchemasOfTheirOwn();
            return whole;
        });
        withoutPassword.forEach((database, why) -> {
            if (used != null && isUsed(database, topology, used)) {
                throw why;
            }
        });
        return topology;
    }

    private static Map<String, Audience> audiences(@Nullable YamlNode node) {
        Map<String, Audience> audiences = new LinkedHashMap<>();
        if (node != null) {
            node.members().forEach((name, rules) -> {
                boolean readOnly = YamlNode.optional(rules.members(Set.of("readOnly")), "readOnly")
                        .map(text -> switch (text) {
                            case "true" -> true;
                            case "false" -> false;
                            default -> throw rules.invalid("says readOnly: " + text, "Write true or false");
                        })
                        .orElse(false);
                audiences.put(name, rules.check(() -> new Audience(name, readOnly)));
            });
        }
        return audiences;
    }

    private static boolean isUsed(String database, Topology topology, Set<String> used) {
        return topology.groups().values().stream()
                .anyMatch(group -> used.contains(group.name()) && group.databases().contains(database));
    }

    private static ShardKey shardKey(YamlNode node) {
        Map<String, YamlNode> members = node.members(Set.of("column", "type"));
        KeyType type = Optional.ofNullable(members.get("type"))
                .map(value -> value.as(TopologyReader::keyType))
                .orElse(KeyType.TEXT);
        return YamlNode.required(node, members, "column").as(column -> new ShardKey(column, type));
    }

    /**
     * The key type of that name.
     *
     * @throws AnabranchException {@link ErrorCode#CONFIGURATION_INVALID} where there is none
     */
    public static KeyType keyType(String id) {
        return Arrays.stream(KeyType.values())
                .filter(type -> type.id().equals(id.toLowerCase(Locale.ROOT)))
                .findFirst()
                .orElseThrow(() -> new AnabranchException(
                        ErrorCode.CONFIGURATION_INVALID,
                        "'" + id + "' is no type of a shard key",
                        "Use text, bigint or uuid"));
    }

    /**
     * @param unknownPassword told why the application's password cannot be read
     */
    private Database database(String name, YamlNode node, Consumer<AnabranchException> unknownPassword) {
        Map<String, YamlNode> members = node.members(Set.of("url", "user", "password", "owner", "region", "replicas"));
        Login app = login(node, members, unknownPassword);
        Endpoint primary =
                YamlNode.required(node, members, "url").as(url -> Endpoint.ofUrl(url, app.user(), app.password()));
        YamlNode owner = members.get("owner");
        Login migrates = owner == null ? null : ownerLogin(owner);
        String region = YamlNode.optional(members, "region").orElse(null);
        List<Replica> replicas = new ArrayList<>();
        YamlNode follow = members.get("replicas");
        if (follow != null) {
            follow.items().forEach(one ->
                    replicas.add(replica(name + "-replica-" + (replicas.size() + 1), one, app, unknownPassword)));
        }
        return node.check(() -> new Database(name, primary, migrates, region, replicas));
    }

    private Replica replica(String usualName, YamlNode node, Login app, Consumer<AnabranchException> unknownPassword) {
        Map<String, YamlNode> members = node.members(Set.of("name", "url", "user", "password", "weight", "audiences"));
        Login login = members.containsKey("user") ? login(node, members, unknownPassword) : app;
        if (members.containsKey("password") && !members.containsKey("user")) {
            throw node.invalid("has a password and no user", "Give both, or neither to log in as the application does");
        }
        Endpoint endpoint =
                YamlNode.required(node, members, "url").as(url -> Endpoint.ofUrl(url, login.user(), login.password()));
        int weight = Optional.ofNullable(members.get("weight"))
                .map(text -> text.as(TopologyReader::weight))
                .orElse(Replica.USUAL_WEIGHT);
        Set<String> audiences = Optional.ofNullable(members.get("audiences"))
                .map(list -> list.items().stream().map(YamlNode::text).collect(Collectors.toSet()))
                .orElse(Set.of());
        String name = YamlNode.optional(members, "name").orElse(usualName);
        return node.check(() -> new Replica(name, endpoint, weight, audiences));
    }

    private static int weight(String text) {
        try {
            return Integer.parseInt(text);
        } catch (NumberFormatException e) {
            throw new AnabranchException(
                    ErrorCode.CONFIGURATION_INVALID, "The weight '" + text + "' is no whole number", "Write digits alone");
        }
    }

    /** Only who migrates needs the owner's password: where its reference leads nowhere it is left empty. */
    private Login ownerLogin(YamlNode node) {
        Map<String, YamlNode> members = node.members(Set.of("user", "password", "url"));
        Login login = login(node, members, unknown -> {});
        YamlNode url = members.get("url");
        return url == null ? login : url.as(at -> new Login(login.user(), login.password(), at));
    }

    private Login login(YamlNode node, Map<String, YamlNode> members, Consumer<AnabranchException> unknownPassword) {
        YamlNode reference = members.get("password");
        Secret password = Secret.of("");
        if (reference != null) {
            try {
                password = reference.as(text -> Secret.resolve(text, environment));
            } catch (AnabranchException e) {
                unknownPassword.accept(e);
            }
        }
        Secret known = password;
        return YamlNode.required(node, members, "user").as(user -> new Login(user, known));
    }

    private static Group group(String name, YamlNode node, KeyType type, Set<String> databases, Path folder) {
        Map<String, YamlNode> members = node.members(
                Set.of("kind", "placement", "database", "audiences", "tenants", "schema", "migrations", "desired"));
        GroupSchema schema = schema(node, members, folder);
        String kind = YamlNode.required(node, members, "kind").text();
        return switch (kind) {
            case "global" -> {
                String database = known(YamlNode.required(node, members, "database"), databases);
                Map<String, String> routes = new LinkedHashMap<>();
                Optional.ofNullable(members.get("audiences"))
                        .map(YamlNode::members)
                        .orElse(Map.of())
                        .forEach((audience, at) -> routes.put(audience, known(at, databases)));
                yield node.check(() -> new Group.Global(name, database, routes, schema));
            }
            case "sharded" -> sharded(name, node, members, type, databases, schema);
            default -> throw members.getOrDefault("kind", node)
                    .invalid("is '" + kind + "', which is no kind of group", "Use sharded or global");
        };
    }

    private static @Nullable GroupSchema schema(YamlNode node, Map<String, YamlNode> members, Path folder) {
        YamlNode schema = members.get("schema");
        YamlNode desired = members.get("desired");
        String migrations = path(members, "migrations", folder);
        if (schema == null) {
            if (migrations != null || desired != null) {
                throw node.invalid("has migrations or a desired state, and no schema", "Add schema: and its name");
            }
            return null;
        }
        GroupSchema.Desired state = desired == null ? null : desired(desired, folder);
        return schema.as(name -> new GroupSchema(name, migrations, state));
    }

    private static GroupSchema.Desired desired(YamlNode node, Path folder) {
        Map<String, YamlNode> members = node.members(Set.of("entities", "schema", "extra"));
        return node.check(() -> new GroupSchema.Desired(
                path(members, "entities", folder), path(members, "schema", folder), path(members, "extra", folder)));
    }

    /** A path as a process with another working directory finds it. */
    private static @Nullable String path(Map<String, YamlNode> members, String key, Path folder) {
        return YamlNode.optional(members, key)
                .map(text -> folder.resolve(text).normalize().toString())
                .orElse(null);
    }

    private static Group sharded(
            String name,
            YamlNode node,
            Map<String, YamlNode> members,
            KeyType type,
            Set<String> databases,
            @Nullable GroupSchema schema) {
        if (members.containsKey("audiences")) {
            throw node.invalid(
                    "has audiences, and is sharded",
                    "Keep replicas of its databases for an audience, or route it by a DatabaseRouter of the application");
        }
        YamlNode placement = YamlNode.required(node, members, "placement");
        Map<String, YamlNode> rules = placement.members(Set.of("hash", "pinned"));
        YamlNode hash = YamlNode.required(placement, rules, "hash");
        List<String> hashed = hash.items().stream().map(item -> known(item, databases)).toList();
        Map<TenantId, String> pinned = new LinkedHashMap<>();
        Optional.ofNullable(rules.get("pinned")).map(YamlNode::members).orElse(Map.of()).forEach((tenant, target) -> {
            TenantId canonical = target.check(() -> type.canonical(new TenantId(tenant)));
            if (pinned.put(canonical, known(target, databases)) != null) {
                throw target.invalid("pins tenant '" + canonical + "' a second time", "Keep one of them");
            }
        });
        Group.Tenants tenants = switch (YamlNode.optional(members, "tenants").orElse("any")) {
            case "any" -> Group.Tenants.ANY;
            case "listed" -> Group.Tenants.LISTED;
            default -> throw members.getOrDefault("tenants", node)
                    .invalid("says neither any nor listed", "Use one of them");
        };
        BucketMap buckets = hash.check(() -> BucketMap.evenly(hashed));
        return node.check(() -> new Group.Sharded(name, buckets, pinned, tenants, schema));
    }

    private static String known(YamlNode node, Set<String> databases) {
        String database = node.text();
        if (!databases.contains(database)) {
            throw node.invalid("names the database '" + database + "', which does not exist", "Use one of " + databases);
        }
        return database;
    }
}
