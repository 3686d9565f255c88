// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.directory.server.problem;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.anabranch.problem.AnabranchException;
import io.swagger.v3.oas.annotations.media.Schema;
import java.util.List;

/**
 * Problem details as they are sent.
 *
 * @param type a relative URI, {@code /problems/<code>}, which describes the kind of problem
 * @param title a short summary of the kind
 * @param status the HTTP status
 * @param detail what happened this time, never with a credential
 * @param code the stable name of the kind
 * @param nextSteps what the caller can do
 */
@Schema(description = "Problem details, RFC 9457")
public record Problem(
        @Schema(example = "/problems/database_in_use") String type,
        @Schema(example = "Database in use") String title,
        @Schema(example = "409") int status,
        @Schema(example = "The database 'shard-1' is named by 2048 buckets of 'people'") String detail,
        @Schema(example = "database_in_use") String code,
        @JsonProperty("next_steps")
                @Schema(example = "[\"Move or unpin its tenants and change the groups that name it, then try again\"]")
                List<String> nextSteps) {
    /** The media type of problem details. */
    public static final String MEDIA_TYPE = "application/problem+json";

    /** A problem whose next steps are those of its kind. */
    public static Problem of(ProblemCode code, String detail) {
        return of(code, detail, code.nextSteps());
    }

    /** A problem with next steps of its own. */
    public static Problem of(ProblemCode code, String detail, List<String> nextSteps) {
        return new Problem("/problems/" + code.code(), code.title(), code.status(), detail, code.code(), nextSteps);
    }

    static Problem of(AnabranchException e) {
        return of(ProblemCode.of(e.code()), e.problem(), List.of(e.hint()));
    }
}
