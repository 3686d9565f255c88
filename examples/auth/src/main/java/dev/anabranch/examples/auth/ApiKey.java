// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.examples.auth;

import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.FetchType;
import jakarta.persistence.GeneratedValue;
import jakarta.persistence.GenerationType;
import jakarta.persistence.Id;
import jakarta.persistence.JoinColumn;
import jakarta.persistence.ManyToOne;
import jakarta.persistence.Table;
import jakarta.persistence.UniqueConstraint;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** A credential of an account for its programs. */
@Entity
@Table(uniqueConstraints = @UniqueConstraint(columnNames = {"account_id", "name"}))
class ApiKey {
    @Id
    @GeneratedValue(strategy = GenerationType.IDENTITY)
    private @Nullable Long id;

    @ManyToOne(fetch = FetchType.LAZY, optional = false)
    @JoinColumn(name = "account_id", nullable = false)
    private Account account;

    @Column(nullable = false, length = 100)
    private String name;

    @Column(nullable = false, unique = true)
    private byte[] keyHash;

    @Column(nullable = false)
    private Instant createdAt;

    private @Nullable Instant revokedAt;

    /** For JPA, which sets the fields. */
    @SuppressWarnings("NullAway.Init")
    protected ApiKey() {}

    ApiKey(Account account, String name, byte[] keyHash, Instant createdAt) {
        this.account = account;
        this.name = name;
        this.keyHash = keyHash.clone();
        this.createdAt = createdAt;
    }

    /** From now on it opens nothing. */
    void revoke(Instant now) {
        if (revokedAt == null) {
            revokedAt = now;
        }
    }

    @Nullable Long id() {
        return id;
    }

    Account account() {
        return account;
    }

    String name() {
        return name;
    }

    Instant createdAt() {
        return createdAt;
    }

    @Nullable Instant revokedAt() {
        return revokedAt;
    }
}
