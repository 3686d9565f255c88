// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.directory;

import dev.anabranch.problem.AnabranchException;
import dev.anabranch.problem.ErrorCode;
import dev.anabranch.tenant.TenantId;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Which tenants the directory has said to be listed, or not.
 *
 * <p>A yes stands until the directory says no; after a minute it is {@link Answer#OLD}, to be asked for again beside the
 * request. A no stands for five seconds, or until the directory changes.
 */
final class ListedTenants {
    private static final long YES_NANOS = Duration.ofMinutes(1).toNanos();
    private static final long NO_NANOS = Duration.ofSeconds(5).toNanos();
    /** Past this the unlisted are forgotten, so that made-up ids cannot fill the memory. */
    private static final int MOST_NO = 100_000;

    private final Map<Key, Long> listedAt = new ConcurrentHashMap<>();
    private final Map<Key, Long> unlistedAt = new ConcurrentHashMap<>();

    private record Key(String group, TenantId tenant) {}

    /** What is known of a tenant. */
    enum Answer {
        /** Listed. */
        YES,
        /** Listed when it was asked for last, which is a while ago. */
        OLD,
        /** Not listed. */
        NO,
        /** Never asked for, or too long ago. */
        NONE
    }

    Answer of(String group, TenantId tenant, long nowNanos) {
        Key key = new Key(group, tenant);
        Long yes = listedAt.get(key);
        if (yes != null) {
            return nowNanos - yes < YES_NANOS ? Answer.YES : Answer.OLD;
        }
        Long no = unlistedAt.get(key);
        return no != null && nowNanos - no < NO_NANOS ? Answer.NO : Answer.NONE;
    }

    /** Puts off the next question about a listed tenant, because one is under way. */
    void askedNow(String group, TenantId tenant, long nowNanos) {
        listedAt.computeIfPresent(new Key(group, tenant), (key, before) -> nowNanos);
    }

    /**
     * Remembers what was said.
     *
     * @return whether a tenant that is worth saving came or went
     */
    boolean put(String group, TenantId tenant, boolean listed, long nowNanos) {
        Key key = new Key(group, tenant);
        if (listed) {
            unlistedAt.remove(key);
            return listedAt.put(key, nowNanos) == null;
        }
        if (unlistedAt.size() >= MOST_NO) {
            unlistedAt.clear();
        }
        unlistedAt.put(key, nowNanos);
        return listedAt.remove(key) != null;
    }

    void forgetUnlisted() {
        unlistedAt.clear();
    }

    Map<String, Set<TenantId>> byGroup() {
        Map<String, Set<TenantId>> groups = new HashMap<>();
        listedAt.keySet().forEach(key ->
                groups.computeIfAbsent(key.group(), group -> new HashSet<>()).add(key.tenant()));
        return groups;
    }

    /** Takes in what a file remembers, to be asked for again at the first occasion. */
    void restore(Map<String, Set<TenantId>> groups, long nowNanos) {
        groups.forEach((group, tenants) ->
                tenants.forEach(tenant -> listedAt.put(new Key(group, tenant), nowNanos - YES_NANOS)));
    }

    static AnabranchException refusal(String group, TenantId tenant, long revision) {
        return new AnabranchException(
                ErrorCode.TENANT_UNKNOWN,
                "Tenant '" + tenant + "' is not listed in the group '" + group + "' at revision " + revision,
                "Place it with 'anabranch tenant place', or let the group serve any tenant");
    }
}
