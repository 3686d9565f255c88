// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.directory;

import dev.anabranch.tenant.TenantId;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Which tenants the directory has said to be listed, or not, lately.
 *
 * <p>A yes is asked for again after a minute, and stands for as long as the directory cannot be asked. A no is asked for
 * again after five seconds, and after every change of the directory.
 */
final class ListedTenants {
    private static final long YES_NANOS = Duration.ofMinutes(1).toNanos();
    private static final long NO_NANOS = Duration.ofSeconds(5).toNanos();
    /** Past this the unlisted are forgotten, so that made-up ids cannot fill the memory. */
    private static final int MOST_NO = 100_000;

    private final Map<Key, Long> listedAt = new ConcurrentHashMap<>();
    private final Map<Key, Long> unlistedAt = new ConcurrentHashMap<>();

    private record Key(String group, TenantId tenant) {}

    /** What was said lately, if something was. */
    Optional<Boolean> fresh(String group, TenantId tenant, long nowNanos) {
        Key key = new Key(group, tenant);
        Long yes = listedAt.get(key);
        if (yes != null && nowNanos - yes < YES_NANOS) {
            return Optional.of(true);
        }
        Long no = unlistedAt.get(key);
        return no != null && nowNanos - no < NO_NANOS ? Optional.of(false) : Optional.empty();
    }

    /** Whether the tenant has been listed at any time that is remembered. */
    boolean wasListed(String group, TenantId tenant) {
        return listedAt.containsKey(new Key(group, tenant));
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
}
