// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.routing;

import dev.anabranch.tenant.TenantId;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a router may decide by. Only the group is always there.
 *
 * @param group the group whose data source the connection is of
 * @param tenantOrNull whose data it is, in canonical form
 * @param audienceOrNull who is asking
 * @param tableOrNull the table, where the code that runs has said which
 * @param entityOrNull the entity's class, where the code that runs has said which (repositories of Spring Data do)
 * @param instanceOrNull the entity itself, where there is one, as in a repository's {@code save}
 */
public record RoutingHints(
        String group,
        @Nullable TenantId tenantOrNull,
        @Nullable String audienceOrNull,
        @Nullable String tableOrNull,
        @Nullable Class<?> entityOrNull,
        @Nullable Object instanceOrNull) {

    /** The hints of a group, and nothing else. */
    public static RoutingHints of(String group) {
        return new RoutingHints(group, null, null, null, null, null);
    }

    /** Whose data it is; empty for a group that needs no tenant. */
    public Optional<TenantId> tenant() {
        return Optional.ofNullable(tenantOrNull);
    }

    /** Who is asking. */
    public Optional<String> audience() {
        return Optional.ofNullable(audienceOrNull);
    }

    /** The table. */
    public Optional<String> table() {
        return Optional.ofNullable(tableOrNull);
    }

    /** The entity's class. */
    public Optional<Class<?>> entity() {
        return Optional.ofNullable(entityOrNull);
    }

    /** The entity itself. */
    public Optional<Object> instance() {
        return Optional.ofNullable(instanceOrNull);
    }

    /** These hints for a tenant. */
    public RoutingHints withTenant(@Nullable TenantId other) {
        return new RoutingHints(group, other, audienceOrNull, tableOrNull, entityOrNull, instanceOrNull);
    }

    /** These hints for an audience. */
    public RoutingHints withAudience(@Nullable String other) {
        return new RoutingHints(group, tenantOrNull, other, tableOrNull, entityOrNull, instanceOrNull);
    }

    /** These hints for a table. */
    public RoutingHints withTable(@Nullable String other) {
        return new RoutingHints(group, tenantOrNull, audienceOrNull, other, entityOrNull, instanceOrNull);
    }

    /** These hints for an entity, and for the instance of it where there is one. */
    public RoutingHints withEntity(@Nullable Class<?> type, @Nullable Object instance) {
        return new RoutingHints(group, tenantOrNull, audienceOrNull, tableOrNull, type, instance);
    }
}
