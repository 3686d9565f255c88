// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.consistency;

import java.util.Optional;
import java.util.concurrent.Callable;

/**
 * Binds a session and a mode to the code that reads and writes for it.
 *
 * <p>Without a session, what a tenant has written in this process is what its reads must see. Like the tenant, both are
 * {@link ScopedValue}s: they end with their scope, and another thread does not inherit them. Safe for use by many threads.
 */
public final class ConsistencyContext {
    private static final ScopedValue<Optional<ConsistencySession>> SESSION = ScopedValue.newInstance();
    private static final ScopedValue<ConsistencyMode> MODE = ScopedValue.newInstance();

    private ConsistencyContext() {}

    /** The session bound to the running code, if there is one. */
    public static Optional<ConsistencySession> session() {
        return SESSION.isBound() ? SESSION.get() : Optional.empty();
    }

    /** The mode bound to the running code, if there is one; else the one that the settings say holds. */
    public static Optional<ConsistencyMode> mode() {
        return MODE.isBound() ? Optional.of(MODE.get()) : Optional.empty();
    }

    /** Runs the action in a session: its reads see what the session has written, and its writes are noted there. */
    public static void run(ConsistencySession session, Runnable action) {
        ScopedValue.where(SESSION, Optional.of(session)).run(action);
    }

    /**
     * As {@link #run(ConsistencySession, Runnable)}, with a result.
     *
     * @throws X what the action throws
     */
    public static <R, X extends Throwable> R call(
            ConsistencySession session, ScopedValue.CallableOp<? extends R, X> action) throws X {
        return ScopedValue.where(SESSION, Optional.of(session)).<R, X>call(action);
    }

    /** Runs the action with a mode in place of the one that holds outside. */
    public static void run(ConsistencyMode mode, Runnable action) {
        ScopedValue.where(MODE, mode).run(action);
    }

    /**
     * As {@link #run(ConsistencyMode, Runnable)}, with a result.
     *
     * @throws X what the action throws
     */
    public static <R, X extends Throwable> R call(ConsistencyMode mode, ScopedValue.CallableOp<? extends R, X> action)
            throws X {
        return ScopedValue.where(MODE, mode).<R, X>call(action);
    }

    /** The action, in the caller's session and mode wherever it runs. */
    public static Runnable propagating(Runnable action) {
        ScopedValue.Carrier caller = caller();
        return () -> caller.run(action);
    }

    /** The action, in the caller's session and mode wherever it runs. */
    public static <R> Callable<R> propagating(Callable<R> action) {
        ScopedValue.Carrier caller = caller();
        return () -> caller.<R, Exception>call(action::call);
    }

    private static ScopedValue.Carrier caller() {
        ScopedValue.Carrier session = ScopedValue.where(SESSION, session());
        return MODE.isBound() ? session.where(MODE, MODE.get()) : session;
    }
}
