// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.operations.migration.lint;

import dev.anabranch.operations.migration.files.MigrationFile;
import dev.anabranch.operations.migration.files.MigrationSet;
import dev.anabranch.problem.AnabranchException;
import dev.anabranch.problem.ErrorCode;
import dev.anabranch.routing.DatabaseRouter;
import dev.anabranch.routing.RelationEnd;
import dev.anabranch.routing.RouterChain;
import dev.anabranch.topology.Database;
import dev.anabranch.topology.Endpoint;
import dev.anabranch.topology.Flavor;
import dev.anabranch.topology.Group;
import dev.anabranch.topology.GroupSchema;
import dev.anabranch.topology.KeyType;
import dev.anabranch.topology.Secret;
import dev.anabranch.topology.ShardKey;
import dev.anabranch.topology.Topology;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

class RefusedRelationTest {
    private static final Group REVIEWS = group("reviews", "reviews");
    private static final Topology APART = topology(group("shop", "main"));
    private static final Topology TOGETHER = topology(group("shop", "reviews"));
    private static final String CREATE =
            "CREATE TABLE review (id bigint PRIMARY KEY, product_id bigint REFERENCES shop.product (id));";

    private static Group group(String name, String database) {
        return new Group.Global(name, database, new GroupSchema(name, null, null));
    }

    private static Topology topology(Group shop) {
        return new Topology(
                1,
                new ShardKey("customer_id", KeyType.TEXT),
                Map.of("main", database("main"), "reviews", database("reviews")),
                Map.of("reviews", REVIEWS, "shop", shop));
    }

    private static Database database(String name) {
        return new Database(
                name, new Endpoint(Flavor.POSTGRES, name, 5432, "app", "app", Secret.of(""), Map.of()), null);
    }

    private static RouterChain says(boolean allowed) {
        return new RouterChain(List.of(new DatabaseRouter() {
            @Override
            public String name() {
                return "ShopRouter";
            }

            @Override
            public Optional<Boolean> allowRelation(RelationEnd from, RelationEnd to) {
                boolean asked = from.equals(new RelationEnd("reviews", "review", null))
                        && to.equals(new RelationEnd("shop", "product", null));
                return asked ? Optional.of(allowed) : Optional.empty();
            }
        }));
    }

    private static MigrationSet set(String... texts) {
        List<MigrationFile> files = new ArrayList<>();
        for (String text : texts) {
            files.add(MigrationSet.file("test", "V" + (files.size() + 1) + "__next.sql", text));
        }
        return new MigrationSet("test", files);
    }

    private static List<RefusedRelation> refused(Topology topology, RouterChain routers, String... texts) {
        return RefusedRelation.of(set(texts), REVIEWS, topology, routers);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                CREATE,
                "CREATE TABLE review (id bigint, product_id bigint, FOREIGN KEY (product_id) REFERENCES shop.product (id))",
                "CREATE TABLE review (id bigint); ALTER TABLE review ADD COLUMN p bigint REFERENCES \"shop\".product",
                "ALTER TABLE review ADD CONSTRAINT of_product FOREIGN KEY (p) REFERENCES shop.product NOT VALID",
            })
    void aForeignKeyToAGroupElsewhereIsRefusedWithBothEnds(String sql) {
        List<RefusedRelation> refused = refused(APART, RouterChain.NONE, "SELECT 1;\n" + sql);
        assertThat(refused).hasSize(1);
        assertThat(refused.getFirst().from()).isEqualTo(new RelationEnd("reviews", "review", null));
        assertThat(refused.getFirst().to()).isEqualTo(new RelationEnd("shop", "product", null));
        assertThat(refused.getFirst().line()).isEqualTo(2);
        AnabranchException failure = catchThrowableOfType(
                AnabranchException.class,
                () -> RefusedRelation.refuse(set(sql), REVIEWS, APART, RouterChain.NONE));
        assertThat(failure.code()).isEqualTo(ErrorCode.RELATION_REFUSED);
        assertThat(failure.problem())
                .contains("'review' of the group 'reviews' (on [reviews])")
                .contains("'product' of the group 'shop' (on [main])")
                .contains("V1__next.sql:1");
    }

    @Test
    void oneWithinADoBlockIsFoundToo() {
        String block = "DO $$ BEGIN ALTER TABLE review ADD FOREIGN KEY (p) REFERENCES shop.product; END $$;";
        assertThat(refused(APART, RouterChain.NONE, block)).hasSize(1);
    }

    @Test
    void theSameDatabasesOrARoutersYesAllowIt() {
        assertThat(refused(TOGETHER, RouterChain.NONE, CREATE)).isEmpty();
        assertThat(refused(APART, says(true), CREATE)).isEmpty();
        assertThat(refused(TOGETHER, says(false), CREATE)).singleElement().hasToString(
                "The table 'review' of the group 'reviews' (on [reviews]) has a foreign key to 'product' of the group 'shop'"
                        + " (on [reviews]) in V1__next.sql:1, which the router 'ShopRouter' does not allow");
    }

    @Test
    void whatIsNoOtherGroupsIsNotRefused() {
        assertThat(refused(APART, RouterChain.NONE, CREATE.replace("shop.", ""))).isEmpty();
        assertThat(refused(APART, RouterChain.NONE, CREATE.replace("shop.", "reviews."))).isEmpty();
        assertThat(refused(APART, RouterChain.NONE, CREATE.replace("shop.", "nobodys."))).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "ALTER TABLE review DROP CONSTRAINT review_product_id_fkey",
                "ALTER TABLE review DROP COLUMN product_id",
                "DROP TABLE review"
            })
    void whatALaterFileTakesAwayIsNotRefused(String removal) {
        assertThat(refused(APART, RouterChain.NONE, CREATE, removal)).isEmpty();
        assertThat(refused(APART, RouterChain.NONE, CREATE, removal.replace("review", "other"))).hasSize(1);
    }

    @Test
    void lintIsOneRuleAnErrorWhereItIsRefusedAndNoCommentAllowsIt() {
        String allowed = "-- lint: allow neighbour-reference because we are in a hurry\n" + CREATE;
        LintContext context = LintContext.of(set(allowed), "reviews").withTimeoutsByRunner();
        List<Finding> apart = Lint.of(context.withNeighbours(REVIEWS, APART, RouterChain.NONE)).findings();
        assertThat(apart).filteredOn(finding -> finding.rule() == LintRule.NEIGHBOUR_REFERENCE).singleElement()
                .satisfies(finding -> {
                    assertThat(finding.severity()).isEqualTo(Severity.ERROR);
                    assertThat(finding.reason()).contains("(on [reviews])").contains("(on [main])");
                });
        assertThat(Lint.of(context.withNeighbours(REVIEWS, TOGETHER, RouterChain.NONE)).findings()).isEmpty();
        assertThat(Lint.of(LintContext.of(set(CREATE), "reviews")
                                .withTimeoutsByRunner()
                                .withNeighbours(REVIEWS, TOGETHER, RouterChain.NONE))
                        .findings())
                .extracting(Finding::severity)
                .containsExactly(Severity.WARNING);
    }
}
