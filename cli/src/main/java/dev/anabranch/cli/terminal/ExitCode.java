// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.cli.terminal;

/** How a command ended, as its caller's shell sees it. */
public enum ExitCode {
    /** Done, or nothing was to do. */
    DONE(0),
    /** Failed. */
    FAILED(1),
    /** Called in a way that cannot work: nothing was tried. */
    USAGE(2),
    /** Something is not as it should be: drift, or rows where they do not belong. */
    MISMATCH(3),
    /** The token is missing, or its role may not do this. */
    NOT_ALLOWED(4),
    /** Somebody else changed it or holds it. */
    CONFLICT(5);

    private final int status;

    ExitCode(int status) {
        this.status = status;
    }

    /** The number for the operating system. */
    public int status() {
        return status;
    }

    /** The exit code for an HTTP status that refuses. */
    public static ExitCode ofHttp(int status) {
        return switch (status) {
            case 401, 403 -> NOT_ALLOWED;
            case 409, 412 -> CONFLICT;
            default -> FAILED;
        };
    }
}
