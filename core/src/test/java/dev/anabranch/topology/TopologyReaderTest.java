// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.topology;

import dev.anabranch.problem.AnabranchException;
import dev.anabranch.tenant.TenantId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.junit.jupiter.params.provider.Arguments.arguments;

class TopologyReaderTest {
    private static final String WHOLE =
            """
            shardKey: {column: customer_id, type: bigint}
            databases:
              main:    {url: "jdbc:postgresql://db0/app?sslmode=require", user: app, password: "env:MAIN"}
              shard-2: {url: "jdbc:mariadb://[::1]:3307/app", user: app, password: plain, region: eu}
            groups:
              people:
                kind: sharded
                placement: {hash: [main, shard-2], pinned: {42: shard-2}}
                tenants: listed
              billing: {kind: global, database: main}
            """;

    private final TopologyReader reader = new TopologyReader(Map.of("MAIN", "s3cret")::get);

    @Test
    void readsAllOfIt() {
        Topology topology = reader.read("anabranch.yaml", WHOLE);

        assertThat(topology.shardKey()).isEqualTo(new ShardKey("customer_id", KeyType.BIGINT));
        Endpoint main = topology.database("main").primary();
        assertThat(main.jdbcUrl()).isEqualTo("jdbc:postgresql://db0:5432/app?sslmode=require");
        assertThat(main.password().reveal()).isEqualTo("s3cret");
        assertThat(topology.database("shard-2").primary().jdbcUrl()).isEqualTo("jdbc:mariadb://[::1]:3307/app");
        assertThat(topology.database("shard-2").region()).contains("eu");
        assertThat(topology.group("billing")).isEqualTo(new Group.Global("billing", "main"));
        Group.Sharded people = (Group.Sharded) topology.group("people");
        assertThat(people.tenants()).isEqualTo(Group.Tenants.LISTED);
        assertThat(people.place(new TenantId("42"), KeyType.BIGINT)).isEqualTo(new Placement.Pinned("shard-2"));
        assertThat(people.buckets().ranges())
                .containsExactly(
                        new BucketMap.Range(0, 2047, "main"), new BucketMap.Range(2048, 4095, "shard-2"));
    }

    @Test
    void isTheSameAfterAWayThroughJson() {
        Topology topology = reader.read("anabranch.yaml", WHOLE);

        assertThat(TopologyJson.read(TopologyJson.write(topology, TopologyJson.Credentials.ALL))).isEqualTo(topology);
        assertThat(new String(TopologyJson.write(topology, TopologyJson.Credentials.NONE), java.nio.charset.StandardCharsets.UTF_8))
                .doesNotContain("s3cret", "plain", "password");
    }

    private static final String SERVICES =
            """
            databases:
              main:
                url: "jdbc:postgresql://db0/app"
                user: billing_app
                password: app-password
                owner: {user: migrator, password: "env:MIGRATOR"}
            groups:
              billing:
                kind: global
                database: main
                schema: billing
                migrations: billing/migrations
                desired: {entities: billing/target/billing.jar, extra: billing/extra.sql}
            """;

    @Test
    void readsWhoMigratesAndWhatEachGroupOwns() {
        Topology topology = new TopologyReader(Map.of("MIGRATOR", "owner-password")::get).read("a.yaml", SERVICES);

        Endpoint owner = topology.database("main").owner().orElseThrow();
        assertThat(owner.user()).isEqualTo("migrator");
        assertThat(owner.password().reveal()).isEqualTo("owner-password");
        assertThat(topology.database("main").primary().user()).isEqualTo("billing_app");
        assertThat(topology.group("billing").schema())
                .contains(new GroupSchema(
                        "billing",
                        "billing/migrations",
                        new GroupSchema.Desired("billing/target/billing.jar", null, "billing/extra.sql")));
        assertThat(TopologyJson.read(TopologyJson.write(topology, TopologyJson.Credentials.ALL))).isEqualTo(topology);
    }

    @Test
    void givesTheOwnersPasswordToThoseAloneWhoMayKnowIt() {
        Topology topology = new TopologyReader(Map.of("MIGRATOR", "owner-password")::get).read("a.yaml", SERVICES);

        byte[] forTheApplication = TopologyJson.write(topology, TopologyJson.Credentials.APPLICATION);

        assertThat(new String(forTheApplication, java.nio.charset.StandardCharsets.UTF_8))
                .contains("app-password", "migrator")
                .doesNotContain("owner-password");
        assertThat(TopologyJson.read(forTheApplication).database("main").owner())
                .hasValueSatisfying(owner -> assertThat(owner.password().isEmpty()).isTrue());
    }

