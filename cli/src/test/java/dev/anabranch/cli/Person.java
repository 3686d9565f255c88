// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.cli;

import dev.anabranch.cli.terminal.Terminal;

/** Gives the same answer to whatever is asked. */
record Person(String answer) implements Terminal.Questions {
    @Override
    public String line(String question) {
        return answer;
    }

    @Override
    public String secret(String question) {
        return answer;
    }
}
