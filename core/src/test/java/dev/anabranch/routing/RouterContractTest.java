// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.routing;

import dev.anabranch.directory.LocalDirectory;
import dev.anabranch.problem.AnabranchException;
import dev.anabranch.problem.ErrorCode;
import dev.anabranch.tenant.AudienceContext;
import dev.anabranch.tenant.TenantContext;
import dev.anabranch.tenant.TenantId;
import dev.anabranch.topology.BucketMap;
import dev.anabranch.topology.Database;
import dev.anabranch.topology.Endpoint;
import dev.anabranch.topology.Flavor;
import dev.anabranch.topology.Group;
import dev.anabranch.topology.KeyType;
import dev.anabranch.topology.Replica;
import dev.anabranch.topology.Secret;
import dev.anabranch.topology.ShardKey;
import dev.anabranch.topology.Topology;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/** What routers may answer, and what becomes of it: a case for each line of the contract. */
class RouterContractTest {
    private static final String TOPOLOGY = RouterChain.TOPOLOGY;

    private final Topology topology = topology();

    /** {@code orders} is sharded by a number, {@code listed} too and for pinned tenants alone; {@code catalog} is global. */
    private static Topology topology() {
        Group orders = new Group.Sharded(
                "orders", BucketMap.evenly(List.of("shard")), Map.of(new TenantId("7"), "other"), Group.Tenants.ANY);
        Group listed = new Group.Sharded(
                "listed", BucketMap.evenly(List.of("shard")), Map.of(new TenantId("7"), "other"), Group.Tenants.LISTED);
        Group catalog = new Group.Global("catalog", "main", Map.of("public", "published"), null);
        Group prices = new Group.Global("prices", "main");
        return new Topology(
                3,
                new ShardKey("customer_id", KeyType.BIGINT),
                Map.of(
                        "main",
                        new Database(
                                "main",
                                endpoint("main"),
                                null,
                                null,
                                List.of(new Replica("main-replica", endpoint("main"), 1, Set.of("internal")))),
                        "published",
                        new Database("published", endpoint("published"), null),
                        "shard",
                        new Database("shard", endpoint("shard"), null),
                        "other",
                        new Database("other", endpoint("other"), null)),
                Map.of("orders", orders, "listed", listed, "catalog", catalog, "prices", prices));
    }

    private static Endpoint endpoint(String name) {
        return new Endpoint(Flavor.POSTGRES, "127.0.0.1", 1, name, name, Secret.of("x"), Map.of());
    }

    /** Answers reads and writes with these names; passes where one is null. */
    private record Fixed(String name, @Nullable String read, @Nullable String write) implements DatabaseRouter {
        @Override
        public Optional<String> databaseForRead(RoutingHints hints) {
            return Optional.ofNullable(read);
        }

        @Override
        public Optional<String> databaseForWrite(RoutingHints hints) {
            return Optional.ofNullable(write);
        }
    }

    private static final DatabaseRouter PASSES = new DatabaseRouter() {
        @Override
        public String name() {
            return "passes";
        }
    };

    private static final DatabaseRouter FAILS = new DatabaseRouter() {
        @Override
        public String name() {
            return "fails";
        }

        @Override
        public Optional<String> databaseForRead(RoutingHints hints) {
            throw new IllegalStateException("no read today");
        }

        @Override
        public Optional<String> databaseForWrite(RoutingHints hints) {
            throw new IllegalStateException("no write today");
        }

        @Override
        public Optional<Boolean> allowRelation(RelationEnd from, RelationEnd to) {
            throw new IllegalStateException("no relation today");
        }

        @Override
        public Optional<Boolean> allowMigrate(String database, RoutingHints hints) {
            throw new IllegalStateException("no migration today");
        }
    };

    private static final DatabaseRouter NULLS = new DatabaseRouter() {
        @Override
        public String name() {
            return "nulls";
        }

        @Override
        @SuppressWarnings("NullAway")
        public Optional<String> databaseForRead(RoutingHints hints) {
            return null;
        }
    };

    /** One line of the table: with these routers and hints, this database, by this router, with this replica if any. */
    private record Decides(
            String what,
            List<DatabaseRouter> routers,
            RoutingHints hints,
            Access access,
            String database,
            String router,
            String reason,
            @Nullable String only) {
        @Override
        public String toString() {
            return what;
        }
    }

