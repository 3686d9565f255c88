// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.operations.migration.run;

import dev.anabranch.operations.migration.files.MigrationSet;
import dev.anabranch.operations.migration.run.MigrationPlaces.Answer;
import dev.anabranch.problem.AnabranchException;
import dev.anabranch.problem.ErrorCode;
import dev.anabranch.routing.DatabaseRouter;
import dev.anabranch.routing.RouterChain;
import dev.anabranch.routing.RoutingHints;
import dev.anabranch.topology.Database;
import dev.anabranch.topology.Endpoint;
import dev.anabranch.topology.Flavor;
import dev.anabranch.topology.Group;
import dev.anabranch.topology.KeyType;
import dev.anabranch.topology.Replica;
import dev.anabranch.topology.Secret;
import dev.anabranch.topology.ShardKey;
import dev.anabranch.topology.Topology;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiFunction;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

class MigrationPlacesTest {
    private static final Group CATALOG = new Group.Global("catalog", "main", Map.of("public", "published"), null);
    private static final Topology TOPOLOGY = new Topology(
            1,
            new ShardKey("customer_id", KeyType.TEXT),
            Map.of("main", database("main", new Replica("main-b", at("main-b"))), "published", database("published"),
                    "spare", database("spare")),
            Map.of("catalog", CATALOG));

    private static Database database(String name, Replica... replicas) {
        return new Database(name, at(name), null, null, List.of(replicas));
    }

    private static Endpoint at(String host) {
        return new Endpoint(Flavor.POSTGRES, host, 5432, "app", "app", Secret.of(""), Map.of());
    }

    private static DatabaseRouter router(String name, BiFunction<String, RoutingHints, Optional<Boolean>> answer) {
        return new DatabaseRouter() {
            @Override
            public String name() {
                return name;
            }

            @Override
            public Optional<Boolean> allowMigrate(String database, RoutingHints hints) {
                return answer.apply(database, hints);
            }
        };
    }

    private static RouterChain says(String database, boolean migrates) {
        return new RouterChain(List.of(
                router("passes", (_, _) -> Optional.empty()),
                router("decides", (name, hints) -> name.equals(database) && hints.group().equals("catalog")
                        ? Optional.of(migrates)
                        : Optional.empty()),
                router("too late", (_, _) -> Optional.of(!migrates))));
    }

    private static List<String> names(MigrationPlaces places) {
        return places.targets().stream().map(target -> target.database().name()).toList();
    }

    @Test
    void withoutRoutersAGroupIsWhereTheTopologyHasItRoutesByAudienceToo() {
        MigrationPlaces places = MigrationPlaces.of(CATALOG, TOPOLOGY, RouterChain.NONE);
        assertThat(names(places)).as("and on no replica").containsExactly("main", "published");
        assertThat(places.answers()).isEmpty();
    }

    @Test
    void aRouterTakesADatabaseOut() {
        RouterChain routers = new RouterChain(List.of(router(
                "decides", (name, _) -> name.equals("published") ? Optional.of(false) : Optional.empty())));
        MigrationPlaces places = MigrationPlaces.of(CATALOG, TOPOLOGY, routers);
        assertThat(names(places)).containsExactly("main");
        assertThat(places.answers()).containsExactly(new Answer("catalog", "published", false, "decides"));
        MigrationPlan plan = MigrationPlan.of(new MigrationSet("test", List.of()), places, RunOptions.DEFAULT);
        assertThat(plan.routed()).hasToString("[catalog: published is left out by the router 'decides']");
    }

    @Test
    void theFirstRouterThatAnswersDecides() {
        MigrationPlaces added = MigrationPlaces.of(CATALOG, TOPOLOGY, says("spare", true));
        assertThat(added.answers()).contains(new Answer("catalog", "spare", true, "decides"));
        assertThat(names(added)).contains("spare").doesNotContain("main", "published");
    }

    @Test
    void aDatabaseThatIsNamedNeedsNoPlaceButNoRoutersNo() {
        assertThat(names(MigrationPlaces.of(CATALOG, TOPOLOGY, RouterChain.NONE, List.of("spare")))).containsExactly("spare");
        MigrationPlaces refused = MigrationPlaces.of(CATALOG, TOPOLOGY, says("spare", false), List.of("spare"));
        assertThat(refused.targets()).isEmpty();
        assertThat(refused.answers()).containsExactly(new Answer("catalog", "spare", false, "decides"));
    }

    @Test
    void aRouterThatFailsIsNamed() {
        RouterChain broken = new RouterChain(List.of(router("broken", (_, _) -> {
            throw new IllegalStateException("no table");
        })));
        AnabranchException failure = catchThrowableOfType(
                AnabranchException.class, () -> MigrationPlaces.of(CATALOG, TOPOLOGY, broken));
        assertThat(failure.code()).isEqualTo(ErrorCode.ROUTER_INVALID);
        assertThat(failure).hasMessageContaining("broken");
    }
}
