// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.directory.server;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/** Who migrates, and who is told as whom. */
class OwnerTest {
    private static final String APPLICATIONS = "applications-Passw0rd-4471";
    private static final String OWNERS = "owners-Passw0rd-8812";
    private static final String GLOBAL = "{\"kind\":\"global\",\"database\":\"shard-1\"}";

    private static String body(String password, String owner, String ownerPassword) {
        return Servers.body("x", password)
                .replaceFirst("}$", ",\"owner\":{\"user\":\"" + owner + "\",\"password\":\"" + ownerPassword + "\"}}");
    }

    private static String body() {
        return body(APPLICATIONS, "people_owner", OWNERS);
    }

    /** The body without the owner's password. */
    private static String silent(String body) {
        return body.replaceFirst("\"user\":\"(\\w+)\",\"password\":\"[^\"]*\"}}$", "\"user\":\"$1\"}}");
    }

    @Test
    void ownersPasswordIsForMigratorsAlone() {
        try (Node node = Node.start(Servers.newDatabase(), "--logging.level.root=debug")) {
            node.put("/v1/databases/shard-1", body());
            node.put("/v1/databases/shard-1?check=true&dry_run=true", body());
            node.put("/v1/databases/shard-1", body().replace("}}", ",\"more\":1}}"));
            node.put("/v1/databases/shard-1", body().replace("}}", ""));
            node.put("/v1/databases/shard-1", silent(body(APPLICATIONS, "people_owner", "")));
            node.put("/v1/groups/all", GLOBAL);
            for (String role : List.of("viewer", "app", "migrator", "operator", "admin")) {
                String token = node.token(role);
                for (String path : List.of(
                        "/v1/snapshot", "/v1/snapshot?group=all", "/write/1?group=all", "/read/1?group=all", "/v1/status",
                        "/v1/databases", "/v1/databases/shard-1", "/v1/groups", "/v1/audit", "/v1/tokens",
                        "/v1/groups/all/migrations", "/v1/groups/all/tenants/1")) {
                    Answer answer = node.get(path, token);
                    boolean snapshot = path.startsWith("/v1/snapshot");
                    boolean address = path.startsWith("/write") || path.startsWith("/read");
                    boolean app = role.equals("app") || role.equals("migrator");
                    assertThat(answer.body().contains(OWNERS))
                            .as(role + " " + answer).isEqualTo(snapshot && role.equals("migrator"));
                    assertThat(answer.body().contains(APPLICATIONS))
                            .as(role + " " + answer).isEqualTo((snapshot || address) && app);
                }
                Answer snapshot = node.get("/v1/snapshot", token);
                assertThat(snapshot.text("/databases/shard-1/owner/user")).as(role).isEqualTo("people_owner");
                assertThat(snapshot.header("X-Anabranch-Credentials"))
                        .isEqualTo(List.of("app", "migrator").contains(role) ? "included" : "withheld");
                // Another's copy is not taken for one's own.
                Answer mine = node.get("/v1/snapshot", token, "If-None-Match", snapshot.header("ETag"));
                assertThat(mine.status()).isEqualTo(304);
                try (Events events = Events.of(node, token)) {
                    Await.until("an event", () -> events.count("event: revision") > 0);
                    assertThat(events.count(OWNERS)).isZero();
                }
            }
            String forMigrators = node.get("/v1/snapshot", node.token("migrator")).header("ETag");
            Answer app = node.get("/v1/snapshot", node.token("app"), "If-None-Match", forMigrators);
            assertThat(app.status()).isEqualTo(200);
            assertThat(node.get("/v1/databases/shard-1", node.admin()).json().at("/owner").toString())
                    .isEqualTo("{\"user\":\"people_owner\",\"credential\":\"encrypted\"}");
            assertThat(node.get("/v1/audit", node.admin()).body()).contains("people_owner");
        }
        assertThat(Output.text()).contains("database.add shard-1").doesNotContain(OWNERS).doesNotContain(APPLICATIONS);
    }

    @Test
    void migratorMayWhatAnApplicationMayAndNoMore() {
        try (Node node = Node.start(Servers.newDatabase())) {
            node.put("/v1/databases/shard-1", body());
            node.put("/v1/groups/all", GLOBAL);
            String migrator = node.token("migrator");
            assertThat(node.get("/write/1?group=all", migrator).text("/user")).isEqualTo(Servers.postgres().superuser());
            assertThat(node.send("PUT", "/v1/groups/all", migrator, GLOBAL).problem()).isEqualTo("not_allowed");
            assertThat(node.send("DELETE", "/v1/databases/shard-1", migrator, "").problem()).isEqualTo("not_allowed");
            assertThat(node.get("/v1/databases", migrator).problem()).isEqualTo("not_allowed");
            assertThat(node.get("/v1/audit", migrator).problem()).isEqualTo("not_allowed");
        }
    }