    private static RoutingHints on(String group, @Nullable String tenant, @Nullable String audience) {
        return RoutingHints.of(group).withTenant(tenant == null ? null : new TenantId(tenant)).withAudience(audience);
    }

    static Stream<Decides> decisions() {
        DatabaseRouter first = new Fixed("first", "published", "published");
        DatabaseRouter second = new Fixed("second", "other", "other");
        DatabaseRouter splits = new Fixed("splits", "published", null);
        RoutingHints catalog = on("catalog", null, null);
        return Stream.of(
                new Decides("no router: the topology", List.of(), catalog, Access.WRITE, "main", TOPOLOGY, "global group", null),
                new Decides("the first answers", List.of(first, second), catalog, Access.WRITE, "published", "first", "first", null),
                new Decides("in their order", List.of(second, first), catalog, Access.READ, "other", "second", "second", null),
                new Decides("one passes", List.of(PASSES, second), catalog, Access.READ, "other", "second", "second", null),
                new Decides("all pass", List.of(PASSES, PASSES), catalog, Access.READ, "main", TOPOLOGY, "global group", null),
                new Decides("answers reads", List.of(splits), catalog, Access.READ, "published", "splits", "splits", null),
                new Decides("passes writes", List.of(splits), catalog, Access.WRITE, "main", TOPOLOGY, "global group", null),
                new Decides(
                        "a replica for a read",
                        List.of(new Fixed("near", "main-replica", null)),
                        catalog,
                        Access.READ,
                        "main",
                        "near",
                        "near",
                        "main-replica"),
                new Decides("a sharded group", List.of(first), on("orders", "42", null), Access.READ, "published", "first", "first", null),
                new Decides("pinned", List.of(PASSES), on("orders", "007", null), Access.READ, "other", TOPOLOGY, "pinned", null),
                new Decides("hashed", List.of(), on("orders", "42", null), Access.WRITE, "shard", TOPOLOGY, "hash, bucket", null),
                new Decides("a listed tenant", List.of(first), on("listed", "7", null), Access.READ, "published", "first", "first", null),
                new Decides(
                        "the audience's route",
                        List.of(PASSES),
                        on("catalog", null, "public"),
                        Access.READ,
                        "published",
                        TOPOLOGY,
                        "audience 'public'",
                        null),
                new Decides(
                        "another audience", List.of(), on("catalog", null, "internal"), Access.READ, "main", TOPOLOGY, "global group", null),
                new Decides(
                        "a router before the audience's route",
                        List.of(second),
                        on("catalog", null, "public"),
                        Access.READ,
                        "other",
                        "second",
                        "second",
                        null),
                new Decides(
                        "one that fails is not reached", List.of(first, FAILS), catalog, Access.READ, "published", "first", "first", null));
    }

    @ParameterizedTest
    @MethodSource("decisions")
    void decides(Decides expected) {
        List<RouteExplanation.Step> steps = new ArrayList<>();
        RouteDecision decision = router(expected.routers()).decide(expected.hints(), expected.access(), steps);
        assertThat(decision.database()).isEqualTo(expected.database());
        assertThat(decision.location().name()).isEqualTo(expected.database());
        assertThat(decision.router()).isEqualTo(expected.router());
        assertThat(decision.reason()).contains(expected.reason());
        assertThat(decision.only()).isEqualTo(expected.only());
        assertThat(decision.audience()).isEqualTo(expected.hints().audienceOrNull());
        // The steps end with the one that decided, and those before it have passed.
        assertThat(steps.getLast().router()).isEqualTo(expected.router());
        assertThat(steps.getLast().answer()).isEqualTo(expected.only() == null ? expected.database() : expected.only());
        assertThat(steps.subList(0, steps.size() - 1)).allSatisfy(step -> {
            assertThat(step.answer()).isNull();
            assertThat(step.reason()).isEqualTo("passed");
        });
    }

    /** One line of the table: with these routers and hints, this failure, naming this. */
    private record Refuses(
            String what, List<DatabaseRouter> routers, RoutingHints hints, Access access, ErrorCode code, List<String> named) {
        @Override
        public String toString() {
            return what;
        }
    }

