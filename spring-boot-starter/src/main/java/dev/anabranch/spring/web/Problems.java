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
 * <p>What a caller can mend is told in full. Of what only an operator or a programmer can mend, the caller learns no
 * more than the code, and the log the rest.
 */
final class Problems {
    private static final Logger LOG = LoggerFactory.getLogger(Problems.class);
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final int RETRY_AFTER_SECONDS = 5;
    /** SQLState: transaction resolution unknown. */
    private static final String UNKNOWN_OUTCOME = "08007";

    private final String instruction;
    private final boolean asBody;

    /**
     * @param instruction what a caller that named no tenant should do
     * @param asBody whether problems are written as bodies; otherwise the container's error handling gets their status
     */
    Problems(String instruction, boolean asBody) {
        this.instruction = instruction;
        this.asBody = asBody;
    }

    /** Whether problems are written as bodies. */
    boolean asBody() {
        return asBody;
    }

    /**
     * The problem that a failure deeper than the filter means, where it is one of the library's or a database that cannot
     * be reached.
     *
     * @param bound whether the filter has bound a tenant for the request
     */
    Optional<Problem> in(Throwable failure, boolean bound) {
        return AnabranchException.in(failure).map(e -> inside(e, failure, bound)).or(() -> lostConnection(failure));
    }

    /**
     * The problem where the application, and not the caller, has lost or mixed up the tenant: code on a thread that the
     * binding was not handed to, a connection in another tenant's scope. Whose they are is none of the caller's business.
     */
    private Problem inside(AnabranchException e, Throwable failure, boolean bound) {
        boolean applications =
                switch (e.code()) {
                    case TENANT_NOT_BOUND -> bound;
                    case TENANT_CONFLICT -> true;
                    default -> false;
                };
        return applications ? unexpected(failure) : of(e);
    }

    /** The problem of a request that is refused before the application gets it, or of what the application met. */
    Problem of(AnabranchException e) {
        ErrorCode code = e.code();
        return switch (code) {
            case TENANT_NOT_BOUND -> caller(HttpStatus.BAD_REQUEST, code, "The request names no tenant", instruction);
            case TENANT_INVALID -> caller(HttpStatus.BAD_REQUEST, e);
            case TENANT_CONFLICT -> caller(HttpStatus.FORBIDDEN, e);
            case TENANT_UNKNOWN -> unknown(e);
            case SHARD_KEY_MISSING, SHARD_KEY_MISMATCH -> caller(HttpStatus.UNPROCESSABLE_CONTENT, e);
            case OUTCOME_UNKNOWN -> outcomeUnknown(e);
            case DATABASE_UNAVAILABLE -> unavailable(code, "The database cannot be reached at the moment", e);
            case DIRECTORY_UNAVAILABLE -> unavailable(code, "Where the tenant's data is cannot be found out at the moment", e);
            case SCHEMA_BEHIND, MIGRATION_LOCKED ->
                unavailable(code, "The database is not ready for this version yet", e);
            case CLOSED -> unavailable(code, "The service is shutting down", e);
            case AUDIENCE_UNSERVED -> unavailable(code, "What is kept for this audience cannot answer at the moment", e);
            case AUDIENCE_UNKNOWN, CONSISTENCY_TOKEN_INVALID -> caller(HttpStatus.BAD_REQUEST, e);
            case READ_ONLY -> caller(HttpStatus.FORBIDDEN, e);
            case GROUP_UNKNOWN,
                    CONFIGURATION_INVALID,
                    DIRECTORY_REFUSED,
                    MIGRATION_INVALID,
                    MIGRATION_FAILED,
                    ROUTER_INVALID,
                    RELATION_REFUSED -> internal(code.code(), e);
        };
    }

    /** The problem of a failure that nobody has foreseen: without any detail for the caller. */
    Problem unexpected(Throwable failure) {
        return internal("internal", failure);
    }

    /** Answers with the problem. */
    void write(HttpServletRequest request, HttpServletResponse response, Problem problem) throws IOException {
        if (!asBody) {
            if (problem.retryAfterSeconds() > 0) {
                response.setHeader(HttpHeaders.RETRY_AFTER, Integer.toString(problem.retryAfterSeconds()));
            }
            response.sendError(problem.status().value());
            return;
        }
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
            if (seen instanceof SQLException e && UNKNOWN_OUTCOME.equals(e.getSQLState())) {
                return Optional.of(outcomeUnknown(e));
            }
            if (seen instanceof SQLException e
                    && e.getSQLState() != null
                    && (e.getSQLState().startsWith("08") || e.getSQLState().startsWith("57P0"))) {
                return Optional.of(unavailable(
                        ErrorCode.DATABASE_UNAVAILABLE, "The database cannot be reached at the moment", e));
            }
            seen = seen.getCause();
        }
        return Optional.empty();
    }

    /** No 503, which invites whoever sees it to send the request again, and with it the change. */
    private static Problem outcomeUnknown(Exception e) {
        LOG.error("Answered 500 outcome_unknown: {}", e.getMessage(), e);
        return new Problem(
                HttpStatus.INTERNAL_SERVER_ERROR,
                "outcome_unknown",
                "The connection to the database broke while the change was committed, so that it is not known"
                        + " whether it was made.",
                List.of("Look whether the change is there before the request is sent again."),
                0);
    }

    /** How tenants are placed, and at which revision, is the operator's. */
    private static Problem unknown(AnabranchException e) {
        LOG.debug("Answered 404 {}: {}", e.code().code(), e.getMessage());
        return caller(HttpStatus.NOT_FOUND, e.code(), "The request's tenant is not known here", "Check the tenant's id");
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
        String detail = AnabranchException.in(failure).<Throwable>map(found -> found).orElse(failure).getMessage();
        LOG.error("Answered 500 {}: {}", code, detail, failure);
        return new Problem(
                HttpStatus.INTERNAL_SERVER_ERROR,
                code,
                "The request failed for a reason that is in the service's log.",
                List.of("Tell the service's operators, with the time of the request."),
                0);
    }
}
