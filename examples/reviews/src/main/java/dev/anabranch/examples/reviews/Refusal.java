// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.examples.reviews;

import java.util.List;
import org.springframework.http.HttpStatus;
import org.springframework.http.ProblemDetail;
import org.springframework.web.ErrorResponseException;

/** A request that cannot be answered as it is: a problem (RFC 9457) with a stable code and what to do next. */
public final class Refusal extends ErrorResponseException {
    private static final long serialVersionUID = 1L;

    private Refusal(HttpStatus status, String code, String detail, String nextStep) {
        super(status, problem(status, code, detail, nextStep), null);
    }

    /** Status 404. */
    public static Refusal notFound(String what, String nextStep) {
        return new Refusal(HttpStatus.NOT_FOUND, "not_found", "There is no " + what + ".", nextStep);
    }

    /** Status 409. */
    public static Refusal conflict(String code, String detail, String nextStep) {
        return new Refusal(HttpStatus.CONFLICT, code, detail, nextStep);
    }

    private static ProblemDetail problem(HttpStatus status, String code, String detail, String nextStep) {
        ProblemDetail problem = ProblemDetail.forStatusAndDetail(status, detail);
        problem.setProperty("code", code);
        problem.setProperty("next_steps", List.of(nextStep));
        return problem;
    }
}
