// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.directory.server;

import dev.anabranch.devcluster.PostgresServer;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class ChangeStreamTest {
    @Test
    void tellsTheRevisionAtOnceAndBeatsInBetween() {
        try (Node node = Node.start(Servers.newDatabase());
                Events events = Events.of(node, node.admin())) {
            events.awaitRevision(node.get("/v1/status", node.admin()).revision());
            Await.until("a heartbeat", () -> events.count(": heartbeat") > 0);
            assertThat(events.lines()).anyMatch(line -> line.toLowerCase(java.util.Locale.ROOT).startsWith("content-type: text/event-stream"));
            assertThat(events.count("event: revision")).isEqualTo(1);
        }
    }

    @Test
    void nodesOnOneMetaDatabaseTellEachOthersChanges() {
        String meta = Servers.newDatabase();
        Path token = Node.newFile("admin-token");
        try (Node one = Node.start(meta, token);
                Node two = Node.start(meta, token);
                Events events = Events.of(two, two.admin())) {
            Await.until("the first event", () -> events.count("event: revision") > 0);
            Answer change = one.put("/v1/databases/shard-1", Servers.body("x", "y"));
            events.awaitRevision(change.revision());
            assertThat(two.get("/v1/databases/shard-1", two.admin()).status()).isEqualTo(200);
            assertThat(two.get("/v1/snapshot", two.admin()).revision()).isEqualTo(change.revision());
            String app = one.token("app");
            assertThat(two.get("/v1/snapshot", app).status()).isEqualTo(200);
            String id = one.get("/v1/tokens", one.admin()).text("/items/1/id");
            two.delete("/v1/tokens/" + id);
            assertThat(one.get("/v1/snapshot", app).status()).isEqualTo(401);
        }
    }

    @Test
    void concurrentChangesOnTwoNodesEachHaveARevisionOfTheirOwn() throws Exception {
        String meta = Servers.newDatabase();
        Path token = Node.newFile("admin-token");
        try (Node one = Node.start(meta, token);
                Node two = Node.start(meta, token);
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            one.put("/v1/databases/shard-1", Servers.body("x", "y"));
            Answer group = one.put("/v1/groups/people", "{\"kind\":\"sharded\",\"hash\":[\"shard-1\"]}");
            List<Callable<Answer>> changes = new ArrayList<>();
            for (int tenant = 0; tenant < 60; tenant++) {
                Node node = tenant % 2 == 0 ? one : two;
                String path = "/v1/groups/people/tenants/" + tenant;
                changes.add(() -> node.put(path, "{}"));
            }
            Set<Long> revisions = new TreeSet<>();
            for (Future<Answer> change : threads.invokeAll(changes)) {
                assertThat(change.get().status()).isEqualTo(201);
                revisions.add(change.get().revision());
            }
            assertThat(revisions).hasSize(60);
            assertThat(two.get("/v1/status", two.admin()).revision()).isEqualTo(group.revision() + 60);
            assertThat(one.get("/v1/audit?limit=60", one.admin()).json().at("/items"))
                    .allSatisfy(entry -> assertThat(entry.at("/action").asString()).isEqualTo("tenant.list"));
        }
    }

    @Test
    void hundredsOfSubscribersAreToldAndForgotten() {
        try (Node node = Node.start(Servers.newDatabase(), "--anabranch.stream.per-token=300")) {
            List<Events> all = new ArrayList<>();
            for (int i = 0; i < 300; i++) {
                all.add(Events.of(node, node.admin()));
            }
            Await.until("all subscribed", () -> subscribers(node) == 300);
            Answer change = node.put("/v1/databases/shard-1", Servers.body("x", "y"));
            all.forEach(events -> events.awaitRevision(change.revision()));
            all.subList(0, 250).forEach(Events::close);
            Await.until("those that left are forgotten", () -> subscribers(node) == 50);
            long started = System.nanoTime();
            node.stop();
            assertThat(Duration.ofNanos(System.nanoTime() - started)).isLessThan(Duration.ofSeconds(3));
            all.subList(250, 300).forEach(events -> Await.until("the stream has ended", events::ended));
        }
    }

    @Test
    void streamOutlivesTheMetaDatabase() throws SQLException {
        try (PostgresServer meta = PostgresServer.start("directory-meta")) {
            meta.createDatabase("meta");
            String[] there = {
                "--anabranch.meta.url=" + meta.jdbcUrl("meta"),
                "--anabranch.meta.user=" + meta.superuser(),
                "--anabranch.meta.password=" + meta.password()
            };
            try (Node node = Node.start(meta.name(), there);
                    Events events = Events.of(node, node.admin())) {
                Await.until("the first event", () -> events.count("event: revision") > 0);
                int mark = Output.text().length();
                meta.stop();
                Answer refused = node.get("/v1/status", node.admin());
                assertThat(refused.problem()).isEqualTo("meta_unavailable");
                assertThat(refused.header("Retry-After")).isNotEmpty();
                long beats = events.count(": heartbeat");
                Await.until("the stream goes on", () -> events.count(": heartbeat") > beats);
                meta.restart();
                Await.until(
                        "the node answers again",
                        () -> node.get("/v1/status", node.admin()).status() == 200);
                Answer change = node.put("/v1/databases/shard-1", Servers.body("x", "y"));
                events.awaitRevision(change.revision());
                assertThat(Output.text().substring(mark)).contains("The meta database").doesNotContain("\tat ");
            }
        }
    }

    @Test
    void headSubscribesNobody() {
        try (Node node = Node.start(Servers.newDatabase())) {
            for (int i = 0; i < 3; i++) {
                Answer head = node.send("HEAD", "/v1/changes", node.admin(), "");
                assertThat(head.status()).isEqualTo(200);
                assertThat(head.header("Content-Type")).startsWith("text/event-stream");
            }
            assertThat(subscribers(node)).isZero();
        }
    }

    @Test
    void streamsBeyondTheLimitsAreRefused() {
        String[] limits = {"--anabranch.stream.per-token=2", "--anabranch.stream.per-node=3"};
        try (Node node = Node.start(Servers.newDatabase(), limits)) {
            String app = node.token("app");
            try (Events first = Events.of(node, app);
                    Events second = Events.of(node, app)) {
                Await.until("both", () -> first.count("event: revision") + second.count("event: revision") == 2);
                Answer third = node.get("/v1/changes", app);
                assertThat(third.status()).isEqualTo(503);
                assertThat(third.problem()).isEqualTo("streams_exhausted");
                assertThat(third.header("Retry-After")).isNotEmpty();
                try (Events other = Events.of(node, node.admin())) {
                    Await.until("another token's", () -> other.count("event: revision") == 1);
                    assertThat(node.get("/v1/changes", node.admin()).text("/detail")).contains("node has 3");
                }
            }
            Await.until("all have gone", () -> subscribers(node) == 0);
            try (Events again = Events.of(node, app)) {
                Await.until("one again", () -> again.count("event: revision") == 1);
            }
        }
    }

    @Test
    void restoredMetaDatabaseIsToldAlthoughItsRevisionIsEarlierOrEqual() throws SQLException {
        String meta = Servers.newDatabase();
        try (Node node = Node.start(meta)) {
            String app = node.token("app");
            node.put("/v1/databases/shard-1", Servers.body("x", "y"));
            node.put("/v1/databases/shard-2", Servers.body("x", "y"));
            long latest = node.get("/v1/status", app).revision();
            try (Events events = Events.of(node, app)) {
                events.awaitRevision(latest);
                Servers.postgres()
                        .execute(
                                meta,
                                "delete from anabranch.databases where name = 'shard-2'; update anabranch.meta set revision"
                                        + " = revision - 1, stamp = gen_random_uuid()");
                events.awaitRevision(latest - 1);
                assertThat(node.get("/v1/snapshot", app).body()).doesNotContain("shard-2");
                Servers.postgres()
                        .execute(
                                meta,
                                "delete from anabranch.databases; update anabranch.meta set stamp = gen_random_uuid()");
                String line = "data: {\"revision\":" + (latest - 1) + "}";
                Await.until("the same revision again", () -> events.count(line) == 2);
                assertThat(node.get("/v1/snapshot", app).body()).doesNotContain("shard-1");
            }
        }
    }

    @Test
    void changeThatCannotGetTheLockGivesUp() throws SQLException {
        String meta = Servers.newDatabase();
        try (Node node = Node.start(meta);
                Connection holder = Servers.postgres().connect(meta);
                Statement statement = holder.createStatement()) {
            holder.setAutoCommit(false);
            statement.execute("select from anabranch.meta for update");
            long started = System.nanoTime();
            Answer refused = node.put("/v1/databases/shard-1", Servers.body("x", "y"));
            assertThat(refused.status()).isEqualTo(503);
            assertThat(refused.problem()).isEqualTo("meta_unavailable");
            assertThat(Duration.ofNanos(System.nanoTime() - started)).isLessThan(Duration.ofSeconds(8));
            holder.rollback();
            assertThat(node.put("/v1/databases/shard-1", Servers.body("x", "y")).status()).isEqualTo(201);
        }
    }

    @Test
    void changeThatLosesItsConnectionIsUnavailableAndNoDefect() throws Exception {
        String meta = Servers.newDatabase();
        try (Node node = Node.start(meta);
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
                Connection holder = Servers.postgres().connect(meta);
                Statement statement = holder.createStatement()) {
            holder.setAutoCommit(false);
            statement.execute("select from anabranch.meta for update");
            Future<Answer> change = threads.submit(() -> node.put("/v1/databases/shard-1", Servers.body("x", "y")));
            Await.until("it is waiting and ended", () -> {
                try (ResultSet ended = statement.executeQuery(
                        "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database()"
                                + " and wait_event_type = 'Lock'")) {
                    return ended.next();
                } catch (SQLException e) {
                    throw new IllegalStateException(e);
                }
            });
            assertThat(change.get().problem()).isEqualTo("meta_unavailable");
        }
    }

    private static int subscribers(Node node) {
        return node.get("/v1/status", node.admin()).json().at("/subscribers").asInt();
    }
}
