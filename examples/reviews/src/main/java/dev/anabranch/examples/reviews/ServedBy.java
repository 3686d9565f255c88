// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.examples.reviews;

import dev.anabranch.consistency.ServerChoice;
import dev.anabranch.routing.RouteDecision;
import dev.anabranch.routing.RouteListener;
import jakarta.servlet.http.HttpServletResponse;
import org.springframework.stereotype.Component;
import org.springframework.web.context.request.RequestContextHolder;
import org.springframework.web.context.request.ServletRequestAttributes;

/** Names in each response the database servers that the request was answered from, one header for each connection. */
@Component
class ServedBy implements RouteListener {
    /** The header. */
    static final String HEADER = "X-Served-By";

    @Override
    public void routed(RouteDecision decision, ServerChoice server) {
        if (RequestContextHolder.getRequestAttributes() instanceof ServletRequestAttributes request) {
            HttpServletResponse response = request.getResponse();
            if (response != null) {
                response.addHeader(HEADER, server.server());
            }
        }
    }
}
