// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.spring;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.springframework.core.env.PropertyResolver;

/**
 * The {@code SHARDING_*} variables as the library reads them: those of the environment, and {@code anabranch.*} for the
 * rest. A blank value counts as none.
 *
 * <p>Precedence, variable by variable: {@code SHARDING_X} as command line argument, system property or environment
 * variable; then the property {@code anabranch.x} from wherever Spring takes it. A variable that makes a choice also
 * sets aside the properties of the other choice: {@code SHARDING_CONFIG} those of the one database,
 * {@code SHARDING_HOST} the file, {@code SHARDING_API_TOKEN} the token's file and the other way round.
 */
public final class ShardingVariables implements Function<String, @Nullable String> {
    private static final List<String> ONE_DATABASE = List.of(
            "SHARDING_HOST",
            "SHARDING_PORT",
            "SHARDING_USER",
            "SHARDING_PASSWORD",
            "SHARDING_DATABASE",
            "SHARDING_FLAVOR",
            "SHARDING_PROPERTIES");

    private final PropertyResolver environment;
    private final Map<String, String> properties = new HashMap<>();

    /**
     * @param environment where variables are looked up first
     * @param properties what holds where no variable says otherwise
     */
    public ShardingVariables(PropertyResolver environment, AnabranchProperties properties) {
        this.environment = environment;
        AnabranchProperties.Mode mode = properties.mode();
        put("SHARDING_MODE", mode == null ? null : mode.id());
        put("SHARDING_HOST", properties.host());
        put("SHARDING_PORT", properties.port());
        put("SHARDING_USER", properties.user());
        put("SHARDING_PASSWORD", properties.password());
        put("SHARDING_DATABASE", properties.database());
        put("SHARDING_FLAVOR", properties.flavor() == null ? null : properties.flavor().id());
        put("SHARDING_PROPERTIES", properties.properties());
        put("SHARDING_CONFIG", properties.config());
        put("SHARDING_SNAPSHOT_FILE", properties.snapshotFile());
        put("SHARDING_IDENTIFIER_FIELD", properties.identifierField());
        put(
                "SHARDING_IDENTIFIER_TYPE",
                properties.identifierType() == null ? null : properties.identifierType().id());
        put("SHARDING_API_ENDPOINT", properties.api().endpoint());
        put("SHARDING_API_TOKEN", properties.api().token());
        put("SHARDING_API_TOKEN_FILE", properties.api().tokenFile());
        put("SHARDING_CONNECTION_BUDGET", properties.connections().budget());
        put("SHARDING_CONNECTIONS_PER_DATABASE", properties.connections().perDatabase());
        put("SHARDING_CONNECTION_TIMEOUT_MS", milliseconds(properties.connections().timeout()));
        AnabranchProperties.Consistency consistency = properties.consistency();
        put("SHARDING_CONSISTENCY", consistency.mode() == null ? null : consistency.mode().name().toLowerCase(Locale.ROOT));
        put("SHARDING_REPLICA_MAX_LAG_MS", milliseconds(consistency.maxLag()));
        put("SHARDING_REPLICA_SAMPLE_MS", milliseconds(consistency.sampleEvery()));
        put("SHARDING_REPLICA_WINDOW_MS", milliseconds(consistency.window()));
        put("SHARDING_CONSISTENCY_KEYS", consistency.keys().isEmpty() ? null : String.join(",", consistency.keys()));
        setAside("SHARDING_CONFIG", ONE_DATABASE);
        setAside("SHARDING_HOST", List.of("SHARDING_CONFIG"));
        setAside("SHARDING_API_TOKEN", List.of("SHARDING_API_TOKEN_FILE"));
        setAside("SHARDING_API_TOKEN_FILE", List.of("SHARDING_API_TOKEN"));
    }

    @Override
    public @Nullable String apply(String variable) {
        String value = environment.getProperty(variable);
        return value != null && !value.isBlank() ? value : properties.get(variable);
    }

    /** The property that stands for a variable, for example {@code anabranch.host} for {@code SHARDING_HOST}. */
    static String propertyOf(String variable) {
        return switch (variable) {
            case "SHARDING_API_ENDPOINT" -> "anabranch.api.endpoint";
            case "SHARDING_API_TOKEN" -> "anabranch.api.token";
            case "SHARDING_API_TOKEN_FILE" -> "anabranch.api.token-file";
            case "SHARDING_CONNECTION_BUDGET" -> "anabranch.connections.budget";
            case "SHARDING_CONNECTIONS_PER_DATABASE" -> "anabranch.connections.per-database";
            case "SHARDING_CONNECTION_TIMEOUT_MS" -> "anabranch.connections.timeout";
            case "SHARDING_CONSISTENCY" -> "anabranch.consistency.mode";
            case "SHARDING_CONSISTENCY_KEYS" -> "anabranch.consistency.keys";
            case "SHARDING_REPLICA_MAX_LAG_MS" -> "anabranch.consistency.max-lag";
            case "SHARDING_REPLICA_SAMPLE_MS" -> "anabranch.consistency.sample-every";
            case "SHARDING_REPLICA_WINDOW_MS" -> "anabranch.consistency.window";
            default -> "anabranch."
                    + variable.substring("SHARDING_".length()).toLowerCase(Locale.ROOT).replace('_', '-');
        };
    }

    private static @Nullable Long milliseconds(@Nullable Duration duration) {
        return duration == null ? null : duration.toMillis();
    }

    private void put(String variable, @Nullable Object value) {
        if (value != null) {
            properties.put(variable, Objects.toString(value));
        }
    }

    private void setAside(String chosen, List<String> others) {
        String value = environment.getProperty(chosen);
        if (value != null && !value.isBlank()) {
            others.forEach(properties::remove);
        }
    }
}
