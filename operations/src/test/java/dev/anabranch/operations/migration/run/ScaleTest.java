// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.operations.migration.run;

import dev.anabranch.devcluster.DevCluster;
import dev.anabranch.devcluster.PostgresServer;
import dev.anabranch.devcluster.ServerOptions;
import dev.anabranch.operations.migration.apply.FlywayLog;
import dev.anabranch.operations.migration.apply.MigrationServers;
import dev.anabranch.operations.migration.apply.MigrationSettings;
import dev.anabranch.operations.migration.apply.Target;
import dev.anabranch.operations.migration.files.MigrationSet;
import dev.anabranch.operations.migration.run.MigrationRunner.Check;
import dev.anabranch.topology.Database;
import dev.anabranch.topology.Endpoint;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Function;
import org.flywaydb.core.Flyway;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

/**
 * Many schemas on four servers, beside a loop of bare Flyway in the same JVM.
 *
 * <p>The short form has 6 groups. The long one has 50, that is 200 schemas, and asserts on times:
 * {@code -Danabranch.scale=50}. {@code -Danabranch.scale.rounds} says how often it measures.
 */
class ScaleTest {
    private static final int GROUPS = Integer.getInteger("anabranch.scale", 6);
    private static final int ROUNDS = Integer.getInteger("anabranch.scale.rounds", 1);
    private static final boolean LONG = GROUPS >= 50;
    private static final MigrationSettings SETTINGS = MigrationSettings.DEFAULT.withRunner("scale");

    /** What a service begins with: tables, keys, indexes, a few rows; three files. */
    private static final List<String> PLAIN = List.of(
            """
            tables
            CREATE TABLE account (id bigint PRIMARY KEY, name text NOT NULL, created timestamptz DEFAULT now());
            CREATE TABLE entry (id bigint PRIMARY KEY, account bigint NOT NULL REFERENCES account, amount numeric);
            CREATE INDEX entry_account ON entry (account);
            """,
            """
            rows
            INSERT INTO account SELECT i, 'n' || i FROM generate_series(1, 100) i;
            INSERT INTO entry SELECT i, 1 + i % 100, i FROM generate_series(1, 1000) i;
            """,
            """
            more
            ALTER TABLE account ADD email text;
            CREATE UNIQUE INDEX account_email ON account (email);
            """);

    private static DevCluster cluster;
    private static final List<Database> DATABASES = new ArrayList<>();

    @TempDir
    private Path folder;

    @BeforeAll
    static void start() {
        cluster = DevCluster.builder()
                .options(ServerOptions.defaults())
                .postgres("s1", "s2", "s3", "s4")
                .start();
        cluster.servers().forEach(server -> DATABASES.add(MigrationServers.plain((PostgresServer) server, server.name())));
    }

    @AfterAll
    static void stop() {
        cluster.close();
    }

    /** Many groups on a few databases, a schema each. */
    private static List<List<Target>> groups(String prefix) {
        List<List<Target>> groups = new ArrayList<>();
        for (int group = 0; group < GROUPS; group++) {
            String name = prefix + group;
            groups.add(DATABASES.stream().map(database -> new Target(name, database, name)).toList());
        }
        return groups;
    }

    private static List<Check> checks(List<MigrationPlan> plans) {
        return plans.stream()
                .flatMap(plan -> plan.targets().stream().map(target -> new Check(target, plan.set())))
                .toList();
    }

    /** As a script would do it: one after the other, all as it comes. */
    private void bareFlyway(List<List<Target>> groups) {
        for (Target target : groups.stream().flatMap(List::stream).toList()) {
            Endpoint endpoint = target.migrating();
            Flyway.configure()
                    .loggers(FlywayLog.class.getName())
                    .dataSource(endpoint.jdbcUrl(), endpoint.user(), endpoint.password().reveal())
                    .schemas(target.schema())
                    .locations("filesystem:" + folder)
                    .load()
                    .migrate();
        }
    }

