// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.directory.server;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class CredentialTest {
    private static final String PLANTED = "planted-Passw0rd-9137";
    private static final String GLOBAL = "{\"kind\":\"global\",\"database\":\"shard-1\"}";

    private static String password(Node node, String app) {
        return node.get("/v1/snapshot", app).text("/databases/shard-1/password");
    }

    @Test
    void passwordIsNowhereButInTheAnswersToApps() throws SQLException {
        String meta = Servers.newDatabase();
        try (Node node = Node.start(meta, "--logging.level.root=debug")) {
            String app = node.token("app");
            node.put("/v1/databases/shard-1", Servers.body("nowhere", PLANTED));
            node.put("/v1/databases/shard-1", Servers.body("nowhere", PLANTED).replace("}", ",\"more\":1}"));
            node.put("/v1/databases/shard-1", Servers.body("nowhere", PLANTED).replace("}", ""));
            node.put("/v1/databases/shard-2?dry_run=true", Servers.body("nowhere", PLANTED));
            node.put("/v1/groups/people", "{\"kind\":\"sharded\",\"hash\":[\"shard-1\"]}");
            node.put("/v1/databases/shard-2", Servers.body("nowhere", PLANTED));
            // The database does not exist, so looking there fails with the credential in hand.
            assertThat(node.put("/v1/groups/people/tenants/1", "{\"database\":\"shard-2\"}").problem())
                    .isEqualTo("database_unreachable");
            for (String path : List.of("/v1/databases", "/v1/snapshot", "/v1/audit", "/v1/status", "/v1/tokens")) {
                node.get(path, node.admin());
            }
            assertThat(node.get("/v1/databases/shard-1", node.admin()).text("/credential")).isEqualTo("encrypted");
            assertThat(password(node, app)).isEqualTo(PLANTED);
            assertThat(node.get("/write/1", app).text("/password")).isEqualTo(PLANTED);
            assertThat(whole(meta)).contains("shard-1", "sealed:v1:").doesNotContain(PLANTED);
        }
        assertThat(Node.ANSWERS.stream()
                        .filter(answer -> answer.body().contains(PLANTED))
                        .map(Answer::request))
                .isNotEmpty()
                .allMatch(request -> request.equals("GET /v1/snapshot") || request.equals("GET /write/1"));
        assertThat(Output.text()).contains("database.add shard-1").doesNotContain(PLANTED);
    }

    private static String whole(String meta) throws SQLException {
        StringBuilder text = new StringBuilder();
        try (Connection connection = Servers.postgres().connect(meta);
                Statement statement = connection.createStatement()) {
            List<String> tables = new ArrayList<>();
            try (ResultSet row = statement.executeQuery(
                    "select table_name from information_schema.tables where table_schema = 'anabranch'")) {
                while (row.next()) {
                    tables.add(row.getString(1));
                }
            }
            assertThat(tables).contains("databases", "audit", "tokens");
            for (String table : tables) {
                try (ResultSet row = statement.executeQuery("select t::text from anabranch." + table + " t")) {
                    while (row.next()) {
                        text.append(row.getString(1)).append('\n');
                    }
                }
            }
        }
        return text.toString();
    }

    @Test
    void sealedPasswordOpensNeitherWithAnotherKeyNorForAnotherDatabase() throws SQLException {
        String meta = Servers.newDatabase();
        try (Node node = Node.start(meta)) {
            node.put("/v1/databases/shard-1", Servers.body("x", "first-secret"));
            node.put("/v1/databases/shard-2", Servers.body("x", "second-secret"));
            String app = node.token("app");
            node.put("/v1/groups/all", GLOBAL);
            Servers.postgres()
                    .execute(
                            meta,
                            "update anabranch.databases set credential = (select credential from anabranch.databases"
                                    + " where name = 'shard-2') where name = 'shard-1'; update anabranch.meta set revision"
                                    + " = revision + 1");
            assertThat(node.get("/v1/snapshot", app).json().at("/databases/shard-1").has("password"))
                    .as("no password, which applications would take for an empty one")
                    .isFalse();
            assertThat(node.get("/write/1?group=all", app).problem()).isEqualTo("credential_unresolved");
            assertThat(node.get("/v1/snapshot", app).text("/databases/shard-2/password")).isEqualTo("second-secret");
            assertThat(node.get("/v1/status", app).text("/unresolved_credentials/0")).isEqualTo("shard-1");
        }
    }

    @Test
    void sealedPasswordDoesNotOpenAfterItsRowLeadsElsewhere() throws SQLException {
        String meta = Servers.newDatabase();
        try (Node node = Node.start(meta)) {
            String app = node.token("app");
            for (String change : List.of("host = 'evil.example'", "port = 1", "login = 'b'", "database = 'c'", "flavor = 'mysql'")) {
                node.put("/v1/databases/shard-1", Servers.body("x", "bound-secret"));
                node.put("/v1/groups/all", GLOBAL);
                assertThat(password(node, app)).isEqualTo("bound-secret");
                Servers.postgres()
                        .execute(
                                meta,
                                "update anabranch.databases set " + change
                                        + "; update anabranch.meta set revision = revision + 1");
                assertThat(node.get("/v1/snapshot", app).body()).as(change).doesNotContain("bound-secret");
            }
        }
    }

    @Test
    void addressChangesOnlyTogetherWithItsPassword() {
        try (Node node = Node.start(Servers.newDatabase())) {
            String app = node.token("app");
            String body = Servers.body("x", "kept-secret");
            String without = body.replace(",\"password\":\"kept-secret\"", "");
            node.put("/v1/databases/shard-1", body);
            node.put("/v1/groups/all", GLOBAL);
            for (String elsewhere : List.of(
                    without.replace("127.0.0.1", "evil.example"),
                    without.replaceFirst("\"port\":\\d+", "\"port\":1"),
                    without.replace("\"database\":\"x\"", "\"database\":\"y\""),
                    without.replace("\"flavor\":\"postgres\"", "\"flavor\":\"mysql\""),
                    without.replace("\"user\":\"", "\"user\":\"x"),
                    without.replace("}", ",\"properties\":{\"sslmode\":\"disable\"}}"))) {
                Answer refused = node.put("/v1/databases/shard-1", elsewhere);
                assertThat(refused.status()).as(elsewhere).isEqualTo(400);
                assertThat(refused.problem()).isEqualTo("credential_required");
            }
            Answer region = node.put("/v1/databases/shard-1", without.replace("}", ",\"region\":\"eu\"}"));
            assertThat(region.text("/after/region")).isEqualTo("eu");
            assertThat(password(node, app)).isEqualTo("kept-secret");
        }
    }

    @Test
    void guessedPasswordIsNotConfirmed() {
        try (Node node = Node.start(Servers.newDatabase())) {
            node.put("/v1/databases/shard-1", Servers.body("x", "right"));
            for (String guess : List.of("right", "wrong")) {
                Answer answer = node.put("/v1/databases/shard-1?dry_run=true", Servers.body("x", guess));
                assertThat(answer.json().at("/changed").asBoolean()).as(guess).isTrue();
                assertThat(answer.text("/effects/0")).isEqualTo("The credential changes");
            }
        }
    }

    @Test
    void nodeWhoseKeyOpensNoStoredPasswordDoesNotStart() {
        String meta = Servers.newDatabase();
        Path token = Node.newFile("admin-token");
        try (Node node = Node.start(meta, token)) {
            node.put("/v1/databases/shard-1", Servers.body("x", "first-secret"));
            node.put("/v1/databases/shard-2", Servers.body("x", "second-secret"));
        }
        for (String key : List.of(Node.KEY.replace("MDEy", "ODEy"), "")) {
            int mark = Output.text().length();
            assertThatThrownBy(() -> Node.start(meta, token, "--anabranch.credential-key=" + key).close());
            assertThat(Output.text().substring(mark).strip().lines())
                    .singleElement()
                    .asString()
                    .contains("'shard-1'", "ANABRANCH_CREDENTIAL_KEY");
        }
    }

    @Test
    void passwordWithoutKeyIsRefusedAndReferenceIsNot() {
        try (Node node = Node.start(Servers.newDatabase(), "--anabranch.credential-key=")) {
            Answer refused = node.put("/v1/databases/shard-1", Servers.body("x", "plain"));
            assertThat(refused.problem()).isEqualTo("credential_key_missing");
            assertThat(refused.body()).contains("openssl rand -base64 32");
            Answer reference = node.put("/v1/databases/shard-1", Servers.body("x", "env:ANABRANCH_DB_FOR_TEST"));
            assertThat(reference.text("/after/credential")).isEqualTo("env:ANABRANCH_DB_FOR_TEST");
            node.put("/v1/groups/all", GLOBAL);
            assertThat(password(node, node.token("app"))).isEqualTo("from-the-environment-7f3a");
        }
    }

    @Test
    void rotatedPasswordIsInTheNextSnapshotAndInTheStream() {
        try (Node node = Node.start(Servers.newDatabase())) {
            String app = node.token("app");
            node.put("/v1/databases/shard-1", Servers.body("x", "before"));
            node.put("/v1/groups/all", GLOBAL);
            String etag = node.get("/v1/snapshot", app).header("ETag");
            try (Events events = Events.of(node, app)) {
                Await.until("the first event", () -> events.count("event: revision") > 0);
                Answer rotated = node.put("/v1/databases/shard-1", Servers.body("x", "after"));
                assertThat(rotated.json().at("/changed").asBoolean()).isTrue();
                events.awaitRevision(rotated.revision());
            }
            assertThat(node.get("/v1/snapshot", app, "If-None-Match", etag).text("/databases/shard-1/password"))
                    .isEqualTo("after");
        }
    }

    @Test
    void newContentOfAFileIsServedAndTold() throws IOException {
        Path file = Node.newSecret("old\n");
        try (Node node = Node.start(Servers.newDatabase())) {
            String app = node.token("app");
            node.put("/v1/databases/shard-1", Servers.body("x", "file:" + file));
            node.put("/v1/groups/all", GLOBAL);
            Answer first = node.get("/v1/snapshot", app);
            assertThat(first.text("/databases/shard-1/password")).isEqualTo("old");
            String line = "data: {\"revision\":" + first.revision() + "}";
            try (Events events = Events.of(node, app)) {
                Await.until("the first event", () -> events.count(line) == 1);
                Files.writeString(file, "new\n");
                Await.until("the same revision again", () -> events.count(line) == 2);
                Answer second = node.get("/v1/snapshot", app, "If-None-Match", first.header("ETag"));
                assertThat(second.status()).isEqualTo(200);
                assertThat(second.text("/databases/shard-1/password")).isEqualTo("new");
                assertThat(second.revision()).isEqualTo(first.revision());
            }
            Files.delete(file);
            assertThat(password(node, app)).as("the last one seen").isEqualTo("new");
        }
    }

    @Test
    void onlyFilesAndVariablesForDatabasesAreReferredTo() throws Exception {
        Path outside = Files.writeString(Node.newFile("outside"), "outside");
        Path own = Node.newSecret("");
        Files.delete(own);
        Path pipe = own.resolveSibling("pipe");
        assertThat(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor()).isZero();
        try (Node node = Node.start(Servers.newDatabase(), own)) {
            for (String reference : List.of(
                    "file:/proc/self/environ",
                    "file:" + own,
                    "file:" + own.resolveSibling("x/../" + own.getFileName()),
                    "file:" + Files.createSymbolicLink(own.resolveSibling("own-link"), own),
                    "file:" + outside,
                    "file:" + Files.createSymbolicLink(own.resolveSibling("link"), outside),
                    "file:" + Node.SECRETS.resolve(Node.SECRETS.relativize(outside)),
                    "file:" + Node.SECRETS,
                    "file:" + pipe,
                    "file:" + Node.newSecret("x".repeat(8 * 1024 + 1)),
                    "file:" + Node.newSecret(Servers.postgres().password()),
                    "file:relative",
                    "env:PATH",
                    "env:OTHER_PASSWORD_FOR_TEST",
                    "env:ANABRANCH_META_PASSWORD",
                    "env:")) {
                Answer refused = node.put("/v1/databases/shard-1", Servers.body("x", reference));
                assertThat(refused.problem()).as(reference).isEqualTo("credential_reference_refused");
                assertThat(refused.text("/detail")).contains(Node.SECRETS.toString(), "ANABRANCH_DB_");
            }
            assertThat(node.put("/v1/databases/shard-1", Servers.body("x", "file:" + own.resolveSibling("later")))
                            .text("/effects/0"))
                    .contains("leads nowhere");
        } finally {
            Files.delete(pipe);
        }
    }

    @Test
    void referenceThatLeadsElsewhereAfterwardsIsNotFollowed() throws IOException {
        Path outside = Files.writeString(Node.newFile("outside"), "outside-8814");
        Path file = Node.newSecret("inside");
        try (Node node = Node.start(Servers.newDatabase())) {
            String app = node.token("app");
            node.put("/v1/databases/shard-1", Servers.body("x", "file:" + file));
            node.put("/v1/groups/all", GLOBAL);
            assertThat(password(node, app)).isEqualTo("inside");
            Files.delete(file);
            Files.createSymbolicLink(file, outside);
            assertThat(node.get("/v1/snapshot", app).body()).doesNotContain("outside-8814");
            assertThat(node.get("/v1/status", app).text("/unresolved_credentials/0")).isEqualTo("shard-1");
        }
    }

    @Test
    void bothKindsOfKeyAreRefused() {
        Path key = Node.writePrivately(Node.newFile("key"), Node.KEY);
        int mark = Output.text().length();
        assertThatThrownBy(() -> Node.start(Servers.newDatabase(), "--anabranch.credential-key-file=" + key).close());
        assertThat(Output.text().substring(mark)).contains("both set");
    }
}