    static Stream<Refuses> refusals() {
        RoutingHints catalog = on("catalog", null, null);
        DatabaseRouter first = new Fixed("first", "published", "published");
        return Stream.of(
                new Refuses(
                        "a database that does not exist",
                        List.of(new Fixed("lost", "nowhere", null)),
                        catalog,
                        Access.READ,
                        ErrorCode.ROUTER_INVALID,
                        List.of("'lost'", "databaseForRead", "'nowhere'", "published", "main-replica", "revision 3")),
                new Refuses(
                        "a replica for a write",
                        List.of(new Fixed("near", null, "main-replica")),
                        catalog,
                        Access.WRITE,
                        ErrorCode.ROUTER_INVALID,
                        List.of("'near'", "databaseForWrite", "'main-replica'", "takes no writes")),
                new Refuses(
                        "an exception in a read",
                        List.of(PASSES, FAILS),
                        catalog,
                        Access.READ,
                        ErrorCode.ROUTER_INVALID,
                        List.of("'fails'", "databaseForRead", "no read today", "Optional.empty()")),
                new Refuses(
                        "an exception in a write",
                        List.of(FAILS),
                        catalog,
                        Access.WRITE,
                        ErrorCode.ROUTER_INVALID,
                        List.of("'fails'", "databaseForWrite", "no write today")),
                new Refuses("null", List.of(NULLS), catalog, Access.READ, ErrorCode.ROUTER_INVALID, List.of("'nulls'", "null")),
                new Refuses(
                        "a sharded group without its tenant",
                        List.of(first),
                        on("orders", null, null),
                        Access.READ,
                        ErrorCode.TENANT_NOT_BOUND,
                        List.of("'orders'")),
                new Refuses(
                        "a tenant that is not listed",
                        List.of(first),
                        on("listed", "8", null),
                        Access.READ,
                        ErrorCode.TENANT_UNKNOWN,
                        List.of("'listed'", "'8'")),
                new Refuses(
                        "a tenant of another type",
                        List.of(first),
                        on("orders", "x", null),
                        Access.READ,
                        ErrorCode.TENANT_INVALID,
                        List.of("'x'")),
                new Refuses(
                        "an unknown group",
                        List.of(first),
                        on("nothing", null, null),
                        Access.READ,
                        ErrorCode.GROUP_UNKNOWN,
                        List.of("'nothing'")),
                new Refuses(
                        "an unknown audience",
                        List.of(first),
                        on("catalog", null, "strangers"),
                        Access.READ,
                        ErrorCode.AUDIENCE_UNKNOWN,
                        List.of("'strangers'", "public", "internal")));
    }

    @ParameterizedTest
    @MethodSource("refusals")
    void refuses(Refuses expected) {
        assertThatExceptionOfType(AnabranchException.class)
                .isThrownBy(() -> router(expected.routers()).decide(expected.hints(), expected.access(), null))
                .satisfies(e -> {
                    assertThat(e.code()).isEqualTo(expected.code());
                    assertThat(e.getMessage()).contains(expected.named());
                });
    }

    /** One line of the table: what the first router that does not pass says, else whether both ends are in the same place. */
    private record Relates(String what, List<DatabaseRouter> routers, String from, String to, boolean allowed, String router) {
        @Override
        public String toString() {
            return what;
        }
    }

    private record Opinion(String name, boolean opinion) implements DatabaseRouter {
        @Override
        public Optional<Boolean> allowRelation(RelationEnd from, RelationEnd to) {
            return Optional.of(opinion);
        }

        @Override
        public Optional<Boolean> allowMigrate(String database, RoutingHints hints) {
            return Optional.of(opinion);
        }
    }

    static Stream<Relates> relations() {
        DatabaseRouter yes = new Opinion("yes", true);
        DatabaseRouter no = new Opinion("no", false);
        return Stream.of(
                new Relates("within a group", List.of(), "catalog", "catalog", true, TOPOLOGY),
                new Relates("into other databases", List.of(), "catalog", "orders", false, TOPOLOGY),
                new Relates("into a part of them", List.of(PASSES), "catalog", "prices", false, TOPOLOGY),
                new Relates("between groups in the same databases", List.of(PASSES), "orders", "listed", true, TOPOLOGY),
                new Relates("allowed", List.of(PASSES, yes, no), "catalog", "orders", true, "yes"),
                new Relates("refused", List.of(no, yes), "catalog", "catalog", false, "no"));
    }