    @Test
    void sealedPasswordOfAnOwnerDoesNotOpenInTheApplicationsPlace() throws SQLException {
        String meta = Servers.newDatabase();
        try (Node node = Node.start(meta)) {
            String app = node.token("app");
            node.put("/v1/databases/shard-1", body());
            node.put("/v1/groups/all", GLOBAL);
            // Whoever may write there and has no key turns the owner into the application's user, name and all.
            Servers.postgres().execute(
                    meta,
                    "update anabranch.databases set credential = owner_credential, login = owner_login, owner_login = null,"
                            + " owner_credential = null; update anabranch.meta set revision = revision + 1");
            Answer snapshot = node.get("/v1/snapshot", app);
            assertThat(snapshot.text("/databases/shard-1/user")).isEqualTo("people_owner");
            assertThat(snapshot.body()).doesNotContain(OWNERS);
            assertThat(node.get("/v1/status", app).text("/unresolved_credentials/0")).isEqualTo("shard-1");
        }
    }

    @Test
    void ownersPasswordStaysUntilItsAddressChanges() {
        try (Node node = Node.start(Servers.newDatabase())) {
            String migrator = node.token("migrator");
            node.put("/v1/databases/shard-1", body());
            node.put("/v1/groups/all", GLOBAL);
            String silent = silent(body());
            assertThat(node.put("/v1/databases/shard-1", silent.replaceFirst("}}$", "},\"region\":\"eu\"}")).status()).isEqualTo(200);
            assertThat(ownersPassword(node, migrator)).isEqualTo(OWNERS);
            for (String elsewhere : List.of(
                    silent.replace("127.0.0.1", "evil.example"),
                    silent.replaceFirst("\"port\":\\d+", "\"port\":1"),
                    silent.replace("\"database\":\"x\"", "\"database\":\"y\""),
                    silent.replace("people_owner", "other_owner"),
                    silent.replaceFirst("}}$", "},\"properties\":{\"sslmode\":\"disable\"}}"))) {
                Answer refused = node.put("/v1/databases/shard-1", elsewhere);
                assertThat(refused.problem()).as(elsewhere).isEqualTo("credential_required");
                assertThat(refused.text("/detail")).contains("owner");
            }
            Answer rotated = node.put("/v1/databases/shard-1", body(APPLICATIONS, "people_owner", "rotated"));
            assertThat(rotated.json().at("/effects").toString()).contains("The owner's credential changes");
            assertThat(ownersPassword(node, migrator)).isEqualTo("rotated");
            String none = Servers.body("x", APPLICATIONS);
            assertThat(node.put("/v1/databases/shard-1", none).text("/after/owner/user")).isEqualTo("people_owner");
            assertThat(ownersPassword(node, migrator)).as("who does not speak of owners takes none away").isEqualTo("rotated");
            assertThat(node.put("/v1/databases/shard-1", none.replace("127.0.0.1", "evil.example")).problem())
                    .as("its password is not sent elsewhere").isEqualTo("credential_required");
            String own = none.replace("\"user\":\"" + Servers.postgres().superuser(), "\"user\":\"people_owner");
            assertThat(node.put("/v1/databases/shard-1", own).problem()).isEqualTo("configuration_invalid");
            Answer removed = node.put("/v1/databases/shard-1", none.replaceFirst("}$", ",\"owner\":null}"));
            assertThat(removed.json().at("/effects").toString()).contains("migrates itself");
            assertThat(node.get("/v1/snapshot", migrator).json().at("/databases/shard-1").has("owner")).isFalse();
            assertThat(node.put("/v1/databases/shard-1", silent).problem()).isEqualTo("credential_required");
        }
    }

    @Test
    void ownersReferenceIsFollowedAsTheApplicationsIs() throws Exception {
        Path file = Node.newOwnersSecret("first");
        try (Node node = Node.start(Servers.newDatabase())) {
            String migrator = node.token("migrator");
            node.put("/v1/groups/all", GLOBAL);
            Answer added = node.put("/v1/databases/shard-1", body(APPLICATIONS, "people_owner", "file:" + file));
            assertThat(added.text("/after/owner/credential")).isEqualTo("file:" + file);
            node.put("/v1/groups/all", GLOBAL);
            assertThat(ownersPassword(node, migrator)).isEqualTo("first");
            Files.writeString(file, "second");
            assertThat(ownersPassword(node, migrator)).isEqualTo("second");
            Files.delete(file);
            assertThat(ownersPassword(node, migrator)).as("the last one seen").isEqualTo("second");
            assertThat(node.put("/v1/databases/shard-1", body(APPLICATIONS, "people_owner", "file:/etc/passwd")).problem())
                    .isEqualTo("credential_reference_refused");
            Answer later = node.put(
                    "/v1/databases/shard-1", body(APPLICATIONS, "people_owner", "file:" + file.resolveSibling("later")));
            assertThat(later.json().at("/effects").toString()).contains("owner's credential leads nowhere");
            assertThat(node.get("/v1/status", migrator).text("/unresolved_credentials/0")).isEqualTo("shard-1 (owner)");
            assertThat(node.get("/v1/snapshot", node.token("app")).text("/databases/shard-1/password"))
                    .as("not the application's affair").isEqualTo(APPLICATIONS);
        }
    }

