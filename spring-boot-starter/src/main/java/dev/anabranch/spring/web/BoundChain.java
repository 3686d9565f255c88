// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.spring.web;

import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import java.io.IOException;

/** Goes on with a filter chain inside a scope. */
final class BoundChain {
    private BoundChain() {}

    /** Calls what it is given within a scope of its own. */
    @FunctionalInterface
    interface Scope {
        Boolean call(ScopedValue.CallableOp<Boolean, Exception> action) throws Exception;
    }

    static void go(Scope scope, ServletRequest request, ServletResponse response, FilterChain chain)
            throws ServletException, IOException {
        try {
            scope.call(() -> {
                chain.doFilter(request, response);
                return true;
            });
        } catch (ServletException | IOException | RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new ServletException(e);
        }
    }
}
