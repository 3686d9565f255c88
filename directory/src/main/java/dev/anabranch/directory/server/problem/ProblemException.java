// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.directory.server.problem;

import java.util.List;

/** Ends a request with a problem. */
public final class ProblemException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final transient Problem problem;

    /** A problem whose next steps are those of its kind. */
    public ProblemException(ProblemCode code, String detail) {
        this(Problem.of(code, detail));
    }

    /** A problem with next steps of its own. */
    public ProblemException(ProblemCode code, String detail, List<String> nextSteps) {
        this(Problem.of(code, detail, nextSteps));
    }

    private ProblemException(Problem problem) {
        super(problem.detail(), null, false, false);
        this.problem = problem;
    }

    /** What is sent. */
    public Problem problem() {
        return problem;
    }
}
