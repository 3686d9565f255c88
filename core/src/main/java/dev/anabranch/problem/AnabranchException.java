// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.problem;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A failure that says what happened, where, and what to do next.
 *
 * <p>Messages name tenants, databases and revisions, and never a credential.
 */
public final class AnabranchException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final ErrorCode code;
    private final String problem;
    private final String hint;

    /**
     * @param code the kind of failure
     * @param problem what happened and where: one sentence without a full stop
     * @param hint what the reader can do next: one sentence without a full stop
     */
    public AnabranchException(ErrorCode code, String problem, String hint) {
        this(code, problem, hint, null);
    }

    /** As {@link #AnabranchException(ErrorCode, String, String)}, with what caused it. */
    public AnabranchException(ErrorCode code, String problem, String hint, @Nullable Throwable cause) {
        super(problem + ". " + hint + ".", cause);
        this.code = code;
        this.problem = problem;
        this.hint = hint;
    }

    /** The kind of failure. */
    public ErrorCode code() {
        return code;
    }

    /** What happened and where, without the hint. */
    public String problem() {
        return problem;
    }

    /** What to do next. */
    public String hint() {
        return hint;
    }

    /** The first {@code AnabranchException} among the throwable and its causes. */
    public static Optional<AnabranchException> in(@Nullable Throwable throwable) {
        // Bounded, because a chain of causes may be a circle.
        Throwable seen = throwable;
        for (int depth = 0; seen != null && depth < 32; depth++) {
            if (seen instanceof AnabranchException found) {
                return Optional.of(found);
            }
            seen = seen.getCause();
        }
        return Optional.empty();
    }
}
