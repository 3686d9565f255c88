// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.cli.client;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import tools.jackson.databind.JsonNode;

/**
 * What a change has done or would do, as the directory tells it.
 *
 * @param revision the topology's revision that this is true for
 * @param changed whether anything differs at all
 * @param action for example {@code tenant.pin}
 * @param subject what is changed, for example {@code people/42}
 * @param json all of it
 */
public record Outcome(long revision, boolean changed, String action, String subject, JsonNode json) {

    /** Reads the directory's answer. */
    public static Outcome of(JsonNode json) {
        return new Outcome(
                json.path("revision").asLong(0),
                json.path("changed").asBoolean(true),
                json.path("action").asString(""),
                json.path("subject").asString(""),
                json);
    }

    /** The plan for a person: one line for the whole, one for each member that differs, one for each effect. */
    public List<String> describe() {
        var lines = new ArrayList<String>();
        lines.add(action + " " + subject + " (revision " + revision + ")");
        var before = json.path("before");
        var after = json.path("after");
        var names = new LinkedHashSet<>(before.propertyNames());
        names.addAll(after.propertyNames());
        // made anew with each attempt, so the plan's are not those that will be
        names.removeAll(List.of("id", "created_at", "created_by"));
        for (var name : names) {
            var was = shown(before.path(name));
            var willBe = shown(after.path(name));
            if (was.equals(willBe)) {
                continue;
            }
            if (was.isEmpty()) {
                lines.add("  + " + name + ": " + willBe);
            } else if (willBe.isEmpty()) {
                lines.add("  - " + name + ": " + was);
            } else {
                lines.add("  ~ " + name + ": " + was + " -> " + willBe);
            }
        }
        for (var effect : json.path("effects")) {
            lines.add("  ! " + effect.asString());
        }
        return lines;
    }

    private static String shown(JsonNode value) {
        if (value.isMissingNode() || value.isNull() || (value.isContainer() && value.isEmpty())) {
            return "";
        }
        return value.isValueNode() ? value.asString() : value.toString();
    }
}
