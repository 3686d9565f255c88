// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.directory.server.problem;

import dev.anabranch.problem.AnabranchException;
import jakarta.servlet.http.HttpServletResponse;
import java.util.List;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.http.converter.HttpMessageNotReadableException;
import org.springframework.transaction.CannotCreateTransactionException;
import org.springframework.transaction.TransactionSystemException;
import org.springframework.web.ErrorResponse;
import org.springframework.web.HttpMediaTypeNotAcceptableException;
import org.springframework.web.HttpRequestMethodNotSupportedException;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.RestControllerAdvice;
import org.springframework.web.method.annotation.MethodArgumentTypeMismatchException;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.exc.UnrecognizedPropertyException;

/** Turns whatever a request ends with into problem details. */
@RestControllerAdvice
class ProblemHandler {
    private static final Logger LOG = LoggerFactory.getLogger(ProblemHandler.class);

    @ExceptionHandler(ProblemException.class)
    ResponseEntity<Problem> refused(ProblemException e) {
        return answer(e.problem());
    }

    @ExceptionHandler(AnabranchException.class)
    ResponseEntity<Problem> refused(AnabranchException e) {
        return answer(Problem.of(e));
    }

    @ExceptionHandler(HttpMessageNotReadableException.class)
    ResponseEntity<Problem> unreadable(HttpMessageNotReadableException e) {
        Throwable seen = e;
        for (int depth = 0; seen != null && depth < 8; depth++) {
            if (seen instanceof ProblemException refused) {
                return answer(refused.problem());
            }
            seen = seen.getCause();
        }
        return answer(Problem.of(ProblemCode.REQUEST_INVALID, whereUnreadable(e.getCause())));
    }

    @ExceptionHandler(MethodArgumentTypeMismatchException.class)
    ResponseEntity<Problem> mismatched(MethodArgumentTypeMismatchException e) {
        Class<?> wanted = e.getRequiredType();
        String type = wanted == null ? "another type" : wanted.getSimpleName().toLowerCase(java.util.Locale.ROOT);
        return answer(Problem.of(ProblemCode.REQUEST_INVALID, "The parameter '" + e.getName() + "' is no " + type));
    }

    @ExceptionHandler({
        DataAccessException.class,
        CannotCreateTransactionException.class,
        TransactionSystemException.class
    })
    ResponseEntity<Problem> metaDatabase(RuntimeException e) {
        // A driver's message may quote SQL and values, so the class and the state are all that is told.
        String state = MetaFailure.sqlState(e);
        if (MetaFailure.isUnavailable(e)) {
            LOG.warn("The meta database does not answer ({}, SQLState {})", e.getClass().getSimpleName(), state);
            return answer(Problem.of(ProblemCode.META_UNAVAILABLE, "The directory's meta database does not answer"));
        }
        if (state.startsWith("22")) {
            return answer(Problem.of(
                    ProblemCode.REQUEST_INVALID, "The request has a character that cannot be stored, such as U+0000"));
        }
        return internal(e, "SQLState " + state);
    }

    /** What else the framework throws: with its status where it has one, and as an internal error otherwise. */
    @ExceptionHandler(Exception.class)
    @Nullable ResponseEntity<Problem> anything(Exception e, HttpServletResponse response) {
        if (response.isCommitted()) {
            // The client has gone, or the stream has begun: nothing can be said any more.
            return null;
        }
        if (e instanceof ErrorResponse known) {
            ProblemCode code = Statuses.codeOf(known.getStatusCode().value());
            if (code != ProblemCode.INTERNAL) {
                HttpHeaders headers = new HttpHeaders();
                headers.addAll(known.getHeaders());
                return answer(Problem.of(code, detail(e, code)), headers);
            }
        }
        return internal(e, "");
    }

    private static String detail(Exception e, ProblemCode code) {
        return switch (e) {
            case HttpRequestMethodNotSupportedException method ->
                "The method " + method.getMethod() + " is not supported here";
            case HttpMediaTypeNotAcceptableException accept ->
                "This path answers with " + accept.getSupportedMediaTypes();
            case org.springframework.web.bind.MissingServletRequestParameterException missing ->
                "The parameter '" + missing.getParameterName() + "' is missing";
            default -> Statuses.detail(code);
        };
    }

    private static String whereUnreadable(@Nullable Throwable cause) {
        if (cause instanceof UnrecognizedPropertyException unknown) {
            return "The body has a member '" + unknown.getPropertyName() + "', which is not known here; known are "
                    + unknown.getKnownPropertyIds();
        }
        // Jackson quotes what it read, and what it read may be a password: only the place is told.
        if (cause instanceof tools.jackson.databind.DatabindException binding
                && !binding.getPath().isEmpty()) {
            return "The body's member '"
                    + binding.getPath().stream()
                            .map(step -> step.getPropertyName() == null
                                    ? "[" + step.getIndex() + "]"
                                    : step.getPropertyName())
                            .collect(Collectors.joining("."))
                    + "' has a value of the wrong type";
        }
        if (cause instanceof JacksonException json && json.getLocation() != null) {
            return "The body is no JSON at line " + json.getLocation().getLineNr() + ", column "
                    + json.getLocation().getColumnNr();
        }
        return "The body is missing or cannot be read";
    }

    private static ResponseEntity<Problem> internal(Exception e, String more) {
        String incident = UUID.randomUUID().toString().substring(0, 8);
        StackTraceElement[] trace = e.getStackTrace();
        LOG.error(
                "Incident {}: {} {} at {}",
                incident,
                e.getClass().getName(),
                more,
                trace.length == 0 ? "an unknown place" : trace[0]);
        LOG.debug("Incident {}", incident, e);
        return answer(Problem.of(ProblemCode.INTERNAL, "The directory failed (incident " + incident + ")"));
    }

    static ResponseEntity<Problem> answer(Problem problem) {
        return answer(problem, new HttpHeaders());
    }

    private static ResponseEntity<Problem> answer(Problem problem, HttpHeaders headers) {
        headers.setContentType(MediaType.APPLICATION_PROBLEM_JSON);
        headers.setCacheControl("no-store");
        if (problem.status() == 503) {
            headers.set(HttpHeaders.RETRY_AFTER, "2");
        }
        if (problem.status() == 401) {
            headers.put(HttpHeaders.WWW_AUTHENTICATE, List.of("Bearer"));
        }
        return ResponseEntity.status(problem.status()).headers(headers).body(problem);
    }
}
