// SPDX-License-Identifier: Apache-2.0
package dev.anabranch;

import dev.anabranch.consistency.ConsistencyMode;
import dev.anabranch.consistency.ReplicaSettings;
import dev.anabranch.problem.AnabranchException;
import dev.anabranch.problem.ErrorCode;
import dev.anabranch.routing.PoolSettings;
import dev.anabranch.topology.BucketMap;
import dev.anabranch.topology.Database;
import dev.anabranch.topology.Endpoint;
import dev.anabranch.topology.Flavor;
import dev.anabranch.topology.Group;
import dev.anabranch.topology.GroupSchema;
import dev.anabranch.topology.Login;
import dev.anabranch.topology.Secret;
import dev.anabranch.topology.ShardKey;
import dev.anabranch.topology.Topology;
import dev.anabranch.topology.TopologyReader;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Reads the {@code SHARDING_…} variables. */
final class EnvironmentReader {
    /** The one database of the standalone mode. */
    private static final String ONLY = "main";

    private final Function<String, @Nullable String> environment;

    EnvironmentReader(Function<String, @Nullable String> environment) {
        this.environment = environment;
    }

    TopologySource source(List<String> groups) {
        String mode = required("SHARDING_MODE", "Set it to standalone (one database, or a file) or to api (the directory)");
        return switch (mode.toLowerCase(Locale.ROOT)) {
            case "standalone" -> new TopologySource.Fixed(standalone(groups));
            case "api" -> api(groups);
            default -> throw invalid("SHARDING_MODE", "is '" + mode + "'", "Set it to standalone or to api");
        };
    }

    PoolSettings pools() {
        PoolSettings usual = PoolSettings.DEFAULT;
        return new PoolSettings(
                number("SHARDING_CONNECTION_BUDGET", usual.budget()),
                number("SHARDING_CONNECTIONS_PER_DATABASE", usual.perDatabase()),
                Duration.ofMillis(number(
                        "SHARDING_CONNECTION_TIMEOUT_MS", (int) usual.borrowTimeout().toMillis())));
    }

    ReplicaSettings replicas() {
        ReplicaSettings usual = ReplicaSettings.DEFAULT;
        String mode = or("SHARDING_CONSISTENCY", usual.mode().name()).toUpperCase(Locale.ROOT);
        if (!List.of("SESSION", "STRONG", "EVENTUAL").contains(mode)) {
            throw invalid("SHARDING_CONSISTENCY", "is '" + mode + "'", "Set it to session, strong or eventual");
        }
        String keys = value("SHARDING_CONSISTENCY_KEYS");
        List<Secret> signing = keys == null
                ? List.of()
                : Arrays.stream(keys.split(",", -1)).map(key -> Secret.resolve(key.strip(), environment)).toList();
        return new ReplicaSettings(
                ConsistencyMode.valueOf(mode),
                milliseconds("SHARDING_REPLICA_MAX_LAG_MS", usual.maxLag()),
                milliseconds("SHARDING_REPLICA_SAMPLE_MS", usual.sampleEvery()),
                milliseconds("SHARDING_REPLICA_WINDOW_MS", usual.window()),
                signing);
    }

    private Duration milliseconds(String name, Duration usual) {
        return Duration.ofMillis(number(name, (int) usual.toMillis()));
    }

    private Topology standalone(List<String> groups) {
        String file = value("SHARDING_CONFIG");
        if (file != null) {
            return new TopologyReader(environment).readFor(groups, Path.of(file));
        }
        String kind = value("SHARDING_FLAVOR");
        Flavor flavor = kind == null
                ? Flavor.POSTGRES
                : Flavor.of(kind).orElseThrow(() ->
                        invalid("SHARDING_FLAVOR", "is '" + kind + "'", "Set it to postgres, mysql or mariadb"));
        Endpoint endpoint = new Endpoint(
                flavor,
                required("SHARDING_HOST", "Set it to the database server's name, or set SHARDING_CONFIG to a file"),
                number("SHARDING_PORT", flavor.defaultPort()),
                required("SHARDING_DATABASE", "Set it to the database's name"),
                required("SHARDING_USER", "Set it to the user to log in as"),
                Secret.resolve(or("SHARDING_PASSWORD", ""), environment),
                properties());
        Map<String, Group> named = new LinkedHashMap<>();
        BucketMap buckets = BucketMap.evenly(List.of(ONLY));
        String schemaName = value("SHARDING_SCHEMA");
        GroupSchema schema = schemaName == null ? null : new GroupSchema(schemaName, null, null);
        String ownerName = value("SHARDING_OWNER_USER");
        Login owner = ownerName == null
                ? null
                : new Login(ownerName, Secret.resolve(or("SHARDING_OWNER_PASSWORD", ""), environment));
        groups.forEach(group -> named.put(group, new Group.Sharded(group, buckets, Map.of(), Group.Tenants.ANY, schema)));
        ShardKey key = new ShardKey(
                or("SHARDING_IDENTIFIER_FIELD", ShardKey.DEFAULT_COLUMN),
                TopologyReader.keyType(or("SHARDING_IDENTIFIER_TYPE", "text")));
        return new Topology(0, key, Map.of(ONLY, new Database(ONLY, endpoint, owner, null)), named);
    }