    @ParameterizedTest
    @MethodSource("relations")
    void relates(Relates expected) {
        RouterChain.Verdict verdict = new RouterChain(expected.routers())
                .allowsRelation(
                        new RelationEnd(expected.from(), "From.to", null), new RelationEnd(expected.to(), "To", null), topology);
        assertThat(verdict.allowed()).isEqualTo(expected.allowed());
        assertThat(verdict.router()).isEqualTo(expected.router());
    }

    /** One line of the table: what the first router that does not pass says, else whether the topology places it there. */
    private record Migrates(String what, List<DatabaseRouter> routers, String group, String database, boolean allowed, String router) {
        @Override
        public String toString() {
            return what;
        }
    }

    static Stream<Migrates> migrations() {
        DatabaseRouter yes = new Opinion("yes", true);
        DatabaseRouter no = new Opinion("no", false);
        return Stream.of(
                new Migrates("where it is", List.of(), "catalog", "main", true, TOPOLOGY),
                new Migrates("where an audience's rows are", List.of(), "catalog", "published", true, TOPOLOGY),
                new Migrates("where a tenant is pinned", List.of(PASSES), "orders", "other", true, TOPOLOGY),
                new Migrates("where it is not", List.of(PASSES), "catalog", "shard", false, TOPOLOGY),
                new Migrates("allowed", List.of(PASSES, yes, no), "catalog", "shard", true, "yes"),
                new Migrates("refused", List.of(no, yes), "catalog", "main", false, "no"));
    }

    @ParameterizedTest
    @MethodSource("migrations")
    void migrates(Migrates expected) {
        RouterChain.Verdict verdict = new RouterChain(expected.routers())
                .allowsMigrate(expected.database(), RoutingHints.of(expected.group()), topology);
        assertThat(verdict.allowed()).isEqualTo(expected.allowed());
        assertThat(verdict.router()).isEqualTo(expected.router());
    }

    @Test
    void namesTheRouterThatFailsToSayWhetherARelationOrAMigrationMayBe() {
        RouterChain chain = new RouterChain(List.of(PASSES, FAILS));
        RelationEnd end = new RelationEnd("catalog", "Product", null);
        assertThatExceptionOfType(AnabranchException.class)
                .isThrownBy(() -> chain.allowsRelation(end, end, topology))
                .satisfies(e -> assertThat(e.code()).isEqualTo(ErrorCode.ROUTER_INVALID))
                .withMessageContaining("'fails' failed in allowRelation");
        assertThatExceptionOfType(AnabranchException.class)
                .isThrownBy(() -> chain.allowsMigrate("main", RoutingHints.of("catalog"), topology))
                .satisfies(e -> assertThat(e.code()).isEqualTo(ErrorCode.ROUTER_INVALID))
                .withMessageContaining("'fails' failed in allowMigrate");
    }

    @Test
    void givesRoutersWhatIsBoundToTheRunningCode() throws Exception {
        AtomicReference<RoutingHints> seen = new AtomicReference<>();
        DatabaseRouter sees = new DatabaseRouter() {
            @Override
            public Optional<String> databaseForWrite(RoutingHints hints) {
                seen.set(hints);
                return Optional.empty();
            }
        };
        Router router = router(List.of(sees));
        Object order = new Object();
        // In another spelling than the canonical one, which is what a router sees.
        TenantContext.call(
                "007",
                () -> AudienceContext.call(
                        "internal",
                        () -> RoutingScope.callAbout(
                                new RoutingScope.About("orders_2026", Object.class, order),
                                () -> router.decideForBound("orders", Access.WRITE))));
        assertThat(seen.get())
                .isEqualTo(new RoutingHints("orders", new TenantId("7"), "internal", "orders_2026", Object.class, order));

        router.decideForBound("catalog", Access.WRITE);
        assertThat(seen.get()).isEqualTo(RoutingHints.of("catalog"));
    }

    private Router router(List<DatabaseRouter> routers) {
        return new Router(new LocalDirectory(topology), new RouterChain(routers));
    }
}
