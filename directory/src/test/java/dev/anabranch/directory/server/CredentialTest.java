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
            assertThat(password(node, app)).isEmpty();
            assertThat(node.get("/write/1?group=all", app).problem()).isEqualTo("credential_unresolved");
            assertThat(node.get("/v1/snapshot", app).text("/databases/shard-2/password")).isEqualTo("second-secret");
            assertThat(node.get("/v1/status", app).text("/unresolved_credentials/0")).isEqualTo("shard-1");
        }
        Path token = Node.newFile("admin-token");
        try (Node other =
                Node.start(meta, writeToken(token), "--anabranch.credential-key=" + Node.KEY.replace("MDEy", "ODEy"))) {
            assertThat(other.get("/v1/snapshot", other.token("app")).text("/databases/shard-2/password")).isEmpty();
        }
    }

    private static Path writeToken(Path file) {
        try {
            return Files.writeString(file, "a-token-that-somebody-chose-" + System.nanoTime());
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void passwordWithoutKeyIsRefusedAndReferenceIsNot() {
        try (Node node = Node.start(Servers.newDatabase(), "--anabranch.credential-key=")) {
            Answer refused = node.put("/v1/databases/shard-1", Servers.body("x", "plain"));
            assertThat(refused.problem()).isEqualTo("credential_key_missing");
            assertThat(refused.body()).contains("openssl rand -base64 32");
            Answer reference = node.put("/v1/databases/shard-1", Servers.body("x", "env:SHARD_PASSWORD_FOR_TEST"));
            assertThat(reference.text("/after/credential")).isEqualTo("env:SHARD_PASSWORD_FOR_TEST");
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
            // Without a password, the one that is stored stays.
            String without = Servers.body("y", "z").replace(",\"password\":\"z\"", "");
            assertThat(node.put("/v1/databases/shard-1", without).text("/after/database")).isEqualTo("y");
            assertThat(password(node, app)).isEqualTo("after");
        }
    }

    @Test
    void newContentOfAFileIsServedAndTold() throws IOException {
        Path file = Files.writeString(Node.newFile("password"), "old\n");
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
    void ownSecretsOfTheDirectoryCannotBeReferredTo() throws IOException {
        Path token = Node.newFile("admin-token");
        try (Node node = Node.start(Servers.newDatabase(), token)) {
            for (String reference : List.of(
                    "file:" + token,
                    "file:" + token.resolveSibling("x/../admin-token"),
                    "file:" + Files.createSymbolicLink(token.resolveSibling("link"), token),
                    "env:ANABRANCH_META_PASSWORD",
                    "env:")) {
                assertThat(node.put("/v1/databases/shard-1", Servers.body("x", reference)).problem())
                        .isEqualTo("credential_reference_refused");
            }
        }
    }
}
