// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.consistency;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** The marks of one session alone. */
final class OwnNotes implements MarkNotes {
    private final Map<String, Requirement> marks = new ConcurrentHashMap<>();

    @Override
    public void wrote(String database, Requirement mark) {
        marks.merge(database, mark, Requirement::and);
    }

    @Override
    public @Nullable Requirement required(String database) {
        return marks.get(database);
    }

    @Override
    public Map<String, Requirement> all() {
        return Map.copyOf(marks);
    }
}
