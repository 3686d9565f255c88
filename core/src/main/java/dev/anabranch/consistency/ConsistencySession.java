// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.consistency;

import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * What one user's session, one tenant or one chain of jobs has written, by database. Safe for use by many threads.
 *
 * <p>It only ever asks for more: noting a mark that is older than the one there changes nothing. It holds a mark for each
 * database that it has written to, and nothing else.
 */
public final class ConsistencySession {
    /** Stands for all databases that have no mark of their own; no database has this name. */
    static final String ELSEWHERE = "*";

    private final MarkNotes notes;

    /** A session that has written nothing. */
    public ConsistencySession() {
        this(new OwnNotes());
    }

    /** A session that has written up to these marks. */
    public ConsistencySession(Map<String, Mark> marks) {
        this();
        marks.forEach(this::wrote);
    }

    ConsistencySession(MarkNotes notes) {
        this.notes = notes;
    }

    /** Takes note that something may have been written to a database. */
    public void wrote(String database, Mark mark) {
        notes.wrote(database, new Requirement(mark));
    }

    /** Takes over all that another session has written, for example the one that a request's token tells of. */
    public void join(ConsistencySession other) {
        other.notes.all().forEach(notes::wrote);
    }

    /** Up to where a replica of the database must have come to answer this session. */
    public Optional<Mark> required(String database) {
        Requirement own = notes.required(database);
        Requirement elsewhere = notes.required(ELSEWHERE);
        if (own == null || elsewhere == null) {
            return Optional.ofNullable(own == null ? elsewhere : own).map(Requirement::mark);
        }
        return Optional.of(own.and(elsewhere).mark());
    }

    /** All marks as they are now. */
    public Map<String, Mark> marks() {
        return notes.all().entrySet().stream()
                .collect(Collectors.toUnmodifiableMap(Map.Entry::getKey, entry -> entry.getValue().mark()));
    }

    @Override
    public String toString() {
        return "ConsistencySession" + marks();
    }
}
