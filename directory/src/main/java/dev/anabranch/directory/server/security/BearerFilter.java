// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.directory.server.security;

import dev.anabranch.directory.server.problem.MetaFailure;
import dev.anabranch.directory.server.problem.Problem;
import dev.anabranch.directory.server.problem.ProblemCode;
import dev.anabranch.directory.server.problem.ProblemWriter;
import dev.anabranch.directory.server.store.TokenRow;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import org.springframework.web.filter.OncePerRequestFilter;

/**
 * Lets a request in that carries a live token, or that asks for one of the few open pages.
 *
 * <p>The token is looked up each time, so that a revoked one ends at once on every node. There is no session, no cookie
 * and no password to log in with, hence nothing that a foreign page could abuse (CSRF).
 */
@Component
class BearerFilter extends OncePerRequestFilter {
    static final String CALLER = BearerFilter.class.getName() + ".caller";

    // Compared with the path as it was sent; anything encoded is not among them.
    private static final Pattern OPEN = Pattern.compile("/actuator/health(/liveness|/readiness)?"
            + "|/v3/api-docs(/[A-Za-z0-9-]+)?|/v3/api-docs\\.yaml|/swagger-ui\\.html|/swagger-ui/[A-Za-z0-9_-][A-Za-z0-9._-]*"
            + "|/problems/[a-z_]+");
    private static final Pattern BEARER = Pattern.compile("[Bb]earer +([!-~]{1,256})");

    private final Tokens tokens;

    BearerFilter(Tokens tokens) {
        this.tokens = tokens;
    }

    @Override
    protected void doFilterInternal(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws ServletException, IOException {
        response.setHeader("X-Content-Type-Options", "nosniff");
        if (OPEN.matcher(request.getRequestURI()).matches()) {
            chain.doFilter(request, response);
            return;
        }
        Optional<TokenRow> caller;
        try {
            caller = caller(request.getHeader("Authorization"));
        } catch (RuntimeException e) {
            if (!MetaFailure.isUnavailable(e)) {
                throw e;
            }
            ProblemWriter.write(
                    response,
                    Problem.of(ProblemCode.META_UNAVAILABLE, "The directory's meta database does not answer"));
            return;
        }
        if (caller.isEmpty()) {
            ProblemWriter.write(
                    response,
                    Problem.of(ProblemCode.UNAUTHENTICATED, "The request carries no token that is accepted"));
            return;
        }
        request.setAttribute(CALLER, caller.get());
        chain.doFilter(request, response);
    }

    private Optional<TokenRow> caller(@Nullable String header) {
        if (header == null) {
            return Optional.empty();
        }
        var bearer = BEARER.matcher(header);
        return bearer.matches() ? tokens.authenticate(bearer.group(1)) : Optional.empty();
    }
}
