// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.spring;

import dev.anabranch.consistency.ConsistencyMode;
import dev.anabranch.problem.AnabranchException;
import dev.anabranch.problem.ErrorCode;
import dev.anabranch.topology.Flavor;
import dev.anabranch.topology.Group;
import dev.anabranch.topology.KeyType;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.boot.context.properties.bind.Name;

/**
 * What an application can say of Anabranch in its configuration.
 *
 * <p>Where a database is can also be said by the {@code SHARDING_*} variables; each wins over its property here, so that
 * one artifact goes from one database to many by its environment alone. See {@link ShardingVariables}.
 *
 * @param enabled Whether the starter opens Anabranch and gives the application its DataSource.
 * @param group The group of tables whose DataSource the application gets; of several groups the primary one.
 * @param groups Several groups side by side, each with the packages of its entities and repositories.
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
 * @param web The tenant and the audience of an HTTP request.
 * @param consistency How old a read may be, and how a caller's writes are known to its next request.
 * @param jpa What is checked of JPA's mapping.
 * @param migrate How the group's schema gets to the head of the application's migrations.
 */
@ConfigurationProperties("anabranch")
public record AnabranchProperties(
        @DefaultValue("true") boolean enabled,
        @DefaultValue(Group.DEFAULT) String group,
        @DefaultValue Map<String, GroupProperties> groups,
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
        @DefaultValue Consistency consistency,
        @DefaultValue Jpa jpa,
        @DefaultValue Migrate migrate) {

    /** The groups that the application uses, the primary one first. */
    public List<String> groupNames() {
        return groups.isEmpty() ? List.of(group) : primaryFirst(group, groups.keySet());
    }

    /** The group that is meant where none is named. */
    public String primaryGroup() {
        return groupNames().getFirst();
    }

    /**
     * The groups, beginning with the primary one: the one that is chosen, else {@value Group#DEFAULT}, else the first. Where a
     * property comes from changes the order in which groups are found, and must not change which one is primary.
     *
     * @throws AnabranchException {@link ErrorCode#CONFIGURATION_INVALID} where one is chosen that is not there
     */
    public static List<String> primaryFirst(@Nullable String chosen, Collection<String> groups) {
        boolean usual = chosen == null || chosen.isBlank() || chosen.equals(Group.DEFAULT);
        if (!usual && !groups.contains(chosen)) {
            throw new AnabranchException(
                    ErrorCode.CONFIGURATION_INVALID,
                    "The primary group '" + chosen + "' (anabranch.group) is none of " + new TreeSet<>(groups)
                            + " (anabranch.groups)",
                    "Name one of them, or take anabranch.group out");
        }
        String primary = usual ? Group.DEFAULT : chosen;
        List<String> ordered = new ArrayList<>(new TreeSet<>(groups));
        if (ordered.remove(primary)) {
            ordered.addFirst(primary);
        }
        return ordered;
    }

    /**
     * One of several groups.
     *
     * @param packages The packages of its entities, repositories and services; what lies below them is meant too.
     * @param migrations Where its migrations are; without it, a folder of the group's name below anabranch.migrate.location.
     */
    public record GroupProperties(@DefaultValue List<String> packages, @Nullable String migrations) {}

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
     * @param audience Who is asking; without rules and a default no audience is bound.
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
            }) List<String> exclude,
            @DefaultValue Audience audience) {

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
     * Who is asking.
     *
     * @param rules Rules in their order, of which the first that matches says the audience.
     * @param usual The audience where no rule matches; without it none is bound then.
     */
    public record Audience(@DefaultValue List<AudienceRule> rules, @Name("default") @Nullable String usual) {}

    /**
     * One rule for the audience; all that it names must hold. A header can be set by anybody who reaches the service: give no
     * audience by it that may see more than others, unless a proxy in front removes the header from what comes from outside.
     *
     * @param audience The audience; may be left out where the header names it.
     * @param role Role that the caller must have, as Spring Security or the container knows it.
     * @param path Pattern that the path must match, for example /public/**.
     * @param header Header that must be there. Anybody can set it.
     * @param value Value that the header must have.
     * @param allowed Audiences that the header may name by its value; another value is refused.
     */
    public record AudienceRule(
            @Nullable String audience,
            @Nullable String role,
            @Nullable String path,
            @Nullable String header,
            @Nullable String value,
            @DefaultValue List<String> allowed) {}

    /**
     * How old a read may be, and how a caller's writes are known to its next request.
     *
     * @param mode How old a read may be where the code says nothing; SHARDING_CONSISTENCY.
     * @param scope Whose writes a read must see: those of the caller's session, or those of the tenant in this process.
     * @param carrier What carries the token of a caller's writes to its next request; without it cookie where a database has
     *     replicas, else none.
     * @param cookie Name of the cookie.
     * @param header Name of the header.
     * @param maxLag A replica that is further behind is left out; SHARDING_REPLICA_MAX_LAG_MS.
     * @param sampleEvery How often each server is asked how far it is; SHARDING_REPLICA_SAMPLE_MS.
     * @param window How long a session reads from the primary after a write where servers cannot tell how far they are;
     *     SHARDING_REPLICA_WINDOW_MS.
     * @param keys Keys that tokens are signed with, the same on all instances: the first signs, all verify;
     *     SHARDING_CONSISTENCY_KEYS.
     */
    public record Consistency(
            @Nullable ConsistencyMode mode,
            @DefaultValue("session") Scope scope,
            @Nullable Carrier carrier,
            @DefaultValue("anabranch-consistency") String cookie,
            @DefaultValue("X-Consistency-Token") String header,
            @Nullable Duration maxLag,
            @Nullable Duration sampleEvery,
            @Nullable Duration window,
            @DefaultValue List<String> keys) {

        /** Whose writes a read must see. */
        public enum Scope {
            /** Those of the caller's session, wherever they were made. */
            SESSION,
            /** Those of the tenant, and without one of the group, in this process. */
            TENANT
        }

        /** What carries the token. */
        public enum Carrier {
            /** A cookie. */
            COOKIE,
            /** A header that the client sends back. */
            HEADER,
            /** The server's HTTP session. */
            HTTP_SESSION,
            /** Nothing: a request knows nothing of the one before. */
            NONE
        }

        @Override
        public String toString() {
            return "Consistency[mode=" + mode + ", scope=" + scope + ", carrier=" + carrier + "]";
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
        return "AnabranchProperties[group=" + group + ", groups=" + groups + ", mode=" + mode + ", host=" + host + ", port=" + port
                + ", database=" + database + ", flavor=" + flavor + ", config=" + config + ", api=" + api + "]";
    }
}
