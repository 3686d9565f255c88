// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.directory.server.store;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import io.swagger.v3.oas.annotations.media.Schema;
import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A token, without its secret.
 *
 * @param id what it is revoked by
 * @param name who holds it; the audit's {@code who}
 * @param role what it may do
 * @param createdAt when it was made
 * @param createdBy who made it
 * @param revokedAt when it was revoked, or null
 */
@Schema(name = "Token")
public record TokenRow(
        UUID id,
        @Schema(example = "people-service") String name,
        @Schema(example = "app", type = "string") String role,
        @JsonProperty("created_at") Instant createdAt,
        @JsonProperty("created_by") @Schema(example = "admin") String createdBy,
        @Nullable @JsonProperty("revoked_at") @JsonInclude(JsonInclude.Include.NON_NULL) Instant revokedAt) {
    /** Whether it is accepted. */
    public boolean live() {
        return revokedAt == null;
    }
}
