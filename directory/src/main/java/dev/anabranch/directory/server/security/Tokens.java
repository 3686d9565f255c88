// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.directory.server.security;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.anabranch.directory.server.problem.ProblemCode;
import dev.anabranch.directory.server.problem.ProblemException;
import dev.anabranch.directory.server.store.Change;
import dev.anabranch.directory.server.store.ChangeRequest;
import dev.anabranch.directory.server.store.Ledger;
import dev.anabranch.directory.server.store.Outcome;
import dev.anabranch.directory.server.store.Role;
import dev.anabranch.directory.server.store.TokenRow;
import dev.anabranch.directory.server.store.TokenStore;
import io.swagger.v3.oas.annotations.media.Schema;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicReference;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** Makes, finds and revokes tokens. A secret is shown once and never again. */
@Component
public class Tokens {
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9 ._@-]{0,62}");

    private final Ledger ledger;
    private final TokenStore store;

    Tokens(Ledger ledger, TokenStore store) {
        this.ledger = ledger;
        this.store = store;
    }

    /**
     * A token that was just made.
     *
     * @param id what it is revoked by
     * @param name who holds it
     * @param role what it may do
     * @param token the secret; it is not stored, and this is the only time that it is shown
     * @param createdAt when it was made
     * @param createdBy who made it
     * @param revision the revision after it
     */
    @Schema(name = "NewToken")
    public record Made(
            UUID id,
            @Schema(example = "people-service") String name,
            @Schema(example = "app") String role,
            @Schema(example = "anab_…", description = "Shown this once; only its SHA-256 is stored") String token,
            @JsonProperty("created_at") Instant createdAt,
            @JsonProperty("created_by") @Schema(example = "admin") String createdBy,
            long revision) {
        @Override
        public String toString() {
            return "Made[" + id + "]";
        }
    }

    /**
     * Either the new token, or for a dry run what would be made.
     *
     * @param outcome what has changed, or would
     * @param made the token; null for a dry run
     */
    public record Result(Outcome outcome, @Nullable Made made) {}

    /** The live token of that secret, if there is one. */
    Optional<TokenRow> authenticate(String secret) {
        return store.bySecret(TokenSecret.sha256(secret)).filter(TokenRow::live);
    }

    /** Whether the token is still accepted. */
    public boolean isLive(UUID id) {
        return store.find(id).filter(TokenRow::live).isPresent();
    }

    /** All of them, the oldest first. */
    public List<TokenRow> all() {
        return store.all();
    }

    /**
     * Makes a token.
     *
     * @param idempotencyKey the caller's name for this attempt, under which no second token is made
     */
    public Result create(String name, Role role, @Nullable String idempotencyKey, ChangeRequest request) {
        if (!NAME.matcher(name).matches()) {
            throw new ProblemException(
                    ProblemCode.CONFIGURATION_INVALID,
                    "The token's name is not allowed",
                    List.of("Use 1 to 63 letters, digits, spaces and . _ @ -, beginning with a letter or a digit"));
        }
        String secret = TokenSecret.random();
        byte[] key = idempotencyKey == null ? null : TokenSecret.sha256(idempotencyKey);
        AtomicReference<@Nullable TokenRow> added = new AtomicReference<>();
        Outcome outcome = ledger.apply(request, () -> {
            if (key != null) {
                store.byIdempotencyKey(key).ifPresent(Tokens::repeated);
            }
            TokenRow row = store.add(name, role, TokenSecret.sha256(secret), key, request.who());
            added.set(row);
            return new Change("token.create", name, null, row, List.of(), true);
        });
        TokenRow row = added.get();
        if (row == null || outcome.dryRun()) {
            return new Result(outcome, null);
        }
        return new Result(
                outcome,
                new Made(row.id(), name, role.id(), secret, row.createdAt(), row.createdBy(), outcome.revision()));
    }

    private static void repeated(TokenRow earlier) {
        throw new ProblemException(
                ProblemCode.IDEMPOTENCY_REPEATED,
                "Under this Idempotency-Key the token " + earlier.id() + " ('" + earlier.name()
                        + "') was made; its secret is not stored and cannot be shown again");
    }

    /** Revokes a token; the last one that may administer stays. */
    public Outcome revoke(UUID id, ChangeRequest request) {
        return ledger.apply(request, () -> {
            TokenRow row = store.find(id)
                    .orElseThrow(
                            () -> new ProblemException(ProblemCode.TOKEN_UNKNOWN, "There is no token with the id " + id));
            if (row.live() && row.role().equals(Role.ADMIN.id()) && store.liveAdmins() == 1) {
                throw new ProblemException(
                        ProblemCode.LAST_ADMIN, "The token " + id + " is the only one left that may administer");
            }
            store.revoke(id);
            return new Change(
                    "token.revoke", row.name(), row, store.find(id).orElse(null), List.of(), row.live());
        });
    }
}
