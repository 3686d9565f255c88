// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.snippet;

import dev.anabranch.Anabranch;
import dev.anabranch.Servers;
import dev.anabranch.Settings;
import dev.anabranch.topology.Database;
import dev.anabranch.topology.Topology;
import dev.anabranch.topology.TopologyReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;

/** What the papers show is what was compiled and run here. */
class SnippetsTest {
    private static final Path ROOT = Path.of("..");

    @ParameterizedTest
    @CsvSource({"README.md, plain, PlainUse.java", "docs/guide/configuration.md, handover, Handover.java"})
    void thePaperShowsTheCodeThatIsTested(String paper, String snippet, String source) throws IOException {
        String tested = Files.readString(Path.of("src/test/java/dev/anabranch/snippet", source));
        Matcher region =
                Pattern.compile("\n( *)// snippet: " + snippet + "\n(.*?) *// end", Pattern.DOTALL).matcher(tested);
        assertThat(region.find()).isTrue();
        String code = region.group(2).replaceAll("(?m)^" + region.group(1), "");

        assertThat(shown(paper, snippet)).isEqualTo(code);
        assertThat(code.lines().count()).isLessThan(10);
    }

    @Test
    void plainUseRunsByEnvironmentAlone() throws Exception {
        Database database = Servers.database(Servers.shared(), "plain_use");
        ProcessBuilder program = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        PlainUse.class.getName())
                .redirectErrorStream(true);
        program.environment().putAll(standalone(database));

        Process process = program.start();
        String output = new String(process.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);

        assertThat(process.waitFor()).as(output).isZero();
        assertThat(bodies(database)).isEqualTo("hello");
    }

    @Test
    void handsTheTenantToAnotherThread() throws SQLException {
        Database database = Servers.database(Servers.shared(), "handover");
        try (Anabranch anabranch = Anabranch.open(Settings.fromEnvironment(standalone(database)::get, List.of()))) {
            try (ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
                Handover.run(executor, anabranch.dataSource());
            }
        }
        assertThat(bodies(database)).isEqualTo("report");
    }

    @Test
    void theYamlOfTheGuideCanBeRead() throws IOException {
        Path secret = Files.createTempFile("shard-2", null);
        try {
            String yaml = shown("docs/guide/configuration.md", "yaml").replace("/run/secrets/shard-2", secret.toString());
            assertThat(new TopologyReader(Map.of("MAIN_PASSWORD", "x")::get).read("guide", yaml).groups())
                    .containsOnlyKeys("people", "billing");
        } finally {
            Files.delete(secret);
        }
    }

    @Test
    void theYamlOfTheGuideToMigrationsCanBeRead() throws IOException {
        String yaml = shown("docs/guide/migrations.md", "yaml");
        Map<String, String> passwords = Map.of("BILLING_PASSWORD", "x", "MIGRATOR_PASSWORD", "y");

        Topology topology = new TopologyReader(passwords::get).read("guide", yaml);

        assertThat(topology.group("billing").schema()).isPresent();
        assertThat(topology.database("billing-db").owner()).isPresent();
    }

    private static String shown(String paper, String snippet) throws IOException {
        Matcher block = Pattern.compile("<!-- snippet: " + snippet + " -->\n```\\w+\n(.*?)```", Pattern.DOTALL)
                .matcher(Files.readString(ROOT.resolve(paper)));
        assertThat(block.find()).as("%s in %s", snippet, paper).isTrue();
        return block.group(1);
    }

    private static Map<String, String> standalone(Database database) {
        return Map.of(
                "SHARDING_MODE", "standalone",
                "SHARDING_HOST", database.primary().host(),
                "SHARDING_PORT", Integer.toString(database.primary().port()),
                "SHARDING_USER", database.primary().user(),
                "SHARDING_PASSWORD", Servers.PASSWORD,
                "SHARDING_DATABASE", database.primary().database());
    }

    private static String bodies(Database database) throws SQLException {
        try (Connection connection = Servers.shared().connect(database.primary().database());
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(
                        "select string_agg(body, ',') from note where customer_id = 'acme'")) {
            rows.next();
            return rows.getString(1);
        }
    }
}
