// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.cli;

import java.util.List;
import tools.jackson.databind.JsonNode;

/** Reads what a directory answered, also one that is newer than this command line. */
final class Answers {
    private Answers() {}

    /** The elements of a list. */
    static List<JsonNode> items(JsonNode answer) {
        return answer.path("items").valueStream().toList();
    }

    /** A member for a table's cell: {@code -} where it is not there. */
    static String text(JsonNode row, String member) {
        var value = row.path(member);
        if (value.isMissingNode() || value.isNull()) {
            return "-";
        }
        return value.isValueNode() ? value.asString() : value.toString();
    }
}
