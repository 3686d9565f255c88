// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.directory.server;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class StartTest {
    private record Ended(int exitCode, String output) {}

    /** The node as a process of its own, which is expected to end by itself. */
    private static Ended run(Map<String, String> environment) throws IOException, InterruptedException {
        Path output = Node.newFile("output");
        ProcessBuilder builder = new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                DirectoryApplication.class.getName());
        builder.environment().putAll(environment);
        builder.environment().put("ANABRANCH_PORT", "0");
        Process process = builder.redirectErrorStream(true).redirectOutput(output.toFile()).start();
        try {
            assertThat(process.waitFor(40, TimeUnit.SECONDS)).isTrue();
            return new Ended(process.exitValue(), Files.readString(output, StandardCharsets.UTF_8));
        } finally {
            process.destroyForcibly();
        }
    }

    @Test
    void metaDatabaseThatIsAwayIsToldInOneLine() throws Exception {
        Ended ended = run(Map.of(
                "ANABRANCH_META_URL",
                "jdbc:postgresql://127.0.0.1:1/meta",
                "ANABRANCH_META_USER",
                "meta",
                "ANABRANCH_META_PASSWORD",
                "meta-password-4410"));
        assertThat(ended.exitCode()).isEqualTo(1);
        assertThat(ended.output().strip().lines())
                .singleElement()
                .asString()
                .contains("127.0.0.1:1/meta", "unreachable", "ANABRANCH_META_URL")
                .doesNotContain("4410");
    }

    @Test
    void unusableCredentialKeyIsToldInOneLine() {
        assertThat(refusal(Servers.newDatabase(), "--anabranch.credential-key=c2hvcnQ="))
                .contains("openssl rand -base64 32")
                .doesNotContain("c2hvcnQ=");
    }

    @Test
    void firstAdminTokenIsItsOwnersAloneAndNeverLogged() throws IOException {
        Path file = Node.newFile("admin-token");
        try (Node node = Node.start(Servers.newDatabase(), file)) {
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file))).isEqualTo("rw-------");
            assertThat(node.get("/v1/tokens", node.admin()).status()).isEqualTo(200);
            assertThat(Output.text()).contains(file.toString()).doesNotContain(node.admin());
        }
    }

    @Test
    void tokenInTheFileIsAcceptedByANewMetaDatabase() throws IOException {
        Path file = Node.newFile("admin-token");
        Node.writePrivately(file, "a-token-that-an-operator-has-chosen-0001\n");
        String meta = Servers.newDatabase();
        try (Node node = Node.start(meta, file)) {
            assertThat(node.get("/v1/tokens", "a-token-that-an-operator-has-chosen-0001").json().at("/items")).hasSize(1);
        }
        try (Node again = Node.start(meta, file)) {
            assertThat(again.get("/v1/tokens", again.admin()).json().at("/items")).hasSize(1);
        }
    }

    @Test
    void tokenInAFileThatOthersReadOrThatIsALinkIsRefused() throws IOException {
        Path open = Node.writePrivately(Node.newFile("admin-token"), "a-token-that-others-have-read-0001\n");
        Files.setPosixFilePermissions(open, PosixFilePermissions.fromString("rw-r-----"));
        Path real = Node.writePrivately(Node.newFile("admin-token"), "a-token-that-a-link-leads-to-00001\n");
        Path link = Files.createSymbolicLink(real.resolveSibling("link"), real);
        String meta = Servers.newDatabase();
        for (Path file : List.of(open, link)) {
            int mark = Output.text().length();
            assertThatThrownBy(() -> Node.start(meta, file).close());
            assertThat(Output.text().substring(mark).strip().lines())
                    .singleElement()
                    .asString()
                    .contains(file.toString(), "ANABRANCH_ADMIN_TOKEN_FILE");
        }
    }

    @Test
    void folderOfTheFirstAdminTokenIsItsOwnersAlone() throws IOException {
        Path file = Node.newFile("new").resolve("folder").resolve("admin-token");
        try (Node node = Node.start(Servers.newDatabase(), file)) {
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file.getParent())))
                    .isEqualTo("rwx------");
            assertThat(node.get("/v1/tokens", node.admin()).status()).isEqualTo(200);
        }
    }

    @Test
    void causeOfAnyOtherFailureIsToldInOneLine() throws Exception {
        String meta = Servers.newDatabase();
        Servers.postgres().execute(meta, "create schema anabranch; create table anabranch.meta (id int)");
        assertThat(refusal(meta))
                .contains("cannot be brought up to date", "anabranch")
                .doesNotContain(Servers.postgres().password());
        // TEST-NET-1 (RFC 5737): no address of this machine.
        assertThat(refusal(Servers.newDatabase(), "--server.address=192.0.2.1")).contains("BindException");
        assertThat(refusal(Servers.newDatabase(), "--anabranch.meta.connections=0")).contains("maxPoolSize");
    }

    /** The one line that a node prints which does not start. */
    private static String refusal(String meta, String... properties) {
        int mark = Output.text().length();
        assertThatThrownBy(() -> Node.start(meta, properties).close());
        // What was done before it failed is told too.
        List<String> lines = Output.text().substring(mark).strip().lines()
                .filter(line -> !line.contains("  INFO "))
                .toList();
        assertThat(lines).singleElement().asString().startsWith("anabranch directory: not started: ");
        return lines.getFirst();
    }

    @Test
    void lastAdminTokenIsNotRevoked() {
        try (Node node = Node.start(Servers.newDatabase())) {
            String id = node.get("/v1/tokens", node.admin()).text("/items/0/id");
            assertThat(node.delete("/v1/tokens/" + id).problem()).isEqualTo("last_admin");
            node.token("admin");
            assertThat(node.delete("/v1/tokens/" + id).status()).isEqualTo(200);
        }
    }

    @Test
    void nodesThatStartAtOnceOnAnEmptyMetaDatabaseAgree() throws InterruptedException {
        String meta = Servers.newDatabase();
        Path file = Node.newFile("admin-token");
        List<Node> nodes = new ArrayList<>();
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            threads.add(Thread.ofPlatform().start(() -> {
                Node node = Node.start(meta, file);
                synchronized (nodes) {
                    nodes.add(node);
                }
            }));
        }
        for (Thread thread : threads) {
            thread.join();
        }
        try {
            assertThat(nodes).hasSize(2);
            for (Node node : nodes) {
                assertThat(node.get("/v1/tokens", node.admin()).json().at("/items")).hasSize(1);
            }
        } finally {
            nodes.forEach(Node::close);
        }
    }

    @Test
    void shardKeyIsThatOfTheFirstStart() {
        String meta = Servers.newDatabase();
        Path file = Node.newFile("admin-token");
        String[] uuid = {"--anabranch.shard-key.column=company_id", "--anabranch.shard-key.type=bigint"};
        try (Node node = Node.start(meta, file, uuid)) {
            Answer status = node.get("/v1/status", node.admin());
            assertThat(status.text("/shard_key/column")).isEqualTo("company_id");
            assertThat(status.text("/shard_key/type")).isEqualTo("bigint");
            assertThat(status.text("/version")).startsWith("0.");
            node.put("/v1/databases/shard-1", Servers.body("x", "y"));
            node.put("/v1/groups/people", "{\"kind\":\"sharded\",\"hash\":[\"shard-1\"]}");
            assertThat(node.get("/v1/groups/people/tenants/007", node.admin()).text("/tenant")).isEqualTo("7");
            assertThat(node.get("/v1/groups/people/tenants/x", node.admin()).problem()).isEqualTo("tenant_invalid");
        }
        try (Node node = Node.start(meta, file)) {
            assertThat(node.get("/v1/status", node.admin()).text("/shard_key/column")).isEqualTo("company_id");
        }
    }
}
