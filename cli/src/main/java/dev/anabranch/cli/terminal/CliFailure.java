// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.cli.terminal;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Why a command ends without having done its work, in words for the person who called it. */
public class CliFailure extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final ExitCode exitCode;
    private final String problem;
    private final String nextStep;

    /**
     * @param exitCode how the process ends
     * @param problem what happened and where: one sentence without a full stop
     * @param nextStep what to do about it: one sentence without a full stop; may be empty
     */
    public CliFailure(ExitCode exitCode, String problem, String nextStep) {
        this(exitCode, problem, nextStep, null);
    }

    /** As {@link #CliFailure(ExitCode, String, String)}, with what caused it. */
    public CliFailure(ExitCode exitCode, String problem, String nextStep, @Nullable Throwable cause) {
        super(nextStep.isEmpty() ? problem + "." : problem + ". " + nextStep + ".", cause);
        this.exitCode = exitCode;
        this.problem = problem;
        this.nextStep = nextStep;
    }

    /** A failure of the work itself. */
    public static CliFailure failed(String problem, String nextStep, @Nullable Throwable cause) {
        return new CliFailure(ExitCode.FAILED, problem, nextStep, cause);
    }

    /** A call that cannot work as it is. */
    public static CliFailure usage(String problem, String nextStep) {
        return new CliFailure(ExitCode.USAGE, problem, nextStep);
    }

    /** How the process ends. */
    public ExitCode exitCode() {
        return exitCode;
    }

    /** The stable name of the failure where there is one, for {@code --json}. */
    public String code() {
        return exitCode.name().toLowerCase(Locale.ROOT);
    }

    /** What happened and where. */
    public String problem() {
        return problem;
    }

    /** What to do about it; empty where nothing can be said. */
    public String nextStep() {
        return nextStep;
    }
}
