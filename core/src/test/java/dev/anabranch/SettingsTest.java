// SPDX-License-Identifier: Apache-2.0
package dev.anabranch;

import dev.anabranch.problem.AnabranchException;
import dev.anabranch.routing.PoolSettings;
import dev.anabranch.topology.Endpoint;
import dev.anabranch.topology.Flavor;
import dev.anabranch.topology.KeyType;
import dev.anabranch.topology.ShardKey;
import dev.anabranch.topology.Topology;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

class SettingsTest {
    private static final Map<String, String> STANDALONE = Map.of(
            "SHARDING_MODE", "standalone",
            "SHARDING_HOST", "db0",
            "SHARDING_USER", "app",
            "SHARDING_PASSWORD", "hunter2",
            "SHARDING_DATABASE", "shop");
    private static final Map<String, String> API = Map.of(
            "SHARDING_MODE", "api",
            "SHARDING_API_ENDPOINT", "http://directory:8400",
            "SHARDING_API_TOKEN", "hunter2");

    @TempDir
    Path folder;

    @Test
    void readsOneDatabase() {
        Settings settings = Settings.fromEnvironment(STANDALONE::get, List.of("people"));

        Topology topology = ((TopologySource.Fixed) settings.source()).topology();
        Endpoint main = topology.database("main").primary();
        assertThat(main.jdbcUrl()).isEqualTo("jdbc:postgresql://db0:5432/shop");
        assertThat(main.password().reveal()).isEqualTo("hunter2");
        assertThat(topology.shardKey()).isEqualTo(new ShardKey("customer_id", KeyType.TEXT));
        assertThat(topology.groups()).containsOnlyKeys("people");
        assertThat(settings.pools()).isEqualTo(PoolSettings.DEFAULT);
    }

    @ParameterizedTest
    @CsvSource({
        "postgres, POSTGRES, jdbc:postgresql://db0:5432/shop",
        "mysql, MYSQL, jdbc:mysql://db0:3306/shop",
        "mariadb, MARIADB, jdbc:mariadb://db0:3306/shop"
    })
    void readsEachFlavor(String name, Flavor flavor, String url) {
        Settings settings = Settings.fromEnvironment(changed(STANDALONE, "SHARDING_FLAVOR", name)::get, List.of());

        Endpoint main = ((TopologySource.Fixed) settings.source()).topology().database("main").primary();
        assertThat(main.flavor()).isEqualTo(flavor);
        assertThat(main.jdbcUrl()).isEqualTo(url);
    }

    @Test
    void readsTheDirectoryAndItsTokenFromAFile() throws IOException {
        Path token = Files.writeString(folder.resolve("token"), "anab_secret\n");
        Map<String, String> environment = changed(API, "SHARDING_API_TOKEN_FILE", token.toString());
        environment.remove("SHARDING_API_TOKEN");

        TopologySource.Service service = (TopologySource.Service)
                Settings.fromEnvironment(environment::get, List.of()).source();

        assertThat(service.token().reveal()).isEqualTo("anab_secret");
        assertThat(service.snapshotFile()).isNotNull();
    }

    @Test
    void readsAFileAndTheSizesOfPools() throws IOException {
        Path file = Files.writeString(
                folder.resolve("anabranch.yaml"),
                """
                databases:
                  a: {url: "jdbc:postgresql://db0/app", user: app, password: "env:SECRET"}
                groups:
                  people: {kind: sharded, placement: {hash: [a]}}
                """);
        Map<String, String> environment = Map.of(
                "SHARDING_MODE", "standalone",
                "SHARDING_CONFIG", file.toString(),
                "SECRET", "hunter2",
                "SHARDING_CONNECTION_BUDGET", "40",
                "SHARDING_CONNECTIONS_PER_DATABASE", "4",
                "SHARDING_CONNECTION_TIMEOUT_MS", "500");

        Settings settings = Settings.fromEnvironment(environment::get, List.of("people"));

        assertThat(settings.pools()).isEqualTo(new PoolSettings(40, 4, Duration.ofMillis(500)));
        assertThat(((TopologySource.Fixed) settings.source()).topology().group("people")).isNotNull();
        assertThat(settings.toString()).doesNotContain("hunter2");
    }

    @ParameterizedTest
    @CsvSource({
        "SHARDING_MODE, , standalone",
        "SHARDING_MODE, both, standalone",
        "SHARDING_HOST, , SHARDING_CONFIG",
        "SHARDING_HOST, db0/x, host",
        "SHARDING_PORT, 5432x, whole number",
        "SHARDING_PORT, 70000, 65535",
        "SHARDING_FLAVOR, oracle, postgres",
        "SHARDING_USER, , log in",
        "SHARDING_DATABASE, , database",
        "SHARDING_PASSWORD, env:NOT_SET, NOT_SET",
        "SHARDING_IDENTIFIER_FIELD, 1; drop table x, identifier",
        "SHARDING_IDENTIFIER_TYPE, int, bigint",
        "SHARDING_CONNECTION_BUDGET, 0, at least 1",
        "SHARDING_PROPERTIES, password=hunter2, credential",
        "SHARDING_CONFIG, missing.yaml, missing.yaml"
    })
    void namesTheVariableThatCannotBeUsed(String name, String value, String said) {
        assertThatExceptionOfType(AnabranchException.class)
                .isThrownBy(() -> Settings.fromEnvironment(changed(STANDALONE, name, value)::get, List.of()))
                .withMessageContaining(said)
                .satisfies(e -> assertThat(e.getMessage()).doesNotContain("hunter2"));
    }

    @ParameterizedTest
    @CsvSource({
        "SHARDING_API_ENDPOINT, , http://",
        "SHARDING_API_ENDPOINT, directory:8400, http://host:port",
        "SHARDING_API_ENDPOINT, ftp://directory, http://host:port",
        "SHARDING_API_ENDPOINT, http://me:hunter2@directory, credential",
        "SHARDING_API_TOKEN, , SHARDING_API_TOKEN_FILE"
    })
    void namesTheVariableOfTheDirectoryThatCannotBeUsed(String name, String value, String said) {
        assertThatExceptionOfType(AnabranchException.class)
                .isThrownBy(() -> Settings.fromEnvironment(changed(API, name, value)::get, List.of()))
                .withMessageContaining(said)
                .withMessageContaining(name)
                .satisfies(e -> assertThat(e.getMessage()).doesNotContain("hunter2"));
    }

    private static Map<String, String> changed(Map<String, String> base, String name, String value) {
        Map<String, String> copy = new HashMap<>(base);
        if (value == null) {
            copy.remove(name);
        } else {
            copy.put(name, value);
        }
        return copy;
    }
}
