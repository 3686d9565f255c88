// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.spring.web;

import dev.anabranch.consistency.ConsistencySession;
import dev.anabranch.consistency.Mark;
import java.util.Map;

/** A session of one request, and what of it the caller knows already. Safe for use by many threads. */
final class TokenMarks {
    private final ConsistencySession session = new ConsistencySession();
    private volatile Map<String, Mark> known = Map.of();

    /** Adds what the request brought. */
    void add(ConsistencySession brought) {
        session.join(brought);
        known = session.marks();
    }

    /** Adds marks that the caller does not know of. */
    void addUnknown(Map<String, Mark> marks) {
        marks.forEach(session::wrote);
    }

    /** What the request's code writes to and reads by. */
    ConsistencySession session() {
        return session;
    }

    /** Whether the session asks for more than the caller knows. What was forgotten meanwhile is no loss. */
    boolean hasNews() {
        Map<String, Mark> told = known;
        return session.marks().entrySet().stream().anyMatch(mark -> !mark.getValue().equals(told.get(mark.getKey())));
    }

    /** Takes note that the caller is told all of these. */
    void told(Map<String, Mark> marks) {
        known = marks;
    }
}
