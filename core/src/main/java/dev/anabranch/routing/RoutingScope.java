// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.routing;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Says of the code that runs within that it only reads, or what its next statement is about.
 *
 * <p>Both count for connections that have not been routed yet. Like the tenant they are {@link ScopedValue}s: they end with
 * their scope, and another thread does not inherit them. Safe for use by many threads.
 */
public final class RoutingScope {
    private static final ScopedValue<Boolean> READ_ONLY = ScopedValue.newInstance();
    private static final ScopedValue<About> ABOUT = ScopedValue.newInstance();

    private RoutingScope() {}

    /**
     * What a statement is about.
     *
     * @param table the table's name; null where it is not said
     * @param entity the entity's class; null where it is not said
     * @param instance the entity; null where there is none
     */
    public record About(@Nullable String table, @Nullable Class<?> entity, @Nullable Object instance) {}

    /** Runs the action on connections that only read, from replicas where there are any. A write in it is refused. */
    public static void readOnly(Runnable action) {
        ScopedValue.where(READ_ONLY, true).run(action);
    }

    /**
     * As {@link #readOnly(Runnable)}, with a result.
     *
     * @throws X what the action throws
     */
    public static <R, X extends Throwable> R callReadOnly(ScopedValue.CallableOp<? extends R, X> action) throws X {
        return ScopedValue.where(READ_ONLY, true).<R, X>call(action);
    }

    /**
     * Calls the action and tells routers what it is about.
     *
     * @throws X what the action throws
     */
    public static <R, X extends Throwable> R callAbout(About about, ScopedValue.CallableOp<? extends R, X> action) throws X {
        return ScopedValue.where(ABOUT, about).<R, X>call(action);
    }

    /** Whether the running code has said that it only reads. */
    public static boolean isReadOnly() {
        return READ_ONLY.isBound() && READ_ONLY.get();
    }

    /** What the running code has said it is about. */
    public static Optional<About> about() {
        return ABOUT.isBound() ? Optional.of(ABOUT.get()) : Optional.empty();
    }
}
