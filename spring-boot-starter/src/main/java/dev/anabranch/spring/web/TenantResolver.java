// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.spring.web;

import jakarta.servlet.http.HttpServletRequest;
import java.util.Optional;

/**
 * Says whose request it is.
 *
 * <p>The starter brings resolvers for a header, a variable of the path and a subdomain, chosen by
 * {@code anabranch.web.resolver}. A bean of this type takes their place: for a claim of a token, for example, which only
 * the application knows how to verify. The filter runs after Spring Security's, so that a resolver may ask for the
 * request's principal. Implementations are called by many threads at once.
 */
@FunctionalInterface
public interface TenantResolver {
    /**
     * The tenant's id as the request has it, unchecked; empty where the request names none.
     *
     * @throws dev.anabranch.problem.AnabranchException where the request names its tenant in a way that is refused
     */
    Optional<String> resolve(HttpServletRequest request);

    /** What a caller that named no tenant should do, for the answer's {@code next_steps}. */
    default String instruction() {
        return "Send the request with what names its tenant";
    }

    /** Where it finds the tenant, as a message says it: {@code the header X-Customer-ID}. */
    default String source() {
        return "what names its tenant";
    }
}
