// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.cli.client;

import dev.anabranch.cli.terminal.CliFailure;
import dev.anabranch.cli.terminal.ExitCode;

/** The directory's own answer why it did not do what it was asked. */
public final class Refusal extends CliFailure {
    private static final long serialVersionUID = 1L;

    private final int status;
    private final String code;

    Refusal(int status, String code, String problem, String nextStep) {
        super(ExitCode.ofHttp(status), problem, nextStep);
        this.status = status;
        this.code = code;
    }

    /** The same, with something better to do about it than the directory can know. */
    public Refusal withNextStep(String nextStep) {
        return new Refusal(status, code, problem(), nextStep);
    }

    /** The HTTP status. */
    public int status() {
        return status;
    }

    /** The stable name of the refusal, for example {@code tenant_has_data}. */
    @Override
    public String code() {
        return code;
    }
}
