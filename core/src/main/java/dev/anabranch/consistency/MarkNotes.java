// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.consistency;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Where a session keeps its marks. Safe for use by many threads. */
sealed interface MarkNotes permits OwnNotes, Writers.SharedNotes {
    /** Takes note of a mark where it asks for more than what is there. */
    void wrote(String database, Requirement mark);

    @Nullable Requirement required(String database);

    Map<String, Requirement> all();
}
