// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.directory.server.store;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** The tokens: of a secret only its SHA-256 is stored. */
@Component
public class TokenStore {
    private static final String COLUMNS =
            "select id, name, role, created_at, created_by, revoked_at from anabranch.tokens";

    private final JdbcClient jdbc;

    TokenStore(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /** The token whose secret has that SHA-256, revoked or not. */
    public Optional<TokenRow> bySecret(byte[] sha256) {
        return jdbc.sql(COLUMNS + " where secret_sha256 = ?")
                .param(sha256)
                .query(TokenStore::row)
                .optional();
    }

    /** The token that was made under that idempotency key. */
    public Optional<TokenRow> byIdempotencyKey(byte[] sha256) {
        return jdbc.sql(COLUMNS + " where idempotency_sha256 = ?")
                .param(sha256)
                .query(TokenStore::row)
                .optional();
    }

    /** The token of that id. */
    public Optional<TokenRow> find(UUID id) {
        return jdbc.sql(COLUMNS + " where id = ?").param(id).query(TokenStore::row).optional();
    }

    /** All of them, the oldest first. */
    public List<TokenRow> all() {
        return jdbc.sql(COLUMNS + " order by created_at, id").query(TokenStore::row).list();
    }

    /** How many tokens may administer. */
    public long liveAdmins() {
        return jdbc.sql("select count(*) from anabranch.tokens where role = 'admin' and revoked_at is null")
                .query(Long.class)
                .single();
    }

    /** Adds one; within a change only. */
    public TokenRow add(String name, Role role, byte[] secretSha256, byte @Nullable [] idempotencySha256, String by) {
        return jdbc.sql("""
                        insert into anabranch.tokens (id, name, role, secret_sha256, idempotency_sha256, created_by)
                        values (?, ?, ?, ?, ?, ?)
                        returning id, name, role, created_at, created_by, revoked_at
                        """)
                .params(Arrays.asList(UUID.randomUUID(), name, role.id(), secretSha256, idempotencySha256, by))
                .query(TokenStore::row)
                .single();
    }

    /** Revokes; within a change only. */
    public void revoke(UUID id) {
        jdbc.sql("update anabranch.tokens set revoked_at = now() where id = ? and revoked_at is null")
                .param(id)
                .update();
    }

    private static TokenRow row(ResultSet row, int number) throws SQLException {
        Timestamp revoked = row.getTimestamp("revoked_at");
        return new TokenRow(
                row.getObject("id", UUID.class),
                row.getString("name"),
                row.getString("role"),
                row.getTimestamp("created_at").toInstant(),
                row.getString("created_by"),
                revoked == null ? null : revoked.toInstant());
    }
}
