// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.topology;

import dev.anabranch.problem.AnabranchException;
import dev.anabranch.problem.ErrorCode;
import java.util.regex.Pattern;

/** What a database or a group may be called: it ends up in file names, labels and addresses. */
final class Names {
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9_-]{0,62}");

    private Names() {}

    static void check(String what, String name) {
        if (!NAME.matcher(name).matches()) {
            throw new AnabranchException(
                    ErrorCode.CONFIGURATION_INVALID,
                    "The " + what + " name '" + name + "' is not allowed",
                    "Use 1 to 63 letters, digits, '-' and '_', beginning with a letter or a digit");
        }
    }
}
