// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.spring.web;

import jakarta.servlet.http.HttpServletRequest;
import java.util.Optional;

/**
 * Says who is asking, as the topology names its audiences.
 *
 * <p>The starter's own follows the rules of {@code anabranch.web.audience}; a bean of this type takes its place. The filter
 * runs after Spring Security's, so that a resolver may ask for the request's principal. Implementations are called by many
 * threads at once.
 */
@FunctionalInterface
public interface AudienceResolver {
    /**
     * The request's audience; empty where none is to be bound.
     *
     * @throws dev.anabranch.problem.AnabranchException where the request names an audience that it may not
     */
    Optional<String> resolve(HttpServletRequest request);
}
