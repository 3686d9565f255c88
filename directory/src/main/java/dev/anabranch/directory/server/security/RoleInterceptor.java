// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.directory.server.security;

import dev.anabranch.directory.server.problem.ProblemCode;
import dev.anabranch.directory.server.problem.ProblemException;
import dev.anabranch.directory.server.store.TokenRow;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.util.Arrays;
import java.util.stream.Collectors;
import org.springframework.web.method.HandlerMethod;
import org.springframework.web.servlet.HandlerInterceptor;

/** Lets a caller reach an endpoint whose {@link Allowed} names the caller's role. */
final class RoleInterceptor implements HandlerInterceptor {
    @Override
    public boolean preHandle(HttpServletRequest request, HttpServletResponse response, Object handler) {
        // Without a caller it is one of the open pages, which the filter has let through.
        if (handler instanceof HandlerMethod method
                && request.getAttribute(BearerFilter.CALLER) instanceof TokenRow caller) {
            Allowed allowed = method.getMethodAnnotation(Allowed.class);
            if (allowed == null
                    || Arrays.stream(allowed.value()).noneMatch(role -> role.id().equals(caller.role()))) {
                String roles = allowed == null
                        ? "no role"
                        : Arrays.stream(allowed.value()).map(role -> role.id()).collect(Collectors.joining(", "));
                throw new ProblemException(
                        ProblemCode.NOT_ALLOWED,
                        "The role " + caller.role() + " may not do this; allowed: " + roles);
            }
        }
        return true;
    }
}
