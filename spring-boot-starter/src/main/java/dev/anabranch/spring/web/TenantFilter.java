// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.spring.web;

import dev.anabranch.problem.AnabranchException;
import dev.anabranch.tenant.TenantContext;
import dev.anabranch.tenant.TenantId;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Optional;
import org.springframework.web.filter.OncePerRequestFilter;

/**
 * Binds the tenant for as long as the request is worked on, and answers requests whose tenant is refused.
 *
 * <p>The binding ends with the filter, whatever happens in it. An asynchronous dispatch goes through the filter again,
 * and belongs to the tenant that the request began with.
 */
final class TenantFilter extends OncePerRequestFilter {
    private static final String BOUND = TenantFilter.class.getName() + ".BOUND";

    private final RequestTenants tenants;
    private final Problems problems;

    TenantFilter(RequestTenants tenants, Problems problems) {
        this.tenants = tenants;
        this.problems = problems;
    }

    /** Whether the request has been let through for a tenant. */
    static boolean isBound(HttpServletRequest request) {
        return request.getAttribute(BOUND) != null;
    }

    @Override
    protected boolean shouldNotFilterAsyncDispatch() {
        return false;
    }

    @Override
    protected void doFilterInternal(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws ServletException, IOException {
        Optional<TenantId> tenant;
        try {
            tenant = isAsyncDispatch(request)
                    ? Optional.ofNullable((TenantId) request.getAttribute(BOUND))
                    : tenants.of(request);
        } catch (AnabranchException e) {
            problems.write(request, response, problems.of(e));
            return;
        }
        try {
            if (tenant.isEmpty()) {
                chain.doFilter(request, response);
            } else {
                request.setAttribute(BOUND, tenant.get());
                BoundChain.go(action -> TenantContext.call(tenant.get(), action), request, response, chain);
            }
        } catch (ServletException | IOException | RuntimeException e) {
            // What no handler has answered: from another filter, or from a servlet that is not Spring's.
            Optional<Problem> problem = problems.asBody() ? problems.in(e, isBound(request)) : Optional.empty();
            if (problem.isEmpty() || response.isCommitted()) {
                throw e;
            }
            problems.write(request, response, problem.get());
        }
    }
}
