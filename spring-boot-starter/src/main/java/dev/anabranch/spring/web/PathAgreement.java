// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.spring.web;

import dev.anabranch.problem.AnabranchException;
import dev.anabranch.tenant.TenantContext;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Map;
import org.springframework.web.servlet.HandlerInterceptor;
import org.springframework.web.servlet.HandlerMapping;

/**
 * Compares the tenant's variable, as Spring MVC took it from the path for the controller, with the tenant bound.
 *
 * <p>The filter has compared the path already, before any work was done. This holds even for a mapping that the
 * configured patterns do not cover.
 */
final class PathAgreement implements HandlerInterceptor {
    private final RequestTenants tenants;
    private final Problems problems;
    private final String variable;

    PathAgreement(RequestTenants tenants, Problems problems, String variable) {
        this.tenants = tenants;
        this.problems = problems;
        this.variable = variable;
    }

    @Override
    public boolean preHandle(HttpServletRequest request, HttpServletResponse response, Object handler)
            throws IOException {
        if (request.getAttribute(HandlerMapping.URI_TEMPLATE_VARIABLES_ATTRIBUTE) instanceof Map<?, ?> variables
                && variables.get(variable) instanceof String mentioned) {
            try {
                TenantContext.current().ifPresent(tenant -> tenants.agree(tenant, mentioned, "the path"));
            } catch (AnabranchException e) {
                // Answered here: what a resolver finds further out it takes for the application's own mistake.
                problems.write(request, response, problems.of(e));
                return false;
            }
        }
        return true;
    }
}
