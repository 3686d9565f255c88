// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.directory.server.start;

/** The node cannot start, and a person must change something first. */
final class StartRefused extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final String hint;

    StartRefused(String problem, String hint) {
        super(problem);
        this.hint = hint;
    }

    String hint() {
        return hint;
    }
}
