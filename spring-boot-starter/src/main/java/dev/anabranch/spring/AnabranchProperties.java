// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.spring;

import dev.anabranch.topology.Flavor;
import dev.anabranch.topology.Group;
import dev.anabranch.topology.KeyType;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * What an application can say of Anabranch in its configuration.
 *
 * <p>Where a database is can also be said by the {@code SHARDING_*} variables; each wins over its property here, so that
 * one artifact goes from one database to many by its environment alone. See {@link ShardingVariables}.
 *
 * @param enabled Whether the starter opens Anabranch and gives the application its DataSource.
 * @param group The group of tables whose DataSource the application gets.
 * @param mode Where the topology comes from; SHARDING_MODE.
 * @param host Host of the one database, in standalone mode; SHARDING_HOST.
 * @param port Port of the one database; SHARDING_PORT.
 * @param user User of the one database; SHARDING_USER.
 * @param password Password of the one database; SHARDING_PASSWORD.
 * @param database Name of the one database on its server; SHARDING_DATABASE.
 * @param flavor Kind of the one database's server; SHARDING_FLAVOR.
 * @param properties Parameters for the one database's driver, for example sslmode=require; SHARDING_PROPERTIES.
 * @param config Path of an anabranch.yaml with several databases, in place of host to flavor; SHARDING_CONFIG.
 * @param snapshotFile Where the last topology is kept, in api mode; SHARDING_SNAPSHOT_FILE.
 * @param identifierField Column that holds the tenant's id in every tenant table; SHARDING_IDENTIFIER_FIELD.
 * @param identifierType Type of that column; SHARDING_IDENTIFIER_TYPE.
 * @param api The directory, in api mode.
 * @param connections Bounds on connections.
 * @param web The tenant of an HTTP request.
 * @param jpa What is checked of JPA's mapping.
 * @param migrate How the group's schema gets to the head of the application's migrations.
 */
@ConfigurationProperties("anabranch")
public record AnabranchProperties(
        @DefaultValue("true") boolean enabled,
        @DefaultValue(Group.DEFAULT) String group,
        @Nullable Mode mode,
        @Nullable String host,
        @Nullable Integer port,
        @Nullable String user,
        @Nullable String password,
        @Nullable String database,
        @Nullable Flavor flavor,
        @Nullable String properties,
        @Nullable String config,
        @Nullable String snapshotFile,
        @Nullable String identifierField,
        @Nullable KeyType identifierType,
        @DefaultValue Api api,
        @DefaultValue Connections connections,
        @DefaultValue Web web,
        @DefaultValue Jpa jpa,
        @DefaultValue Migrate migrate) {

    /** Where the topology comes from. */
    public enum Mode {
        /** From properties, variables or an {@code anabranch.yaml}, without a directory. */
        STANDALONE,
        /** From a directory. */
        API;

        String id() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /**
     * The directory, in api mode.
     *
     * @param endpoint Address of the directory, for example http://127.0.0.1:7000; SHARDING_API_ENDPOINT.
     * @param token Token with the role app; SHARDING_API_TOKEN.
     * @param tokenFile File that holds the token; SHARDING_API_TOKEN_FILE.
     */
    public record Api(
            @Nullable String endpoint, @Nullable String token, @Nullable String tokenFile) {
        @Override
        public String toString() {
            return "Api[endpoint=" + endpoint + ", tokenFile=" + tokenFile + "]";
        }
    }

    /**
     * Bounds on connections.
     *
     * @param budget Most connections of this process to all databases together; SHARDING_CONNECTION_BUDGET.
     * @param perDatabase Most connections of this process to one database; SHARDING_CONNECTIONS_PER_DATABASE.
     * @param timeout Longest wait for a connection; SHARDING_CONNECTION_TIMEOUT_MS.
     */
    public record Connections(
            @Nullable Integer budget, @Nullable Integer perDatabase, @Nullable Duration timeout) {}

    /**
     * The tenant of an HTTP request.
     *
     * @param enabled Whether a filter binds the tenant for each request.
     * @param problems Whether failures are answered with problem details; otherwise Spring's own error handling answers.
     * @param resolver What names the tenant. Where the application has a TenantResolver bean, that does.
     * @param header The header that carries the tenant's id.
     * @param pathPattern Paths that carry the tenant's id, for example /person/{customer}/**: it must agree with the header's.
     * @param pathVariable The variable of the paths that is the tenant's id; needed where a pattern has several.
     * @param domain The domain below which the first label names the tenant, for the subdomain resolver.
     * @param exclude Paths that need no tenant and get none bound.
     */
    public record Web(
            @DefaultValue("true") boolean enabled,
            @DefaultValue("true") boolean problems,
            @DefaultValue("header") Source resolver,
            @DefaultValue("X-Customer-ID") String header,
            @DefaultValue List<String> pathPattern,
            @Nullable String pathVariable,
            @Nullable String domain,
            @DefaultValue({
                "/actuator/**", "/v3/api-docs/**", "/v3/api-docs.yaml", "/swagger-ui/**", "/swagger-ui.html", "/error",
                "/favicon.ico"
            }) List<String> exclude) {

        /** What names the tenant of a request. */
        public enum Source {
            /** The header. */
            HEADER,
            /** The variable of the path pattern. */
            PATH,
            /** The first label below the domain. */
            SUBDOMAIN
        }
    }

    /**
     * What is checked of JPA's mapping.
     *
     * @param withoutShardKey Class names of entities that may lack the shard key, for those that cannot carry @NoShardKey.
     */
    public record Jpa(@DefaultValue List<String> withoutShardKey) {}

    /**
     * How the group's schema gets to the head of the application's migrations.
     *
     * @param mode What is done with a database whose schema is behind; without it verify where a profile prod or production
     *     is active and apply elsewhere, and off where there are no migrations.
     * @param location Where the migrations V1__name.sql and so on are; those of one flavor in a folder of its name below,
     *     for example db/migration/postgres.
     * @param lockWait Longest wait for another instance that migrates the same schema.
     */
    public record Migrate(
            @Nullable AtStart mode,
            @DefaultValue(Migrate.DEFAULT_LOCATION) String location,
            @DefaultValue("5m") Duration lockWait) {
        /** The location where none is given. */
        public static final String DEFAULT_LOCATION = "classpath:db/migration";

        /** What is done with a database whose schema is behind. */
        public enum AtStart {
            /** The application brings it to head, as the database's owner. */
            APPLY,
            /** The application refuses to start. */
            VERIFY,
            /** Nothing is looked at. */
            OFF
        }

        /** Whether somebody has asked for migrations, in so many words. */
        boolean isAskedFor() {
            return mode == null ? !location.equals(DEFAULT_LOCATION) : mode != AtStart.OFF;
        }
    }

    @Override
    public String toString() {
        // Without the password and the token, whoever prints it.
        return "AnabranchProperties[group=" + group + ", mode=" + mode + ", host=" + host + ", port=" + port
                + ", database=" + database + ", flavor=" + flavor + ", config=" + config + ", api=" + api + "]";
    }
}