    @Test
    void ownerWhosePasswordApplicationsWouldKnowIsRefused() {
        String user = Servers.postgres().superuser();
        try (Node node = Node.start(Servers.newDatabase())) {
            for (String bad : List.of(
                    body(APPLICATIONS, user, OWNERS),
                    body(APPLICATIONS, "o".repeat(256), OWNERS),
                    body(APPLICATIONS, "people_owner", ""),
                    body(APPLICATIONS, "people_owner", "x".repeat(1025)))) {
                assertThat(node.put("/v1/databases/shard-1", bad).problem()).as(bad).isEqualTo("configuration_invalid");
            }
            assertThat(node.put("/v1/databases/shard-1", body(APPLICATIONS, "", OWNERS)).problem())
                    .isEqualTo("database_incomplete");
        }
    }

    @Test
    void connectionsAreTriedWhereThatIsAskedFor() throws SQLException {
        String database = Servers.newDatabase();
        Servers.postgres().createRole("owner_" + database, "right-password");
        String password = Servers.postgres().password();
        String body = Servers.body(database, password).replaceFirst(
                "}$", ",\"owner\":{\"user\":\"owner_" + database + "\",\"password\":\"wrong-password\"}}");
        try (Node node = Node.start(Servers.newDatabase())) {
            assertThat(node.put("/v1/databases/shard-1?dry_run=true", body).json().at("/effects").isEmpty()).isTrue();
            String effects = node.put("/v1/databases/shard-1?check=true", body).json().at("/effects").toString();
            assertThat(effects).contains("The user '" + Servers.postgres().superuser() + "' can log in to 127.0.0.1:");
            assertThat(effects).contains("Warning: The owner 'owner_" + database + "' cannot log in").doesNotContain("28P01", "SQLState", " ms");
            assertThat(effects).doesNotContain("wrong-password");
            node.put("/v1/databases/shard-1", body.replace("wrong-password", "right-password"));
            String stored = body.replace(",\"password\":\"wrong-password\"", "").replace(",\"password\":\"" + password + "\"", "");
            assertThat(node.put("/v1/databases/shard-1?check=true&dry_run=true", stored).json().at("/effects").toString())
                    .contains("The owner 'owner_" + database + "' can log in").doesNotContain("Warning");
        }
    }

    @Test
    void applicationsReferToNoOwnersPasswordAndOwnersToNoApplications() throws Exception {
        Path owners = Node.newOwnersSecret("owners-secret-5506");
        Path link = Files.createSymbolicLink(Node.newSecret("").resolveSibling("link-to-owners"), owners);
        Path applications = Node.newSecret("applications-secret");
        Path back = Files.createSymbolicLink(owners.resolveSibling("link-to-applications"), applications);
        try (Node node = Node.start(Servers.newDatabase())) {
            String app = node.token("app");
            for (String reference : List.of(
                    "file:" + owners, "file:" + link, "env:ANABRANCH_OWNER_FOR_TEST")) {
                Answer refused = node.put("/v1/databases/copy", Servers.body("x", reference));
                assertThat(refused.problem()).as(reference).isEqualTo("credential_reference_refused");
            }
            for (String reference : List.of(
                    "file:" + applications, "file:" + back, "env:ANABRANCH_DB_FOR_TEST",
                    "env:ANABRANCH_OWNER_CREDENTIAL_FOLDERS")) {
                Answer refused = node.put("/v1/databases/copy", body(APPLICATIONS, "people_owner", reference));
                assertThat(refused.problem()).as(reference).isEqualTo("credential_reference_refused");
                assertThat(refused.text("/detail")).contains(Node.OWNERS_SECRETS.toString(), "ANABRANCH_OWNER_");
            }
            node.put("/v1/databases/shard-1", body(APPLICATIONS, "people_owner", "env:ANABRANCH_OWNER_FOR_TEST"));
            node.put("/v1/groups/all", GLOBAL);
            assertThat(ownersPassword(node, node.token("migrator"))).isEqualTo("owners-from-the-environment-2c61");

            // A file that was the application's when it was stored, and leads to an owner's afterwards.
            node.put("/v1/databases/shard-1", body("file:" + applications, "people_owner", "env:ANABRANCH_OWNER_FOR_TEST"));
            assertThat(node.get("/v1/snapshot", app).text("/databases/shard-1/password")).isEqualTo("applications-secret");
            Files.delete(applications);
            Files.createSymbolicLink(applications, owners);
            assertThat(node.get("/v1/snapshot", app).body()).doesNotContain("owners-secret-5506");
        } finally {
            Files.delete(link);
            Files.delete(back);
        }
    }

    private static String ownersPassword(Node node, String migrator) {
        return node.get("/v1/snapshot", migrator).text("/databases/shard-1/owner/password");
    }
}