    @Test
    void readsAFileWhoseOwnersPasswordIsNotKnownHere() {
        Database main = reader.read("a.yaml", SERVICES).database("main");

        assertThat(main.owner()).hasValueSatisfying(owner -> assertThat(owner.password().isEmpty()).isTrue());
    }

    @Test
    void findsPathsFromTheFilesFolder(@TempDir Path folder) throws IOException {
        Path file = Files.writeString(folder.resolve("a.yaml"), SERVICES);

        GroupSchema schema = reader.read(file).group("billing").schema().orElseThrow();

        assertThat(schema.migrations()).contains(folder.resolve("billing/migrations").toString());
    }

    @Test
    void aProcessNeedsThePasswordsOfItsOwnGroupsAlone(@TempDir Path folder) throws IOException {
        Path file = Files.writeString(
                folder.resolve("services.yaml"),
                """
                databases:
                  auth:    {url: "jdbc:postgresql://db0/app", user: auth_app, password: "env:AUTH"}
                  billing: {url: "jdbc:postgresql://db0/app", user: billing_app, password: "env:MAIN"}
                groups:
                  auth:    {kind: global, database: auth, schema: auth}
                  billing: {kind: global, database: billing, schema: billing}
                """);

        Topology topology = reader.readFor(List.of("billing"), file);
        assertThat(topology.database("billing").primary().password().reveal()).isEqualTo("s3cret");
        assertThat(topology.database("auth").primary().password().isEmpty()).isTrue();
        for (ThrowingCallable read :
                List.<ThrowingCallable>of(() -> reader.readFor(List.of("auth"), file), () -> reader.read(file))) {
            assertThatExceptionOfType(AnabranchException.class)
                    .isThrownBy(read)
                    .withMessageContainingAll("line 2", "databases.auth.password", "AUTH");
        }
    }

    @Test
    void theOwnerMayHaveAWayOfItsOwnToTheDatabase() {
        Topology topology = new TopologyReader(Map.of("MIGRATOR", "owner-password")::get)
                .read("a.yaml", SERVICES.replace("owner: {", "owner: {url: \"jdbc:postgresql://direct:5433/real\", "));

        Database main = topology.database("main");
        assertThat(main.owner().orElseThrow().jdbcUrl()).isEqualTo("jdbc:postgresql://direct:5433/real");
        assertThat(main.owner().orElseThrow().user()).isEqualTo("migrator");
        assertThat(main.owner().orElseThrow().password().reveal()).isEqualTo("owner-password");
        assertThat(main.primary().host()).isEqualTo("db0");
        assertThat(TopologyJson.read(TopologyJson.write(topology, TopologyJson.Credentials.ALL))).isEqualTo(topology);
        Topology told = TopologyJson.read(TopologyJson.write(topology, TopologyJson.Credentials.APPLICATION));
        assertThat(told.withSecretsOf(topology)).isEqualTo(topology);
    }

    @ParameterizedTest
    @ValueSource(strings = {"jdbc:postgresql://direct", "jdbc:mariadb://direct/real", "direct"})
    void anOwnersAddressThatCannotBeUsedIsRefused(String url) {
        assertThatExceptionOfType(AnabranchException.class)
                .isThrownBy(() ->
                        reader.read("a.yaml", SERVICES.replace("owner: {", "owner: {url: \"" + url + "\", ")))
                .withMessageContaining("a.yaml, line");
    }

    @Test
    void twoGroupsDoNotOwnOneSchema() {
        String two = SERVICES + "  auth: {kind: global, database: main, schema: SCHEMA}\n";
        assertThatExceptionOfType(AnabranchException.class)
                .isThrownBy(() -> reader.read("a.yaml", two.replace("SCHEMA", "billing")))
                .withMessageContainingAll("'billing' and 'auth'", "the schema 'billing'", "database 'main'");
        assertThat(reader.read("a.yaml", two.replace("SCHEMA", "auth")).groups()).hasSize(2);
        String mine =
                """
                databases: {main: {url: "jdbc:postgresql://h/d", user: u}}
                groups: {a: {kind: global, database: main}, b: {kind: global, database: main}}
                """;
        assertThat(reader.read("a.yaml", mine).groups()).hasSize(2);
    }

    @Test
    void twoGroupsDoNotOwnOneDatabaseOfAMariaDbServer() {
        String two =
                """
                databases:
                  one: {url: "jdbc:mariadb://h/one", user: u}
                  two: {url: "jdbc:FLAVOR://h/two", user: u}
                groups:
                  a: {kind: global, database: one, schema: shop}
                  b: {kind: global, database: two, schema: shop}
                """;
        assertThatExceptionOfType(AnabranchException.class)
                .isThrownBy(() -> reader.read("a.yaml", two.replace("FLAVOR", "mariadb")))
                .withMessageContainingAll("'a' and 'b'", "the schema 'shop'");
        assertThat(reader.read("a.yaml", two.replace("FLAVOR", "postgresql")).groups()).hasSize(2);
    }

