// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.consistency;

import dev.anabranch.tenant.TenantId;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * What tenants, and groups without tenants, have written in this process. Safe for use by many threads.
 *
 * <p>It forgets what is older than the most lag of a replica and a margin for clocks: each replica in rotation
 * has that. Above {@value #MOST} writers within that time, the writes of those that do not fit are noted together, and
 * every tenant's reads wait for them: memory stays bounded and no read becomes stale.
 */
public final class Writers {
    private static final int MOST = 100_000;

    private final long keepNanos;
    private final LongSupplier nanos;
    private volatile Generation young;
    private volatile Generation old;

    /** Nobody has written yet. */
    public Writers(ReplicaSettings settings) {
        this(settings, System::nanoTime);
    }

    Writers(ReplicaSettings settings, LongSupplier nanos) {
        // A window may be longer than the most lag: where it decides, marks of that age are still asked for.
        Duration longest = settings.window().compareTo(settings.maxLag()) > 0 ? settings.window() : settings.maxLag();
        this.keepNanos = longest.plus(Standing.CLOCK_MARGIN).toNanos();
        this.nanos = nanos;
        this.young = new Generation(nanos.getAsLong());
        this.old = young;
    }

    /**
     * The session that is bound, else what this process has written for the tenant, else for the group.
     *
     * @param tenant null for a group without tenants
     */
    public ConsistencySession of(String group, @Nullable TenantId tenant) {
        return ConsistencyContext.session().orElseGet(() -> own(group, tenant));
    }

    /**
     * What this process has written for the tenant, else for the group, whatever session is bound: a session's writes are
     * noted here too, for those who read for the same tenant without a session.
     *
     * @param tenant null for a group without tenants
     */
    public ConsistencySession own(String group, @Nullable TenantId tenant) {
        return new ConsistencySession(
                new SharedNotes(this, tenant == null ? new Writer(group, "") : new Writer("", tenant.value())));
    }

    /** How many have written lately. */
    int count() {
        Generation now = current();
        return now.marks.size() + (old == now ? 0 : old.marks.size());
    }

    private Generation current() {
        Generation now = young;
        return nanos.getAsLong() - now.begunNanos < keepNanos ? now : next(now);
    }

    /** What was noted in the generation before the last one is older than all that is asked for. */
    private synchronized Generation next(Generation seen) {
        if (young == seen) {
            long now = nanos.getAsLong();
            boolean silent = now - seen.begunNanos >= 2 * keepNanos;
            Generation next = new Generation(now);
            old = silent ? next : seen;
            young = next;
        }
        return young;
    }

    private void note(Writer writer, String database, Requirement mark) {
        Generation now = current();
        if (now.marks.size() >= MOST && !now.marks.containsKey(writer)) {
            now.others.merge(database, mark, Requirement::and);
        } else {
            now.marks.merge(writer, Map.of(database, mark), Writers::both);
        }
    }

    private Map<String, Requirement> all(Writer writer) {
        Generation now = current();
        Generation before = old;
        return before == now ? now.of(writer) : both(now.of(writer), before.of(writer));
    }

    private static Map<String, Requirement> both(Map<String, Requirement> some, Map<String, Requirement> more) {
        if (some.isEmpty() || more.isEmpty()) {
            return some.isEmpty() ? more : some;
        }
        Map<String, Requirement> all = new HashMap<>(some);
        more.forEach((database, mark) -> all.merge(database, mark, Requirement::and));
        return Map.copyOf(all);
    }

    /** A tenant, or a group without tenants. */
    private record Writer(String group, String tenant) {}

    /** Those that have written since a time. */
    private static final class Generation {
        private final long begunNanos;
        private final Map<Writer, Map<String, Requirement>> marks = new ConcurrentHashMap<>();
        private final Map<String, Requirement> others = new ConcurrentHashMap<>();

        Generation(long begunNanos) {
            this.begunNanos = begunNanos;
        }

        Map<String, Requirement> of(Writer writer) {
            return both(marks.getOrDefault(writer, Map.of()), others);
        }
    }

    /** One writer's marks among all. */
    static final class SharedNotes implements MarkNotes {
        private final Writers writers;
        private final Writer writer;

        private SharedNotes(Writers writers, Writer writer) {
            this.writers = writers;
            this.writer = writer;
        }

        @Override
        public void wrote(String database, Requirement mark) {
            writers.note(writer, database, mark);
        }

        @Override
        public @Nullable Requirement required(String database) {
            return writers.all(writer).get(database);
        }

        @Override
        public Map<String, Requirement> all() {
            return Map.copyOf(writers.all(writer));
        }
    }
}
