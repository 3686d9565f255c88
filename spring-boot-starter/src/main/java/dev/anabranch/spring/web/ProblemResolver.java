// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.spring.web;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.core.Ordered;
import org.springframework.web.servlet.HandlerExceptionResolver;
import org.springframework.web.servlet.ModelAndView;

/**
 * Answers what a controller throws with problem details.
 *
 * <p>There are two. One comes before the application's own handlers, and looks for the library's exceptions among the
 * causes, however Spring's transactions and repositories have wrapped them; what has none it leaves alone. The other
 * comes after all others, and answers what nobody has; it is not there where the application has an error controller or
 * error attributes of its own. A resolver and no {@code ControllerAdvice}, because an advice
 * that is asked cannot pass.
 */
final class ProblemResolver implements HandlerExceptionResolver, Ordered {
    private static final Logger LOG = LoggerFactory.getLogger(ProblemResolver.class);

    private final Problems problems;
    private final boolean last;

    private ProblemResolver(Problems problems, boolean last) {
        this.problems = problems;
        this.last = last;
    }

    static ProblemResolver first(Problems problems) {
        return new ProblemResolver(problems, false);
    }

    static ProblemResolver last(Problems problems) {
        return new ProblemResolver(problems, true);
    }

    @Override
    public int getOrder() {
        // MVC's own resolvers, and with them every ControllerAdvice, have the order 0.
        return last ? Ordered.LOWEST_PRECEDENCE : -10;
    }

    @Override
    public @Nullable ModelAndView resolveException(
            HttpServletRequest request, HttpServletResponse response, @Nullable Object handler, Exception failure) {
        if (response.isCommitted() || isSecuritys(failure)) {
            return null;
        }
        Optional<Problem> problem = last
                ? Optional.of(problems.unexpected(failure))
                : problems.in(failure, TenantFilter.isBound(request));
        if (problem.isEmpty()) {
            return null;
        }
        try {
            problems.write(request, response, problem.get());
        } catch (IOException e) {
            LOG.debug("The caller went away before the answer", e);
        }
        return new ModelAndView();
    }

    /** Spring Security's filters turn their exceptions into answers themselves, if they get to see them. */
    private static boolean isSecuritys(Exception failure) {
        return failure.getClass().getName().startsWith("org.springframework.security.");
    }
}
