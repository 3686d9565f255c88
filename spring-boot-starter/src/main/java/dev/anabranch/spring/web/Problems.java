// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.spring.web;

import dev.anabranch.problem.AnabranchException;
import dev.anabranch.problem.ErrorCode;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import tools.jackson.databind.json.JsonMapper;

/**
 * Turns failures into problem details.
 *
 * <p>What a caller can mend is told in full. Of what only an operator can mend, the caller learns the code, and the log
 * the rest.
 */
final class Problems {
    private static final Logger LOG = LoggerFactory.getLogger(Problems.class);
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final int RETRY_AFTER_SECONDS = 5;

    private final String instruction;

    /**
     * @param instruction what a caller that named no tenant should do
     */
    Problems(String instruction) {
        this.instruction = instruction;
    }

    /** The problem that a failure means, where it is one of the library's or a database that cannot be reached. */
    Optional<Problem> in(Throwable failure) {
        return AnabranchException.in(failure).map(this::of).or(() -> lostConnection(failure));
    }

    /** The problem that the exception means. */
    Problem of(AnabranchException e) {
        ErrorCode code = e.code();
        return switch (code) {
            case TENANT_NOT_BOUND -> caller(HttpStatus.BAD_REQUEST, code, "The request names no tenant", instruction);
            case TENANT_INVALID -> caller(HttpStatus.BAD_REQUEST, e);
            case TENANT_CONFLICT -> caller(HttpStatus.FORBIDDEN, e);
            case TENANT_UNKNOWN -> caller(HttpStatus.NOT_FOUND, e);
            case SHARD_KEY_MISSING, SHARD_KEY_MISMATCH -> caller(HttpStatus.UNPROCESSABLE_CONTENT, e);
            case DATABASE_UNAVAILABLE -> unavailable(code, "The tenant's database cannot be reached at the moment", e);
            case DIRECTORY_UNAVAILABLE -> unavailable(code, "Where the tenant's data is cannot be found out at the moment", e);
            case CLOSED -> unavailable(code, "The service is shutting down", e);
            case GROUP_UNKNOWN, CONFIGURATION_INVALID, DIRECTORY_REFUSED -> internal(code.code(), e);
        };
    }

    /** The problem of a failure that nobody has foreseen: without any detail for the caller. */
    Problem unexpected(Throwable failure) {
        return internal("internal", failure);
    }

    /** Answers with the problem. */
    void write(HttpServletRequest request, HttpServletResponse response, Problem problem) throws IOException {
        response.resetBuffer();
        response.setStatus(problem.status().value());
        response.setContentType(MediaType.APPLICATION_PROBLEM_JSON_VALUE);
        if (problem.retryAfterSeconds() > 0) {
            response.setHeader(HttpHeaders.RETRY_AFTER, Integer.toString(problem.retryAfterSeconds()));
        }
        byte[] body = JSON.writeValueAsBytes(problem.members(request.getRequestURI()));
        response.setContentLength(body.length);
        response.getOutputStream().write(body);
        response.flushBuffer();
    }

    private static Optional<Problem> lostConnection(@Nullable Throwable failure) {
        // Bounded, because a chain of causes may be a circle.
        Throwable seen = failure;
        for (int depth = 0; seen != null && depth < 32; depth++) {
            // 08: connection exception. 57P01 to 57P03: PostgreSQL shuts down, has crashed, or is starting.
            if (seen instanceof SQLException e
                    && e.getSQLState() != null
                    && (e.getSQLState().startsWith("08") || e.getSQLState().startsWith("57P0"))) {
                return Optional.of(unavailable(
                        ErrorCode.DATABASE_UNAVAILABLE, "The tenant's database cannot be reached at the moment", e));
            }
            seen = seen.getCause();
        }
        return Optional.empty();
    }

    private static Problem caller(HttpStatus status, AnabranchException e) {
        return caller(status, e.code(), e.problem(), e.hint());
    }

    private static Problem caller(HttpStatus status, ErrorCode code, String detail, String step) {
        return new Problem(status, code.code(), detail + ".", List.of(step + "."), 0);
    }

    private static Problem unavailable(ErrorCode code, String detail, Exception e) {
        LOG.warn("Answered 503 {}: {}", code.code(), e.getMessage());
        return new Problem(
                HttpStatus.SERVICE_UNAVAILABLE,
                code.code(),
                detail + ".",
                List.of("Send the request again after " + RETRY_AFTER_SECONDS + " seconds."),
                RETRY_AFTER_SECONDS);
    }

    private static Problem internal(String code, Throwable failure) {
        LOG.error("Answered 500 {}", code, failure);
        return new Problem(
                HttpStatus.INTERNAL_SERVER_ERROR,
                code,
                "The request failed for a reason that is in the service's log.",
                List.of("Tell the service's operators, with the time of the request."),
                0);
    }
}
