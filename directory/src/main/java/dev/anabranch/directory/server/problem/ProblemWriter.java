// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.directory.server.problem;

import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import tools.jackson.databind.json.JsonMapper;

/** Sends a problem from where Spring MVC does not reach: filters and the server itself. */
public final class ProblemWriter {
    private static final JsonMapper JSON = JsonMapper.builder()
            .disable(tools.jackson.databind.MapperFeature.SORT_PROPERTIES_ALPHABETICALLY)
            .build();

    private ProblemWriter() {}

    /** Writes the whole answer. */
    public static void write(HttpServletResponse response, Problem problem) throws IOException {
        byte[] body = JSON.writeValueAsBytes(problem);
        response.setStatus(problem.status());
        response.setContentType(Problem.MEDIA_TYPE);
        response.setHeader("Cache-Control", "no-store");
        if (problem.status() == 401) {
            response.setHeader("WWW-Authenticate", "Bearer");
        }
        if (problem.status() == 503) {
            response.setHeader("Retry-After", "2");
        }
        response.setContentLength(body.length);
        response.getOutputStream().write(body);
    }
}
