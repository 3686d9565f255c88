// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.tenant;

import dev.anabranch.problem.AnabranchException;
import dev.anabranch.problem.ErrorCode;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.Executor;

/**
 * Binds a tenant to the code that runs for it.
 *
 * <p>The binding is one {@link ScopedValue}: it ends with its scope, whatever happens in it, and cannot leak into the
 * next request on a pooled thread. There is no default tenant. Another thread does <em>not</em> inherit the binding, a
 * virtual one neither: hand it over with {@link #propagating(Runnable)}, {@link #propagating(Callable)} or
 * {@link #propagating(Executor)}.
 *
 * <p>All methods are safe for use by many threads.
 */
public final class TenantContext {
    /** Unbound and bound to nobody are the same to a reader: the second hides the tenant of an outer scope. */
    private static final ScopedValue<Optional<TenantId>> BOUND = ScopedValue.newInstance();

    private TenantContext() {}

    /** The tenant bound to the running code, if there is one. */
    public static Optional<TenantId> current() {
        return BOUND.isBound() ? BOUND.get() : Optional.empty();
    }

    /**
     * The tenant bound to the running code.
     *
     * @throws AnabranchException {@link ErrorCode#TENANT_NOT_BOUND} where there is none
     */
    public static TenantId require() {
        return current().orElseThrow(() -> new AnabranchException(
                ErrorCode.TENANT_NOT_BOUND,
                "No tenant is bound to " + Thread.currentThread(),
                "Call within TenantContext.run(tenant, ...), or hand the caller's tenant to this thread with"
                        + " TenantContext.propagating(...)"));
    }

    /** Whether exactly this tenant is bound to the running code. */
    public static boolean isBoundTo(TenantId tenant) {
        Optional<TenantId> bound = current();
        return bound.isPresent() && bound.get().equals(tenant);
    }

    /**
     * Runs the action for a tenant.
     *
     * @throws AnabranchException {@link ErrorCode#TENANT_CONFLICT} where another tenant is bound already
     */
    public static void run(TenantId tenant, Runnable action) {
        refuseAnother(tenant);
        ScopedValue.where(BOUND, Optional.of(tenant)).run(action);
    }

    /** As {@link #run(TenantId, Runnable)}, with the id as text. */
    public static void run(String tenant, Runnable action) {
        run(new TenantId(tenant), action);
    }

    /**
     * Calls the action for a tenant and returns its result.
     *
     * @throws AnabranchException {@link ErrorCode#TENANT_CONFLICT} where another tenant is bound already
     * @throws X what the action throws
     */
    public static <R, X extends Throwable> R call(TenantId tenant, ScopedValue.CallableOp<? extends R, X> action)
            throws X {
        refuseAnother(tenant);
        return ScopedValue.where(BOUND, Optional.of(tenant)).<R, X>call(action);
    }

    /** As {@link #call(TenantId, ScopedValue.CallableOp)}, with the id as text. */
    public static <R, X extends Throwable> R call(String tenant, ScopedValue.CallableOp<? extends R, X> action)
            throws X {
        return call(new TenantId(tenant), action);
    }

    /**
     * Calls the action for a tenant although another may be bound: for code that works through many tenants on purpose.
     *
     * @throws X what the action throws
     */
    public static <R, X extends Throwable> R callInstead(TenantId tenant, ScopedValue.CallableOp<? extends R, X> action)
            throws X {
        return ScopedValue.where(BOUND, Optional.of(tenant)).<R, X>call(action);
    }

    /** The action, bound to the caller's tenant wherever it runs, or to nobody where the caller has none. */
    public static Runnable propagating(Runnable action) {
        Optional<TenantId> caller = current();
        return () -> ScopedValue.where(BOUND, caller).run(action);
    }

    /** The action, bound to the caller's tenant wherever it runs, or to nobody where the caller has none. */
    public static <R> Callable<R> propagating(Callable<R> action) {
        Optional<TenantId> caller = current();
        return () -> ScopedValue.where(BOUND, caller).<R, Exception>call(action::call);
    }

    /** An executor that runs each action for the tenant that was bound when the action was handed to it. */
    public static Executor propagating(Executor executor) {
        return action -> executor.execute(propagating(action));
    }

    private static void refuseAnother(TenantId tenant) {
        Optional<TenantId> outer = current();
        if (outer.isPresent() && !outer.get().equals(tenant)) {
            throw new AnabranchException(
                    ErrorCode.TENANT_CONFLICT,
                    "Tenant '" + tenant + "' cannot be bound inside the scope of tenant '" + outer.get() + "'",
                    "End the outer scope first, or use TenantContext.callInstead where the change is meant");
        }
    }
}
