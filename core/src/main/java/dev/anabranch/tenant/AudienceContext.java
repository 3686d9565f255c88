// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.tenant;

import java.util.Optional;
import java.util.concurrent.Callable;

/**
 * Binds an audience to the code that runs for it: who is asking, as {@code public}, {@code draft} or {@code internal}.
 *
 * <p>Like the tenant, it is one {@link ScopedValue}: it ends with its scope, and another thread does not inherit it. An inner
 * binding replaces the outer one until it ends: an editor's page may show a part as the public sees it. Whether the topology
 * knows the audience is found out when a connection is routed. Safe for use by many threads.
 */
public final class AudienceContext {
    private static final ScopedValue<Optional<String>> BOUND = ScopedValue.newInstance();

    private AudienceContext() {}

    /** The audience bound to the running code, if there is one. */
    public static Optional<String> current() {
        return BOUND.isBound() ? BOUND.get() : Optional.empty();
    }

    /** Runs the action for an audience. */
    public static void run(String audience, Runnable action) {
        ScopedValue.where(BOUND, Optional.of(audience)).run(action);
    }

    /**
     * Calls the action for an audience and returns its result.
     *
     * @throws X what the action throws
     */
    public static <R, X extends Throwable> R call(String audience, ScopedValue.CallableOp<? extends R, X> action) throws X {
        return ScopedValue.where(BOUND, Optional.of(audience)).<R, X>call(action);
    }

    /** The action, bound to the caller's audience wherever it runs, or to none where the caller has none. */
    public static Runnable propagating(Runnable action) {
        Optional<String> caller = current();
        return () -> ScopedValue.where(BOUND, caller).run(action);
    }

    /** The action, bound to the caller's audience wherever it runs, or to none where the caller has none. */
    public static <R> Callable<R> propagating(Callable<R> action) {
        Optional<String> caller = current();
        return () -> ScopedValue.where(BOUND, caller).<R, Exception>call(action::call);
    }
}
