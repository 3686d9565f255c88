// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.directory.server.store;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import io.swagger.v3.oas.annotations.media.Schema;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Who has changed what, and why; {@link Ledger} writes it. */
@Component
public class AuditStore {
    private final JdbcClient jdbc;
    private final JsonMapper json;

    AuditStore(JdbcClient jdbc, JsonMapper json) {
        this.jdbc = jdbc;
        this.json = json;
    }

    /**
     * One change that was made.
     *
     * @param id grows with time
     * @param at when
     * @param who the name of the caller's token
     * @param whoId the id of that token; absent where the node itself made the change
     * @param why the caller's reason, if one was given
     * @param action for example {@code database.change}
     * @param subject what was changed
     * @param details before, after and effects, without credentials
     * @param revision the revision that the change made
     */
    @Schema(name = "AuditEntry")
    public record Entry(
            long id,
            Instant at,
            @Schema(example = "deploy") String who,
            @Nullable @JsonProperty("who_id") @JsonInclude(JsonInclude.Include.NON_NULL) UUID whoId,
            @Nullable @Schema(example = "ticket 4711") @JsonInclude(JsonInclude.Include.NON_NULL) String why,
            @Schema(example = "tenant.pin") String action,
            @Schema(example = "people/42") String subject,
            @Schema(type = "object") JsonNode details,
            long revision) {}

    /** The newest entries with an id below one, the newest first. */
    public List<Entry> page(long before, int limit) {
        return jdbc.sql("""
                        select id, at, who, who_id, why, action, subject, details, revision from anabranch.audit
                        where id < ? order by id desc limit ?
                        """)
                .params(before, limit)
                .query((row, number) -> new Entry(
                        row.getLong(1),
                        row.getTimestamp(2).toInstant(),
                        row.getString(3),
                        row.getObject(4, UUID.class),
                        row.getString(5),
                        row.getString(6),
                        row.getString(7),
                        json.readTree(row.getString(8)),
                        row.getLong(9)))
                .list();
    }
}
