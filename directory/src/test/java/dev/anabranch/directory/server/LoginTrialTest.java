// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.directory.server;

import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/** A trial of a login gives nobody a secret that they do not know, and leaves a trace. */
class LoginTrialTest {
    private static final String SECRET = "from-the-environment-7f3a";
    private static final String REFERENCE = "env:ANABRANCH_DB_FOR_TEST";
    private static final String TRY = "/v1/databases/zz?dry_run=true&check=true";

    private static String body(int port, String password, String mode) {
        return """
                {"flavor":"postgres","host":"127.0.0.1","port":%d,"database":"x","user":"u","password":"%s",
                 "properties":{"sslmode":"%s"}}""".formatted(port, password, mode);
    }

    private static String lastAction(Node node) {
        return node.get("/v1/audit?limit=1", node.admin()).text("/items/0/action");
    }

    @Test
    void referenceOfAnOperatorsOwnAddressIsNotTried() throws IOException {
        try (Node node = Node.start(Servers.newDatabase());
                AskingServer server = AskingServer.start()) {
            String operator = node.token("operator");
            Answer dry = node.send("PUT", TRY, operator, body(server.port(), REFERENCE, "require"));
            assertThat(dry.status()).as(dry.toString()).isEqualTo(200);
            assertThat(dry.json().at("/effects").toString()).contains("The user 'u' was not tried");
            assertThat(server.connections()).isZero();
            // Stored elsewhere it is no other.
            node.put("/v1/databases/zz", body(1, REFERENCE, "require"));
            node.send("PUT", TRY, operator, body(server.port(), REFERENCE, "require"));
            node.send("PUT", TRY, operator, body(server.port(), REFERENCE, "require").replace("\"u\"", "\"v\""));
            assertThat(server.connections()).isZero();
            assertThat(lastAction(node)).isEqualTo("database.add");

            node.put("/v1/databases/zz", body(server.port(), REFERENCE, "require"));
            Answer stored = node.send("PUT", TRY, operator, body(server.port(), REFERENCE, "require"));
            assertThat(stored.json().at("/effects").toString()).contains("Warning: The user 'u' cannot log in");
            assertThat(server.connections()).as("stored for that address").isEqualTo(1);
            assertThat(lastAction(node)).isEqualTo("database.try");
        }
    }

    @Test
    void serverDoesNotGetThePasswordByAskingForItEvenOverTls() throws IOException {
        try (Node node = Node.start(Servers.newDatabase());
                AskingServer server = AskingServer.start()) {
            for (String mode : List.of("disable", "prefer", "require")) {
                node.put(TRY, body(server.port(), REFERENCE, mode));
                node.put(TRY, body(server.port(), "typed-by-the-caller", mode));
            }
            assertThat(server.connections()).isGreaterThanOrEqualTo(6);
            assertThat(server.received()).noneMatch(text -> text.contains(SECRET) || text.contains("typed-by-the-caller"));
        }
    }

    @Test
    void serverThatSpeaksMariaDbDoesNotGetThePasswordEither() throws IOException {
        try (Node node = Node.start(Servers.newDatabase());
                AskingServer server = AskingServer.startAsMariaDb()) {
            for (String mode : List.of("disable", "trust")) {
                String body = body(server.port(), REFERENCE, mode).replace("postgres", "mariadb").replace("sslmode", "sslMode");
                assertThat(node.put(TRY, body).text("/effects/0")).contains("cannot log in");
            }
            assertThat(server.connections()).isGreaterThanOrEqualTo(2);
            assertThat(server.received()).noneMatch(text -> text.contains(SECRET));
        }
    }

    @Test
    void trialIsInTheAuditAndFailsInTheSameWordsWhateverFailed() throws IOException {
        try (Node node = Node.start(Servers.newDatabase());
                AskingServer server = AskingServer.start()) {
            String operator = node.token("operator");
            for (int port : new int[] {1, server.port(), Servers.postgres().port()}) {
                Answer dry = node.send("PUT", TRY, operator, body(port, "typed-by-the-caller", "disable"), "X-Reason", "why-" + port);
                assertThat(dry.text("/effects/0"))
                        .isEqualTo("Warning: The user 'u' cannot log in to 127.0.0.1:" + port + "/x from here");
                Answer audit = node.get("/v1/audit?limit=1", node.admin());
                assertThat(audit.text("/items/0/action")).isEqualTo("database.try");
                assertThat(audit.text("/items/0/who")).isEqualTo("operator-test");
                assertThat(audit.text("/items/0/why")).isEqualTo("why-" + port);
                assertThat(audit.text("/items/0/details/after/port")).isEqualTo(Integer.toString(port));
                assertThat(audit.body()).doesNotContain("typed-by-the-caller");
            }
            assertThat(node.get("/v1/databases/zz", node.admin()).status()).isEqualTo(404);
        }
    }
}
