// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.spring.web;

import dev.anabranch.tenant.TenantContext;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
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
    private final String variable;

    PathAgreement(RequestTenants tenants, String variable) {
        this.tenants = tenants;
        this.variable = variable;
    }

    @Override
    public boolean preHandle(HttpServletRequest request, HttpServletResponse response, Object handler) {
        if (request.getAttribute(HandlerMapping.URI_TEMPLATE_VARIABLES_ATTRIBUTE) instanceof Map<?, ?> variables
                && variables.get(variable) instanceof String mentioned) {
            TenantContext.current().ifPresent(tenant -> tenants.agree(tenant, mentioned));
        }
        return true;
    }
}
