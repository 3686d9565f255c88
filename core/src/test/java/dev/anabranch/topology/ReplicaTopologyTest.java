// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.topology;

import dev.anabranch.problem.AnabranchException;
import dev.anabranch.problem.ErrorCode;
import dev.anabranch.topology.TopologyJson.Credentials;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.junit.jupiter.params.provider.Arguments.arguments;

/** Replicas, audiences, and routes by audience, in a file and as JSON. */
class ReplicaTopologyTest {
    private static final String WHOLE =
            """
            databases:
              main: {url: "jdbc:postgresql://db0/app", user: app, password: one}
              published: {url: "jdbc:postgresql://db1/app", user: app, password: two}
              reviews:
                url: "jdbc:postgresql://db3/app"
                user: app
                password: three
                replicas:
                  - {url: "jdbc:postgresql://db3b/app", weight: 2}
                  - {name: reports, url: "jdbc:postgresql://db3c/app", user: reader, password: four, audiences: [internal]}
            audiences:
              internal: {readOnly: true}
            groups:
              catalog: {kind: global, database: main, audiences: {public: published}}
              reviews: {kind: global, database: reviews}
            """;

    private final TopologyReader reader = new TopologyReader(Map.<String, String>of()::get);

    @Test
    void readsReplicasAndWhoTheyAreKeptFor() {
        Topology topology = reader.read("anabranch.yaml", WHOLE);

        Database reviews = topology.database("reviews");
        assertThat(reviews.replicas()).extracting(Replica::name).containsExactly("reviews-replica-1", "reports");
        Replica first = reviews.replicas().getFirst();
        assertThat(first.weight()).isEqualTo(2);
        assertThat(first.audiences()).isEmpty();
        assertThat(first.endpoint().user()).isEqualTo("app");
        assertThat(first.endpoint().password().reveal()).isEqualTo("three");
        Replica reports = reviews.replica("reports").orElseThrow();
        assertThat(reports.endpoint().jdbcUrl()).isEqualTo("jdbc:postgresql://db3c:5432/app");
        assertThat(reports.endpoint().user()).isEqualTo("reader");
        assertThat(reports.weight()).isEqualTo(Replica.USUAL_WEIGHT);
        assertThat(reviews.keepsFor("internal")).isTrue();
        assertThat(reviews.keepsFor("public")).isFalse();
    }

    @Test
    void knowsTheAudiencesThatAnythingNames() {
        Topology topology = reader.read("anabranch.yaml", WHOLE);

        assertThat(topology.audience("internal")).isEqualTo(new Audience("internal", true));
        assertThat(topology.audience("public")).isEqualTo(new Audience("public", false));
        assertThatExceptionOfType(AnabranchException.class)
                .isThrownBy(() -> topology.audience("drafts"))
                .satisfies(e -> assertThat(e.code()).isEqualTo(ErrorCode.AUDIENCE_UNKNOWN))
                .withMessageContaining("'drafts'");
    }

    @Test
    void routesAGroupByAudience() {
        Group.Global catalog = (Group.Global) reader.read("anabranch.yaml", WHOLE).group("catalog");

        assertThat(catalog.databaseFor("public")).isEqualTo("published");
        assertThat(catalog.databaseFor("internal")).isEqualTo("main");
        assertThat(catalog.databaseFor(null)).isEqualTo("main");
        assertThat(catalog.databases()).containsExactly("main", "published");
    }

    @Test
    void isTheSameAfterItWasWrittenAsJson() {
        Topology topology = reader.read("anabranch.yaml", WHOLE);

        assertThat(TopologyJson.read(TopologyJson.write(topology, Credentials.ALL))).isEqualTo(topology);
    }

    @Test
    void writesNoReplicasPasswordWhereNoneMayBeTold() {
        Topology topology = reader.read("anabranch.yaml", WHOLE);

        assertThat(new String(TopologyJson.write(topology, Credentials.NONE), StandardCharsets.UTF_8))
                .contains("reports", "reader")
                .doesNotContain("three", "four");
    }

    @Test
    void keepsTheSecretsOfReplicasThatAreTheSameAsBefore() {
        Topology told = reader.read("anabranch.yaml", WHOLE);
        Topology silent = TopologyJson.read(TopologyJson.write(told, Credentials.NONE));

        assertThat(silent.withSecretsOf(told)).isEqualTo(told);
    }

    static List<Arguments> mistakes() {
        return List.of(
                arguments("weight: 2}", "weight: 0}", "The weight 0 of the replica 'reviews-replica-1'"),
                arguments("weight: 2}", "weight: two}", "The weight 'two' is no whole number"),
                arguments("name: reports", "name: main", "The name 'main' of a replica of the database 'reviews' is taken"),
                arguments("postgresql://db3b", "mariadb://db3b", "is one of mariadb, and its primary one of postgres"),
                arguments("user: reader, password: four", "password: four", "has a password and no user"),
                arguments("[internal]", "[\"in ternal\"]", "The audience name 'in ternal' is not allowed"),
                arguments("readOnly: true", "readOnly: perhaps", "says readOnly: perhaps"),
                arguments("{public: published}", "{public: nowhere}", "names the database 'nowhere'"),
                arguments("kind: global, database: main, aud", "kind: sharded, placement: {hash: [main]}, aud", "and is sharded"));
    }

    @ParameterizedTest
    @MethodSource("mistakes")
    void saysWhereAndWhatIsWrong(String right, String wrong, String message) {
        assertThat(WHOLE).contains(right);

        assertThatExceptionOfType(AnabranchException.class)
                .isThrownBy(() -> reader.read("anabranch.yaml", WHOLE.replace(right, wrong)))
                .satisfies(e -> assertThat(e.code()).isEqualTo(ErrorCode.CONFIGURATION_INVALID))
                .withMessageContaining("anabranch.yaml, line")
                .withMessageContaining(message);
    }

    @Test
    void givesAnAudienceToWhomItIsKept() {
        Replica replica = new Replica("r", Endpoint.ofUrl("jdbc:postgresql://h/d", "u", Secret.of("p")), 1, Set.of("b", "a"));

        assertThat(replica.audiences()).containsExactly("a", "b");
    }
}
