// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.spring.snippet;

import dev.anabranch.Anabranch;
import dev.anabranch.Settings;
import dev.anabranch.TopologySource;
import dev.anabranch.consistency.ConsistencyContext;
import dev.anabranch.consistency.ConsistencySession;
import dev.anabranch.consistency.Mark;
import dev.anabranch.routing.RoutingHints;
import dev.anabranch.routing.RoutingScope;
import dev.anabranch.spring.AnabranchProperties;
import dev.anabranch.tenant.TenantId;
import dev.anabranch.topology.Topology;
import dev.anabranch.topology.TopologyReader;
import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.atomic.AtomicReference;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;

import static org.assertj.core.api.Assertions.assertThat;

/** What the guide to routing shows is what was compiled and read here. */
class RoutingGuideTest {
    private static final Path GUIDE = Path.of("../docs/guide/routing.md");

    @ParameterizedTest
    @CsvSource({"router, ArchiveRouter.java", "token, TokenOverQueue.java"})
    void theGuideShowsTheCodeThatIsCompiled(String snippet, String source) throws IOException {
        String compiled = Files.readString(Path.of("src/test/java/dev/anabranch/spring/snippet", source));
        Matcher region =
                Pattern.compile("\n( *)// snippet: " + snippet + "\n(.*?) *// end", Pattern.DOTALL).matcher(compiled);
        assertThat(region.find()).isTrue();
        assertThat(shown(snippet)).isEqualTo(region.group(2).replaceAll("(?m)^" + region.group(1), ""));
    }

    @Test
    void theTopologyAndThePropertiesCanBeRead() throws IOException {
        Topology topology = topology();
        assertThat(topology.group("reviews").databases()).containsExactly("reviews");
        assertThat(topology.database("reviews").replicas()).hasSize(2);

        AnabranchProperties groups = bind(shown("properties"));
        assertThat(groups.groupNames()).containsExactly("default", "reviews");
        AnabranchProperties audiences = bind(shown("audiences"));
        assertThat(audiences.web().audience().rules()).hasSize(3);
        assertThat(audiences.web().audience().usual()).isEqualTo("public");
        assertThat(topology.audiences()).containsKeys("draft", "public", "internal");
    }

    @Test
    void theTokenTellsAJobWhatWasWritten() throws IOException {
        AtomicReference<String> seen = new AtomicReference<>("");
        try (Anabranch anabranch = Anabranch.open(Settings.of(new TopologySource.Fixed(topology()), "reviews"))) {
            ConsistencySession session = new ConsistencySession(Map.of("reviews", new Mark(1, 42)));
            TokenOverQueue.run(
                    anabranch,
                    session,
                    () -> seen.set(ConsistencyContext.session().orElseThrow().marks() + " " + RoutingScope.isReadOnly()));
        }
        assertThat(seen.get()).isEqualTo("{reviews=Mark[timeline=1, micros=42]} true");
    }

    @Test
    void theRouterSendsOldTenantsToTheArchive() {
        RoutingHints hints = RoutingHints.of("reviews");
        assertThat(new ArchiveRouter().databaseForRead(hints.withTenant(new TenantId("old-1")))).hasValue("archive");
        assertThat(new ArchiveRouter().databaseForRead(hints.withTenant(new TenantId("new-1")))).isEmpty();
    }

    private static Topology topology() throws IOException {
        Map<String, String> passwords = Map.of("MAIN_PASSWORD", "x", "REVIEWS_PASSWORD", "y", "READER_PASSWORD", "z");
        return new TopologyReader(passwords::get).read("guide", shown("yaml"));
    }

    private static AnabranchProperties bind(String text) throws IOException {
        Properties properties = new Properties();
        properties.load(new StringReader(text));
        return new Binder(new MapConfigurationPropertySource(properties)).bindOrCreate("anabranch", AnabranchProperties.class);
    }

    private static String shown(String snippet) throws IOException {
        Matcher block = Pattern.compile("<!-- snippet: " + snippet + " -->\n```\\w+\n(.*?)```", Pattern.DOTALL)
                .matcher(Files.readString(GUIDE));
        assertThat(block.find()).as(snippet).isTrue();
        return block.group(1);
    }
}
