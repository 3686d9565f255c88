// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.directory.server.store;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.swagger.v3.oas.annotations.media.Schema;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a change has done, or would do.
 *
 * @param revision the revision after it
 * @param changed whether anything differs
 * @param dryRun whether nothing was done because only the plan was asked for
 * @param action for example {@code tenant.pin}
 * @param subject what is changed
 * @param before what was there; absent where nothing was
 * @param after what is there now; absent where nothing is
 * @param effects what it means beyond that, one sentence each
 */
@Schema(description = "What a change has done, or with dry_run=true would do")
public record Outcome(
        @Schema(example = "12") long revision,
        @Schema(example = "true") boolean changed,
        @JsonProperty("dry_run") @Schema(example = "false") boolean dryRun,
        @Schema(example = "tenant.pin") String action,
        @Schema(example = "people/42") String subject,
        @Nullable @Schema(type = "object", example = "{\"group\":\"people\",\"tenant\":\"42\",\"database\":\"shard-2\",\"placement\":\"hash\",\"listed\":false}") Object before,
        @Nullable @Schema(type = "object", example = "{\"group\":\"people\",\"tenant\":\"42\",\"database\":\"shard-1\",\"placement\":\"pinned\",\"listed\":true}") Object after,
        @Schema(example = "[]") List<String> effects) {
    static Outcome of(long revision, boolean dryRun, Change change) {
        return new Outcome(
                revision,
                change.changed(),
                dryRun,
                change.action(),
                change.subject(),
                change.before(),
                change.after(),
                change.effects());
    }

    /** Whether something is there now that was not there before. */
    public boolean created() {
        return changed && !dryRun && before == null && after != null;
    }
}
