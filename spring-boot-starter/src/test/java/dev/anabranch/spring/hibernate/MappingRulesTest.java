// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.spring.hibernate;

import dev.anabranch.problem.AnabranchException;
import dev.anabranch.problem.ErrorCode;
import dev.anabranch.spring.Contexts;
import dev.anabranch.spring.hibernate.Entities.Country;
import dev.anabranch.spring.hibernate.Entities.Customer;
import dev.anabranch.spring.hibernate.Entities.Increments;
import dev.anabranch.spring.hibernate.Entities.KeyBesideAssociation;
import dev.anabranch.spring.hibernate.Entities.KeyInEmbeddedId;
import dev.anabranch.spring.hibernate.Entities.KeyIsAssociation;
import dev.anabranch.spring.hibernate.Entities.KeyNotWritten;
import dev.anabranch.spring.hibernate.Entities.Note;
import dev.anabranch.spring.hibernate.Entities.PooledSequence;
import dev.anabranch.spring.hibernate.Entities.PooledTable;
import dev.anabranch.spring.hibernate.Entities.SingleSequence;
import dev.anabranch.spring.hibernate.Entities.Unkeyed;
import dev.anabranch.topology.Database;
import dev.anabranch.topology.Topology;
import dev.anabranch.topology.TopologyReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;



/** What Hibernate may map in a sharded group. No database is there: to start takes no connection. */
@ExtendWith(OutputCaptureExtension.class)
class MappingRulesTest {
    private static final String MIXED =
            """
            databases:
              pg:    {url: "jdbc:postgresql://127.0.0.1:1/app", user: app}
              maria: {url: "jdbc:mariadb://127.0.0.1:2/app", user: app}
            groups:
              default: {kind: sharded, placement: {hash: [%s]}}
            """;

    @ParameterizedTest
    @ValueSource(classes = {Note.class, Country.class, KeyInEmbeddedId.class, SingleSequence.class})
    void startsWithoutAnyDatabase(Class<?> entity) {
        Contexts.withEntities(entity).close();
    }

    @ParameterizedTest
    @ValueSource(classes = {Unkeyed.class, KeyNotWritten.class})
    void refusesAnEntityWithoutTheShardKey(Class<?> entity, CapturedOutput output) {
        assertRefused(entity, "customer_id");
        assertThat(output.getAll()).contains("APPLICATION FAILED TO START", "@NoShardKey").doesNotContain("\tat ");
    }

    @Test
    void saysWhatIsSupportedWhereTheShardKeyIsAnAssociation() {
        Throwable failure = catchThrowable(
                () -> Contexts.withEntities(List.of(Customer.class, KeyIsAssociation.class)).close());
        assertThat(AnabranchException.in(failure).orElseThrow().getMessage())
                .contains("[" + KeyIsAssociation.class.getName() + "]", "as an association", "insertable = false");
        Contexts.withEntities(List.of(Customer.class, KeyBesideAssociation.class)).close();
    }

    @Test
    void aPropertyStandsForTheAnnotation() {
        Contexts.withEntities(Unkeyed.class, "anabranch.jpa.without-shard-key=" + Unkeyed.class.getName())
                .close();
    }

    @Test
    void theColumnIsTheConfiguredOne() {
        assertRefused(Note.class, "company", "SHARDING_IDENTIFIER_FIELD=company");
    }

    @ParameterizedTest
    @ValueSource(classes = {PooledSequence.class, PooledTable.class, Increments.class})
    void refusesIdsTakenInBlocks(Class<?> entity) {
        assertRefused(entity, "IDENTITY");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "spring.jpa.properties.hibernate.cache.use_query_cache=true",
                "spring.jpa.properties.hibernate.cache.use_second_level_cache=true"
            })
    void refusesCachesThatDoNotKnowTheTenant(String property) {
        assertRefused(
                Note.class,
                "keys do not know the tenant",
                property,
                "spring.jpa.properties.hibernate.cache.region.factory_class=" + NoRegions.class.getName());
    }

    @Test
    void refusesToTouchTheSchema() {
        assertRefused(Note.class, "ddl-auto", "spring.jpa.hibernate.ddl-auto=validate");
        assertRefused(
                Note.class,
                "schema",
                "spring.jpa.properties.jakarta.persistence.schema-generation.database.action=create");
    }

    @Test
    void refusesAGroupThatMixesFlavors(@TempDir Path folder) throws Exception {
        Path mixed = Files.writeString(folder.resolve("mixed.yaml"), MIXED.formatted("pg, maria"));
        assertRefused(Note.class, "mixes flavors", "SHARDING_CONFIG=" + mixed);
        Path plain = Files.writeString(folder.resolve("plain.yaml"), MIXED.formatted("maria"));
        Contexts.withEntities(Note.class, "SHARDING_CONFIG=" + plain).close();
    }

    @Test
    void saysLoudlyWhenAChangeBringsAnotherFlavor(CapturedOutput output) {
        Topology before = new TopologyReader(name -> null).read("test", MIXED.formatted("pg"));
        Topology after = new TopologyReader(name -> null).read("test", MIXED.formatted("pg, maria"));
        GroupFlavor flavor = GroupFlavor.of(before, "default");
        flavor.check(before);
        assertThat(output.getAll()).doesNotContain("ERROR");
        flavor.check(revision7(after));
        assertThat(output.getAll()).contains("ERROR", "Revision 7", "[maria]");
    }

    @Test
    void missesNoChangeThatComesWhileItStarts(CapturedOutput output) {
        Topology before = new TopologyReader(name -> null).read("test", MIXED.formatted("pg"));
        Topology after = revision7(new TopologyReader(name -> null).read("test", MIXED.formatted("pg, maria")));
        AtomicReference<Topology> now = new AtomicReference<>(before);
        // The change comes between the first reading and the listener, which is therefore not told.
        GroupFlavor.follow(now::get, listener -> now.set(after), "default");
        assertThat(output.getAll()).contains("ERROR", "Revision 7", "[maria]");
    }

    private static Topology revision7(Topology topology) {
        Map<String, Database> databases = new LinkedHashMap<>(topology.databases());
        return new Topology(7, topology.shardKey(), databases, topology.groups());
    }

    private static void assertRefused(Class<?> entity, String reason, String... properties) {
        Throwable failure = catchThrowable(() -> Contexts.withEntities(entity, properties).close());
        AnabranchException refusal = AnabranchException.in(failure).orElseThrow(() -> new AssertionError(failure));
        assertThat(refusal.code()).isEqualTo(ErrorCode.CONFIGURATION_INVALID);
        assertThat(refusal.getMessage()).contains(reason);
    }
}