    private MigrationSet write(List<String> texts) throws Exception {
        for (int i = 0; i < texts.size(); i++) {
            String[] parts = texts.get(i).split("\n", 2);
            Files.writeString(folder.resolve("V" + (i + 1) + "__" + parts[0] + ".sql"), parts[1]);
        }
        return MigrationSet.ofFolder(folder);
    }

    private void measure(String what, List<String> texts, Function<String, List<List<Target>>> groups, double atLeast)
            throws Exception {
        MigrationSet set = write(texts);
        var runner = new MigrationRunner(SETTINGS);
        double best = 0;
        for (int round = 0; round < ROUNDS; round++) {
            List<List<Target>> forBare = groups.apply("bare" + what + round + "_");
            long begin = System.nanoTime();
            bareFlyway(forBare);
            long bare = System.nanoTime() - begin;
            List<MigrationPlan> plans = groups.apply(what + round + "_").stream()
                    .map(targets -> MigrationPlan.of(set, targets, RunOptions.DEFAULT))
                    .toList();
            begin = System.nanoTime();
            List<RunReport> reports = runner.run(plans, RunListener.NONE);
            long ours = System.nanoTime() - begin;
            assertThat(reports).allMatch(RunReport::isComplete);
            begin = System.nanoTime();
            List<TargetStanding> standings = runner.standings(checks(plans));
            long check = System.nanoTime() - begin;
            assertThat(standings).hasSize(GROUPS * DATABASES.size()).allMatch(TargetStanding::isCurrent);
            begin = System.nanoTime();
            assertThat(runner.run(plans, RunListener.NONE)).allMatch(RunReport::isComplete);
            long again = System.nanoTime() - begin;
            best = Math.max(best, (double) bare / ours);
            System.out.printf(
                    "%s: %d schemas, %d cores: bare Flyway %d ms, ours %d ms (%.1f x); check %d ms, run that finds nothing %d ms%n",
                    what,
                    standings.size(),
                    Runtime.getRuntime().availableProcessors(),
                    bare / 1_000_000,
                    ours / 1_000_000,
                    (double) bare / ours,
                    check / 1_000_000,
                    again / 1_000_000);
            assertThat(check).isLessThan(1_500_000_000L);
        }
        if (LONG) {
            assertThat(best).isGreaterThanOrEqualTo(atLeast);
        }
    }

    /** All of it is work for the processor, and the server's processes need the same cores: 1.6 to 3 times on two. */
    @Test
    void appliesPlainTablesFasterThanALoopOfBareFlyway() throws Exception {
        measure("plain", PLAIN, ScaleTest::groups, 2);
    }

    /** A tenth of a second of waiting, as for a disk, a lock or a network. */
    @Test
    void appliesFilesThatWaitFasterThanALoopOfBareFlyway() throws Exception {
        List<String> waiting = new ArrayList<>(PLAIN);
        waiting.add("wait\nSELECT pg_sleep(0.1);");
        measure("waiting", waiting, ScaleTest::groups, 3);
    }

    /** One group on 200 databases, which share no connection; only the long form, as it has to make them. */
    @Test
    void appliesToManyDatabasesFasterThanALoopOfBareFlyway() throws Exception {
        assumeTrue(LONG);
        List<Database> many = new ArrayList<>();
        for (Database database : DATABASES) {
            PostgresServer server = cluster.postgres(database.name());
            for (int i = 0; i < GROUPS; i++) {
                String name = database.name() + "_" + i;
                server.createDatabase(name, database.name());
                Endpoint at = database.primary();
                many.add(new Database(
                        name,
                        new Endpoint(
                                at.flavor(), at.host(), at.port(), name, at.user(), at.password(), at.properties()),
                        null));
            }
        }
        // In turns, so that each wave is on all servers.
        many.sort(Comparator.comparing(database -> database.name().replaceFirst(".*_", "")));
        measure(
                "databases",
                PLAIN,
                prefix -> List.of(many.stream().map(database -> new Target("people", database, prefix)).toList()),
                1.5);
    }
}
