// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.spring.web;

import dev.anabranch.consistency.ConsistencyTokens;
import dev.anabranch.problem.AnabranchException;
import dev.anabranch.problem.ErrorCode;
import dev.anabranch.spring.AnabranchProperties.Consistency;
import dev.anabranch.spring.AnabranchProperties.Consistency.Carrier;
import jakarta.servlet.http.Cookie;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.HttpSession;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.ResponseCookie;
import org.springframework.web.util.WebUtils;

/** Takes consistency tokens from requests, and puts them where the caller's next request brings them back. */
final class TokenCarrier {
    private static final String IN_SESSION = TokenCarrier.class.getName() + ".TOKEN";

    private final Consistency settings;
    private final ConsistencyTokens tokens;
    private final Duration maxAge;

    /**
     * @param maxAge how long a cookie is kept: after the largest lag each replica in rotation has every write
     */
    TokenCarrier(Consistency settings, ConsistencyTokens tokens, Duration maxAge) {
        this.settings = settings;
        this.tokens = tokens;
        this.maxAge = maxAge;
    }

    /**
     * What a request brought.
     *
     * @param marks all that its tokens say, together
     * @param forged whether it had a cookie that is no token of this deployment
     */
    record Brought(TokenMarks marks, boolean forged) {}

    /**
     * Reads the header, the cookies, and the HTTP session where tokens are kept there.
     *
     * @throws AnabranchException {@link ErrorCode#CONSISTENCY_TOKEN_INVALID} where the header is no token of this deployment: who
     *     sends one knows what it is, while a browser knows nothing of its cookies
     */
    Brought read(HttpServletRequest request, Carrier carrier) {
        TokenMarks marks = new TokenMarks();
        for (String token : Collections.list(request.getHeaders(settings.header()))) {
            marks.add(tokens.read(token.strip()));
        }
        boolean forged = false;
        for (String token : cookies(request)) {
            forged |= !add(marks, token);
        }
        if (carrier == Carrier.HTTP_SESSION) {
            forged |= kept(request.getSession(false)).filter(token -> !add(marks, token)).isPresent();
        }
        return new Brought(marks, forged);
    }

    /** Puts a token on its way. The response must not be committed yet. */
    void write(HttpServletRequest request, HttpServletResponse response, Carrier carrier, TokenMarks marks) {
        switch (carrier) {
            case HEADER -> response.setHeader(settings.header(), tokens.write(marks.session()));
            case COOKIE -> response.addHeader(
                    HttpHeaders.SET_COOKIE,
                    ResponseCookie.from(settings.cookie(), tokens.write(marks.session()))
                            .path(request.getContextPath().isEmpty() ? "/" : request.getContextPath())
                            .httpOnly(true)
                            .sameSite("Lax")
                            .secure(request.isSecure())
                            .maxAge(maxAge)
                            .build()
                            .toString());
            case HTTP_SESSION -> keep(request.getSession(true), marks);
            case NONE -> {}
        }
    }

    /** Two requests of one session at once: neither may lose what the other has written. */
    private void keep(HttpSession session, TokenMarks marks) {
        synchronized (WebUtils.getSessionMutex(session)) {
            TokenMarks all = new TokenMarks();
            kept(session).ifPresent(token -> add(all, token));
            all.add(marks.session());
            session.setAttribute(IN_SESSION, tokens.write(all.session()));
        }
    }

    private boolean add(TokenMarks marks, String token) {
        try {
            marks.add(tokens.read(token));
            return true;
        } catch (AnabranchException e) {
            if (e.code() != ErrorCode.CONSISTENCY_TOKEN_INVALID) {
                throw e;
            }
            return false;
        }
    }

    private static Optional<String> kept(@Nullable HttpSession session) {
        return session == null ? Optional.empty() : Optional.ofNullable((String) session.getAttribute(IN_SESSION));
    }

    private List<String> cookies(HttpServletRequest request) {
        List<String> values = new ArrayList<>();
        Cookie[] cookies = request.getCookies();
        for (Cookie cookie : cookies == null ? new Cookie[0] : cookies) {
            if (cookie.getName().equals(settings.cookie())) {
                values.add(cookie.getValue());
            }
        }
        return values;
    }
}