    @ParameterizedTest
    @ValueSource(strings = {"mysql", "sys", "performance_schema", "information_schema", "pg_toast", "1st"})
    void aSchemaOfTheServersIsNoGroups(String name) {
        assertThatExceptionOfType(AnabranchException.class)
                .isThrownBy(() -> new GroupSchema(name, null, null))
                .withMessageContaining("'" + name + "'");
    }

    @Test
    void showsNoPasswordInAnyText() {
        assertThat(reader.read("anabranch.yaml", WHOLE).toString()).doesNotContain("s3cret", "plain");
    }

    @ParameterizedTest
    @MethodSource
    void namesFileLineAndKey(String yaml, String place, String problem) {
        assertThatExceptionOfType(AnabranchException.class)
                .isThrownBy(() -> reader.read("conf/anabranch.yaml", yaml))
                .withMessageContaining("conf/anabranch.yaml, line " + place)
                .withMessageContaining(problem)
                .satisfies(e -> assertThat(e.hint()).isNotBlank());
    }

    static Stream<Arguments> namesFileLineAndKey() {
        return Stream.of(
                arguments("a: [1\nb: 2\n", "2", "expected"),
                arguments(WHOLE.replace("region: eu", "regoin: eu"), "4, key 'databases.shard-2.regoin'", "no known key"),
                arguments(WHOLE.replace("kind: global", "kind: local"), "10, key 'groups.billing.kind'", "'local'"),
                arguments(WHOLE.replace("database: main", "database: nowhere"), "10, key 'groups.billing.database'", "'nowhere'"),
                arguments(WHOLE.replace("[main, shard-2]", "[main, shard-3]"), "8, key 'groups.people.placement.hash[1]'", "shard-3"),
                arguments(WHOLE.replace("[main, shard-2]", "[main, main]"), "8, key 'groups.people.placement.hash'", "spread"),
                arguments(WHOLE.replace("42: shard-2", "x42: shard-2"), "8, key 'groups.people.placement.pinned.x42'", "no bigint"),
                arguments(WHOLE.replace("type: bigint", "type: int"), "1, key 'shardKey.type'", "'int'"),
                arguments(WHOLE.replace("customer_id", "customer id"), "1, key 'shardKey.column'", "identifier"),
                arguments(WHOLE.replace("env:MAIN", "env:OTHER"), "3, key 'databases.main.password'", "OTHER"),
                arguments(WHOLE.replace("jdbc:postgresql", "jdbc:oracle"), "3, key 'databases.main.url'", "no known flavor"),
                arguments(WHOLE.replace("tenants: listed", "tenants: some"), "9, key 'groups.people.tenants'", "neither"),
                arguments(WHOLE.replace("  billing:", "  people:"), "10, key 'groups.people'", "twice"),
                arguments(WHOLE.replace("user: app, password: plain", "password: plain"), "4, key 'databases.shard-2'", "'user'"),
                arguments(WHOLE.replace("kind: sharded", "kind:"), "7, key 'groups.people.kind'", "no text"),
                arguments(WHOLE.replace("{42: shard-2}", "{42: shard-2, 042: main}"), "8, key 'groups.people.placement.pinned.042'", "second time"),
                arguments(WHOLE.replace("password: plain", "password: null"), "4, key 'databases.shard-2.password'", "no text"),
                arguments(WHOLE.replace("sslmode=require", "a=%zz"), "3, key 'databases.main.url'", "cannot be read"),
                arguments(WHOLE.replace("sslmode=require", "sslpassword=x"), "3, key 'databases.main.url'", "credential"),
                arguments(SERVICES.replace("schema: billing", "schema: pg_billing"), "11, key 'groups.billing.schema'", "pg_billing"),
                arguments(SERVICES.replace("    schema: billing\n", ""), "9, key 'groups.billing'", "no schema"),
                arguments(SERVICES.replace("extra:", "schema:"), "13, key 'groups.billing.desired'", "either"),
                arguments(SERVICES.replace("{user: migrator, ", "{"), "6, key 'databases.main.owner'", "'user'"),
                arguments("databases: {}\n", "1, the whole file", "groups"));
    }

    @Test
    void repeatsNoCredentialOfABrokenAddress() {
        for (String url : new String[] {"jdbc:postgresql://app:hunter2@db0/app", "jdbc:postgresql://db0/app?password=hunter2"}) {
            assertThatExceptionOfType(AnabranchException.class)
                    .isThrownBy(() -> Endpoint.ofUrl(url, "app", Secret.of("")))
                    .satisfies(e -> assertThat(e.getMessage()).doesNotContain("hunter2"));
        }
    }
}
