// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.directory.server.security;

import dev.anabranch.directory.server.problem.ProblemCode;
import dev.anabranch.directory.server.problem.ProblemException;
import dev.anabranch.directory.server.store.ChangeRequest;
import dev.anabranch.directory.server.store.Role;
import dev.anabranch.directory.server.store.TokenRow;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.MethodParameter;
import org.springframework.web.bind.support.WebDataBinderFactory;
import org.springframework.web.context.request.NativeWebRequest;
import org.springframework.web.context.request.RequestAttributes;
import org.springframework.web.method.support.HandlerMethodArgumentResolver;
import org.springframework.web.method.support.ModelAndViewContainer;
import org.springframework.web.servlet.config.annotation.InterceptorRegistry;
import org.springframework.web.servlet.config.annotation.WebMvcConfigurer;

/** Gives endpoints the caller ({@link TokenRow}) and the conditions of a change ({@link ChangeRequest}). */
@Configuration(proxyBeanMethods = false)
class CallerArguments implements WebMvcConfigurer, HandlerMethodArgumentResolver {
    private static final Pattern ETAG = Pattern.compile("(?:W/)?\"(\\d{1,18})(?:-[0-9a-f]+)?\"");
    private static final String EXTENDED = "UTF-8''";
    private static final int LONGEST_REASON = 500;

    @Override
    public void addArgumentResolvers(List<HandlerMethodArgumentResolver> resolvers) {
        resolvers.add(this);
    }

    @Override
    public void addInterceptors(InterceptorRegistry registry) {
        registry.addInterceptor(new RoleInterceptor());
    }

    @Override
    public boolean supportsParameter(MethodParameter parameter) {
        return parameter.getParameterType() == ChangeRequest.class || parameter.getParameterType() == TokenRow.class;
    }

    @Override
    public Object resolveArgument(
            MethodParameter parameter,
            @Nullable ModelAndViewContainer container,
            NativeWebRequest request,
            @Nullable WebDataBinderFactory binders) {
        if (!(request.getAttribute(BearerFilter.CALLER, RequestAttributes.SCOPE_REQUEST) instanceof TokenRow caller)) {
            throw new ProblemException(
                    ProblemCode.UNAUTHENTICATED, "The request carries no token that is accepted");
        }
        if (parameter.getParameterType() == TokenRow.class) {
            return caller;
        }
        boolean force = flag(request, "force");
        boolean admin = caller.role().equals(Role.ADMIN.id());
        if (force && !admin) {
            throw new ProblemException(
                    ProblemCode.NOT_ALLOWED, "The role " + caller.role() + " may not use force; allowed: admin");
        }
        return new ChangeRequest(
                caller.name(),
                caller.id(),
                reason(request.getHeader("X-Reason")),
                expected(request.getHeader("If-Match")),
                flag(request, "dry_run"),
                force,
                admin);
    }

    private static boolean flag(NativeWebRequest request, String name) {
        String value = request.getParameter(name);
        if (value == null || value.equals("false")) {
            return false;
        }
        if (value.equals("true") || value.isEmpty()) {
            return true;
        }
        throw new ProblemException(
                ProblemCode.REQUEST_INVALID, "The parameter '" + name + "' is neither true nor false");
    }

    private static @Nullable String reason(@Nullable String header) {
        if (header == null || header.isBlank()) {
            return null;
        }
        String reason = decoded(header.strip());
        if (reason.length() > LONGEST_REASON) {
            throw new ProblemException(
                    ProblemCode.REQUEST_INVALID, "X-Reason has more than " + LONGEST_REASON + " characters");
        }
        return reason;
    }

    /** A header carries ASCII alone; other text comes as RFC 8187 writes it, {@code UTF-8''} and percent escapes. */
    private static String decoded(String header) {
        if (!header.regionMatches(true, 0, EXTENDED, 0, EXTENDED.length())) {
            return header;
        }
        try {
            String escaped = header.substring(EXTENDED.length()).replace("+", "%2B");
            return URLDecoder.decode(escaped, StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            throw new ProblemException(ProblemCode.REQUEST_INVALID, "X-Reason has a percent escape that is none");
        }
    }

    private static @Nullable Long expected(@Nullable String header) {
        if (header == null || header.equals("*")) {
            return null;
        }
        Matcher etag = ETAG.matcher(header.strip());
        if (!etag.matches()) {
            throw new ProblemException(
                    ProblemCode.REQUEST_INVALID, "If-Match is not of the form \"12\", with the quotes");
        }
        return Long.valueOf(etag.group(1));
    }
}
