// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.spring.web;

import dev.anabranch.problem.AnabranchException;
import dev.anabranch.tenant.AudienceContext;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Optional;
import org.springframework.web.filter.OncePerRequestFilter;

/**
 * Binds the audience for as long as the request is worked on. An asynchronous dispatch belongs to the audience that the
 * request began with.
 */
final class AudienceFilter extends OncePerRequestFilter {
    private static final String BOUND = AudienceFilter.class.getName() + ".BOUND";

    private final AudienceResolver audiences;
    private final Problems problems;

    AudienceFilter(AudienceResolver audiences, Problems problems) {
        this.audiences = audiences;
        this.problems = problems;
    }

    @Override
    protected boolean shouldNotFilterAsyncDispatch() {
        return false;
    }

    @Override
    protected void doFilterInternal(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws ServletException, IOException {
        Optional<String> audience;
        try {
            audience = isAsyncDispatch(request)
                    ? Optional.ofNullable((String) request.getAttribute(BOUND))
                    : audiences.resolve(request);
        } catch (AnabranchException e) {
            problems.write(request, response, problems.of(e));
            return;
        }
        if (audience.isEmpty()) {
            chain.doFilter(request, response);
        } else {
            request.setAttribute(BOUND, audience.get());
            BoundChain.go(action -> AudienceContext.call(audience.get(), action), request, response, chain);
        }
    }
}
