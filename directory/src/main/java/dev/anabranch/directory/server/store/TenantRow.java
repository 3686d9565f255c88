// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.directory.server.store;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import io.swagger.v3.oas.annotations.media.Schema;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A tenant that a group lists.
 *
 * @param tenant its id
 * @param database where it is pinned; null where its hash places it
 * @param createdAt when it was listed
 * @param createdBy who listed it
 */
@Schema(name = "ListedTenant")
public record TenantRow(
        @Schema(example = "42") String tenant,
        @Nullable @Schema(example = "shard-1", description = "Where it is pinned; absent where its hash places it")
                @JsonInclude(JsonInclude.Include.NON_NULL) String database,
        @JsonProperty("created_at") Instant createdAt,
        @JsonProperty("created_by") @Schema(example = "deploy") String createdBy) {}
