// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.spring.web;

import dev.anabranch.Anabranch;
import dev.anabranch.consistency.ConsistencyContext;
import dev.anabranch.consistency.ConsistencyMode;
import dev.anabranch.consistency.Mark;
import dev.anabranch.problem.AnabranchException;
import dev.anabranch.spring.AnabranchProperties.Consistency;
import dev.anabranch.spring.AnabranchProperties.Consistency.Carrier;
import dev.anabranch.topology.Database;
import dev.anabranch.topology.Topology;
import jakarta.servlet.AsyncEvent;
import jakarta.servlet.AsyncListener;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.web.filter.OncePerRequestFilter;
import org.springframework.web.util.WebUtils;

/**
 * Binds the caller's session for as long as the request is worked on: its reads see what the caller has written, and its
 * writes go into the token that the answer carries.
 *
 * <p>Of reads the caller is told nothing: an answer that was slow on its way must not overwrite a newer token. A cookie that
 * is no token of this deployment says nothing of what was written, so that the request reads from primaries, and gets a
 * token that holds all writes up to now.
 */
final class ConsistencyFilter extends OncePerRequestFilter {
    private static final Logger LOG = LoggerFactory.getLogger(ConsistencyFilter.class);
    private static final String BOUND = ConsistencyFilter.class.getName() + ".BOUND";

    private final Anabranch anabranch;
    private final Consistency settings;
    private final TokenCarrier tokens;
    private final ConsistencyCounts counts;
    private final Problems problems;
    private final Clock clock;
    private volatile Known known = new Known(null, false);

    ConsistencyFilter(
            Anabranch anabranch,
            Consistency settings,
            TokenCarrier tokens,
            ConsistencyCounts counts,
            Problems problems,
            Clock clock) {
        this.anabranch = anabranch;
        this.settings = settings;
        this.tokens = tokens;
        this.counts = counts;
        this.problems = problems;
        this.clock = clock;
    }

    /** Whether a topology has replicas. */
    private record Known(@Nullable Topology topology, boolean replicas) {}

    /** One request's session, and how its caller is told of it. */
    private record Bound(TokenMarks marks, Carrier carrier, boolean forged) {}

    @Override
    protected boolean shouldNotFilterAsyncDispatch() {
        return false;
    }

    @Override
    protected void doFilterInternal(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws ServletException, IOException {
        if (isAsyncDispatch(request)) {
            if (request.getAttribute(BOUND) instanceof Bound bound) {
                go(bound, request, response, chain);
            } else {
                chain.doFilter(request, response);
            }
            return;
        }
        Carrier carrier = carrier();
        if (carrier == Carrier.NONE) {
            chain.doFilter(request, response);
            return;
        }
        Bound bound;
        try {
            bound = bind(request, carrier);
        } catch (AnabranchException e) {
            problems.write(request, response, problems.of(e));
            return;
        }
        request.setAttribute(BOUND, bound);
        go(bound, request, new TokenResponse(response, () -> tell(bound, request, response)), chain);
    }

    private Carrier carrier() {
        Carrier chosen = settings.carrier();
        if (chosen != null) {
            return chosen;
        }
        Topology topology = anabranch.topology();
        Known last = known;
        if (!topology.equals(last.topology())) {
            last = new Known(
                    topology,
                    topology.databases().values().stream().anyMatch(database -> !database.replicas().isEmpty()));
            known = last;
        }
        return last.replicas() ? Carrier.COOKIE : Carrier.NONE;
    }

    private Bound bind(HttpServletRequest request, Carrier carrier) {
        TokenCarrier.Brought brought = tokens.read(request, carrier);
        if (brought.forged()) {
            counts.countForged();
            LOG.debug("The request {} brought a cookie that is no consistency token of this deployment", request.getRequestURI());
            // What the caller has written nobody knows: all there is up to now.
            long micros = ChronoUnit.MICROS.between(Instant.EPOCH, clock.instant());
            Map<String, Mark> now = new HashMap<>();
            for (Database database : anabranch.topology().databases().values()) {
                if (!database.replicas().isEmpty()) {
                    now.put(database.name(), new Mark(Mark.UNKNOWN_TIMELINE, micros));
                }
            }
            brought.marks().addUnknown(now);
        }
        return new Bound(brought.marks(), carrier, brought.forged());
    }

    private void go(Bound bound, HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws ServletException, IOException {
        BoundChain.Scope session = action -> ConsistencyContext.call(bound.marks().session(), action);
        BoundChain.Scope scope = bound.forged()
                ? action -> session.call(() -> ConsistencyContext.<Boolean, Exception>call(ConsistencyMode.STRONG, action))
                : session;
        HttpServletResponse container = container(response);
        try {
            BoundChain.go(scope, request, response, chain);
        } finally {
            if (request.isAsyncStarted()) {
                request.getAsyncContext().addListener(new AtTheEnd(() -> finish(bound, request, container)));
            } else {
                finish(bound, request, container);
            }
        }
    }

    /** An asynchronous dispatch has the response that the request began with. */
    private static HttpServletResponse container(HttpServletResponse response) {
        TokenResponse ours = WebUtils.getNativeResponse(response, TokenResponse.class);
        return ours == null ? response : (HttpServletResponse) ours.getResponse();
    }

    private void tell(Bound bound, HttpServletRequest request, HttpServletResponse response) {
        boolean inTime = !response.isCommitted()
                || (bound.carrier() == Carrier.HTTP_SESSION && request.getSession(false) != null);
        if (inTime && bound.marks().hasNews()) {
            Map<String, Mark> told = bound.marks().session().marks();
            tokens.write(request, response, bound.carrier(), bound.marks());
            bound.marks().told(told);
        }
    }

    private void finish(Bound bound, HttpServletRequest request, HttpServletResponse response) {
        tell(bound, request, response);
        if (bound.marks().hasNews()) {
            counts.countLate();
            LOG.warn(
                    "The answer to {} {} was on its way before the request's last write: its caller is not told of it, and may"
                            + " read without it. Write before the answer is begun, or keep tokens in the HTTP session.",
                    request.getMethod(),
                    request.getRequestURI());
            bound.marks().told(bound.marks().session().marks());
        }
    }

    /** Calls the action when an asynchronous request ends. */
    private record AtTheEnd(Runnable action) implements AsyncListener {
        @Override
        public void onComplete(AsyncEvent event) {
            action.run();
        }

        @Override
        public void onTimeout(AsyncEvent event) {}

        @Override
        public void onError(AsyncEvent event) {}

        @Override
        public void onStartAsync(AsyncEvent event) {
            event.getAsyncContext().addListener(this);
        }
    }
}
