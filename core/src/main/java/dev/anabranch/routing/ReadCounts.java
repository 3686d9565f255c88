// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.routing;

import dev.anabranch.consistency.ServerChoice;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/** How many connections each server has answered reads with, and why. Safe for use by many threads. */
public final class ReadCounts {
    private final Map<String, Map<String, Map<ServerChoice.Why, LongAdder>>> counts = new ConcurrentHashMap<>();

    ReadCounts() {}

    void count(String database, ServerChoice choice) {
        // Looked up before it is made, so that counting makes nothing.
        Map<String, Map<ServerChoice.Why, LongAdder>> servers = counts.get(database);
        if (servers == null) {
            servers = counts.computeIfAbsent(database, _ -> new ConcurrentHashMap<>());
        }
        Map<ServerChoice.Why, LongAdder> reasons = servers.get(choice.server());
        if (reasons == null) {
            reasons = servers.computeIfAbsent(choice.server(), _ -> each());
        }
        LongAdder count = reasons.get(choice.why());
        if (count != null) {
            count.increment();
        }
    }

    private static Map<ServerChoice.Why, LongAdder> each() {
        Map<ServerChoice.Why, LongAdder> each = new EnumMap<>(ServerChoice.Why.class);
        for (ServerChoice.Why why : ServerChoice.Why.values()) {
            each.put(why, new LongAdder());
        }
        return each;
    }

    /** Takes what was counted. */
    @FunctionalInterface
    public interface Reader {
        /** One server's count for one reason; only those above nothing are told. */
        void read(String database, String server, ServerChoice.Why why, long count);
    }

    /** Tells the counts as they are now. */
    public void read(Reader reader) {
        counts.forEach((database, servers) -> servers.forEach((server, reasons) -> reasons.forEach((why, count) -> {
            long now = count.sum();
            if (now > 0) {
                reader.read(database, server, why, now);
            }
        })));
    }
}