    private Map<String, String> properties() {
        Map<String, String> properties = new LinkedHashMap<>();
        String pairs = value("SHARDING_PROPERTIES");
        for (String pair : pairs == null ? new String[0] : pairs.split("&", -1)) {
            int equals = pair.indexOf('=');
            if (equals < 1) {
                throw invalid("SHARDING_PROPERTIES", "has a part without a value", "Write sslmode=require&key=value");
            }
            properties.put(pair.substring(0, equals), pair.substring(equals + 1));
        }
        return properties;
    }

    private TopologySource api(List<String> groups) {
        String address =
                required("SHARDING_API_ENDPOINT", "Set it to the directory's address, for example http://localhost:8400");
        if (address.contains("@")) {
            throw invalid("SHARDING_API_ENDPOINT", "carries a credential", "Give the token in SHARDING_API_TOKEN");
        }
        URI endpoint;
        try {
            endpoint = URI.create(address);
        } catch (IllegalArgumentException e) {
            throw invalid("SHARDING_API_ENDPOINT", "is '" + address + "'", "Write http://host:port");
        }
        if (endpoint.getHost() == null || !List.of("http", "https").contains(endpoint.getScheme())) {
            throw invalid("SHARDING_API_ENDPOINT", "is '" + address + "'", "Write http://host:port");
        }
        String token = value("SHARDING_API_TOKEN");
        String tokenFile = value("SHARDING_API_TOKEN_FILE");
        if (token == null && tokenFile == null) {
            throw invalid(
                    "SHARDING_API_TOKEN",
                    "is not set, and SHARDING_API_TOKEN_FILE neither",
                    "Make a token with 'anabranch token create --role app' and set one of them");
        }
        Secret secret = Secret.resolve(token != null ? token : "file:" + tokenFile, environment);
        return new TopologySource.Service(
                endpoint, secret, snapshotFile(address, groups), value("SHARDING_IDENTIFIER_FIELD"));
    }

    /** One file for each directory and set of groups; {@code off} keeps none. */
    private @Nullable Path snapshotFile(String address, List<String> groups) {
        String file = value("SHARDING_SNAPSHOT_FILE");
        if (file != null) {
            return file.equals("off") ? null : Path.of(file);
        }
        String cache = value("XDG_CACHE_HOME");
        Path folder = cache != null ? Path.of(cache) : Path.of(System.getProperty("user.home"), ".cache");
        UUID name = UUID.nameUUIDFromBytes((address + groups).getBytes(StandardCharsets.UTF_8));
        return folder.resolve("anabranch").resolve(name + ".snapshot");
    }

    private int number(String name, int usual) {
        String text = value(name);
        if (text == null) {
            return usual;
        }
        try {
            return Integer.parseInt(text.strip());
        } catch (NumberFormatException e) {
            throw invalid(name, "is '" + text + "', which is no whole number", "Write digits alone");
        }
    }

    private String required(String name, String hint) {
        String value = value(name);
        if (value == null) {
            throw invalid(name, "is not set", hint);
        }
        return value;
    }

    private String or(String name, String usual) {
        String value = value(name);
        return value == null ? usual : value;
    }

    private @Nullable String value(String name) {
        String value = environment.apply(name);
        return value == null || value.isBlank() ? null : value;
    }

    private static AnabranchException invalid(String name, String what, String hint) {
        return new AnabranchException(ErrorCode.CONFIGURATION_INVALID, "The variable " + name + " " + what, hint);
    }
}
