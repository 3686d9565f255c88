// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.spring;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;
import org.springframework.mock.env.MockEnvironment;

import static org.assertj.core.api.Assertions.assertThat;



class ShardingVariablesTest {
    private final MockEnvironment environment = new MockEnvironment();

    @Test
    void everyPropertyStandsForItsVariable() {
        ShardingVariables variables = variables(Map.ofEntries(
                Map.entry("anabranch.mode", "standalone"),
                Map.entry("anabranch.host", "db"),
                Map.entry("anabranch.port", "5433"),
                Map.entry("anabranch.user", "u"),
                Map.entry("anabranch.password", "p"),
                Map.entry("anabranch.database", "d"),
                Map.entry("anabranch.flavor", "mariadb"),
                Map.entry("anabranch.properties", "sslmode=require"),
                Map.entry("anabranch.config", "a.yaml"),
                Map.entry("anabranch.snapshot-file", "s"),
                Map.entry("anabranch.identifier-field", "company"),
                Map.entry("anabranch.identifier-type", "uuid"),
                Map.entry("anabranch.api.endpoint", "http://h"),
                Map.entry("anabranch.api.token", "t"),
                Map.entry("anabranch.api.token-file", "f"),
                Map.entry("anabranch.connections.budget", "7"),
                Map.entry("anabranch.connections.per-database", "3"),
                Map.entry("anabranch.connections.timeout", "2s")));
        assertThat(variables.apply("SHARDING_MODE")).isEqualTo("standalone");
        assertThat(variables.apply("SHARDING_HOST")).isEqualTo("db");
        assertThat(variables.apply("SHARDING_PORT")).isEqualTo("5433");
        assertThat(variables.apply("SHARDING_USER")).isEqualTo("u");
        assertThat(variables.apply("SHARDING_PASSWORD")).isEqualTo("p");
        assertThat(variables.apply("SHARDING_DATABASE")).isEqualTo("d");
        assertThat(variables.apply("SHARDING_FLAVOR")).isEqualTo("mariadb");
        assertThat(variables.apply("SHARDING_PROPERTIES")).isEqualTo("sslmode=require");
        assertThat(variables.apply("SHARDING_CONFIG")).isEqualTo("a.yaml");
        assertThat(variables.apply("SHARDING_SNAPSHOT_FILE")).isEqualTo("s");
        assertThat(variables.apply("SHARDING_IDENTIFIER_FIELD")).isEqualTo("company");
        assertThat(variables.apply("SHARDING_IDENTIFIER_TYPE")).isEqualTo("uuid");
        assertThat(variables.apply("SHARDING_API_ENDPOINT")).isEqualTo("http://h");
        assertThat(variables.apply("SHARDING_API_TOKEN")).isEqualTo("t");
        assertThat(variables.apply("SHARDING_API_TOKEN_FILE")).isEqualTo("f");
        assertThat(variables.apply("SHARDING_CONNECTION_BUDGET")).isEqualTo("7");
        assertThat(variables.apply("SHARDING_CONNECTIONS_PER_DATABASE")).isEqualTo("3");
        assertThat(variables.apply("SHARDING_CONNECTION_TIMEOUT_MS")).isEqualTo("2000");
    }

    @Test
    void aVariableWinsOverItsPropertyAndABlankOneDoesNot() {
        environment.setProperty("SHARDING_HOST", "from-variable");
        environment.setProperty("SHARDING_DATABASE", " ");
        ShardingVariables variables =
                variables(Map.of("anabranch.host", "from-property", "anabranch.database", "packaged"));
        assertThat(variables.apply("SHARDING_HOST")).isEqualTo("from-variable");
        assertThat(variables.apply("SHARDING_DATABASE")).isEqualTo("packaged");
    }

    @Test
    void aVariableThatChoosesSetsTheOtherChoiceAside() {
        environment.setProperty("SHARDING_CONFIG", "all.yaml");
        environment.setProperty("SHARDING_API_TOKEN_FILE", "token");
        ShardingVariables variables = variables(
                Map.of("anabranch.host", "packaged", "anabranch.password", "p", "anabranch.api.token", "packaged"));
        assertThat(variables.apply("SHARDING_HOST")).isNull();
        assertThat(variables.apply("SHARDING_PASSWORD")).isNull();
        assertThat(variables.apply("SHARDING_API_TOKEN")).isNull();
        MockEnvironment other = new MockEnvironment().withProperty("SHARDING_HOST", "db");
        assertThat(new ShardingVariables(other, bind(Map.of("anabranch.config", "packaged.yaml")))
                        .apply("SHARDING_CONFIG"))
                .isNull();
    }

    @Test
    void neitherPasswordNorTokenIsPrinted() {
        assertThat(bind(Map.of("anabranch.password", "hunter2", "anabranch.api.token", "t0ken"))
                        .toString())
                .doesNotContain("hunter2", "t0ken");
    }

    private ShardingVariables variables(Map<String, String> properties) {
        return new ShardingVariables(environment, bind(properties));
    }

    private static AnabranchProperties bind(Map<String, String> properties) {
        return new Binder(new MapConfigurationPropertySource(properties))
                .bindOrCreate("anabranch", AnabranchProperties.class);
    }
}
