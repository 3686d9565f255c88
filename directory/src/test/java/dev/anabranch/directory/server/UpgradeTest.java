// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.directory.server;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.sql.SQLException;
import java.util.Base64;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.flywaydb.core.Flyway;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/** A meta database that an earlier version has filled. */
class UpgradeTest {
    private static final String PASSWORD = "sealed-before-2291";

    /** As the first version sealed it: what is stored must open for ever. */
    private static String sealed(String place) throws GeneralSecurityException {
        byte[] nonce = new byte[12];
        Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
        cipher.init(
                Cipher.ENCRYPT_MODE,
                new SecretKeySpec(Base64.getDecoder().decode(Node.KEY), "AES"),
                new GCMParameterSpec(128, nonce));
        cipher.updateAAD(place.getBytes(StandardCharsets.UTF_8));
        byte[] closed = cipher.doFinal(PASSWORD.getBytes(StandardCharsets.UTF_8));
        byte[] whole = ByteBuffer.allocate(nonce.length + closed.length).put(nonce).put(closed).array();
        return "sealed:v1:" + Base64.getEncoder().encodeToString(whole);
    }

    @Test
    void topologyOfTheVersionBeforeOwnersGoesOn() throws SQLException, GeneralSecurityException {
        String meta = Servers.newDatabase();
        Flyway.configure()
                .dataSource(Servers.postgres().jdbcUrl(meta), Servers.postgres().superuser(), Servers.postgres().password())
                .schemas("anabranch")
                .defaultSchema("anabranch")
                .table("schema_history")
                .locations("classpath:db/anabranch")
                .target("2")
                .load()
                .migrate();
        Servers.postgres().execute(meta, """
                set search_path to anabranch;
                insert into meta (revision, shard_key_column, shard_key_type) values (7, 'customer_id', 'text');
                insert into databases values ('shard-1', 'postgres', 'db1', 5432, 'app', 'app', '%s', 'eu', '{}');
                insert into groups values ('people', 'sharded', null, 'any'), ('billing', 'global', 'shard-1', null);
                insert into buckets values ('people', 0, 4095, 'shard-1');
                insert into tenants values ('people', '42', 'shard-1', now(), 'admin')"""
                .formatted(sealed("7:shard-18:postgres3:db14:54323:app3:app")));
        try (Node node = Node.start(meta)) {
            Answer snapshot = node.get("/v1/snapshot", node.token("migrator"));
            assertThat(snapshot.text("/databases/shard-1/password")).isEqualTo(PASSWORD);
            assertThat(snapshot.json().at("/databases/shard-1").has("owner")).isFalse();
            assertThat(snapshot.text("/groups/people/pinned/42")).isEqualTo("shard-1");
            assertThat(snapshot.json().at("/groups/billing").has("schema")).isFalse();
            assertThat(node.put("/v1/groups/billing", "{\"kind\":\"global\",\"database\":\"shard-1\",\"schema\":{\"name\":\"billing\"}}")
                            .status())
                    .isEqualTo(200);
        }
    }
}
