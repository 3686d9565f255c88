// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.directory.server.http;

import dev.anabranch.directory.server.DirectoryProperties;
import dev.anabranch.directory.server.security.Allowed;
import dev.anabranch.directory.server.security.Tokens;
import dev.anabranch.directory.server.store.Role;
import dev.anabranch.directory.server.store.TokenRow;
import dev.anabranch.directory.server.stream.RevisionWatch;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.ExampleObject;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.UUID;
import org.springframework.http.HttpMethod;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/** The change stream: server-sent events, each written by the request's own virtual thread. */
@RestController
@Tag(name = "Applications")
class ChangeStreamController {
    private static final byte[] HEARTBEAT = ": heartbeat\n\n".getBytes(StandardCharsets.US_ASCII);

    private final RevisionWatch watch;
    private final Tokens tokens;
    private final Duration heartbeat;

    ChangeStreamController(RevisionWatch watch, Tokens tokens, DirectoryProperties properties) {
        this.watch = watch;
        this.tokens = tokens;
        this.heartbeat = properties.stream().heartbeat();
    }

    @GetMapping(path = "/v1/changes", produces = MediaType.TEXT_EVENT_STREAM_VALUE)
    @Allowed({Role.APP, Role.MIGRATOR, Role.VIEWER, Role.OPERATOR, Role.ADMIN})
    @Operation(
            summary = "Follow the revision",
            description = """
                    An event at once and after each change. The same revision again means that a credential has new
                    content: on every event, GET /v1/snapshot with If-None-Match. A comment line every 5 s shows that the
                    stream lives; without one for 15 s, connect again. A
                    token has at most 100 streams on one node, and a node 2,000.""")
    @ApiResponse(
            responseCode = "200",
            content =
                    @Content(
                            mediaType = MediaType.TEXT_EVENT_STREAM_VALUE,
                            examples = @ExampleObject("event: revision\ndata: {\"revision\":12}\n\n: heartbeat\n\n")))
    void changes(TokenRow caller, HttpMethod method, HttpServletResponse response)
            throws IOException, InterruptedException {
        if (method.equals(HttpMethod.HEAD)) {
            // Nothing is written, so nothing would tell that the client has gone.
            headers(response);
            return;
        }
        try (RevisionWatch.Subscription subscription = watch.subscribe(caller.id())) {
            headers(response);
            OutputStream out = response.getOutputStream();
            send(out, event(subscription.revision()));
            while (true) {
                boolean news = subscription.await(heartbeat);
                if (!watch.isRunning() || (!news && revoked(caller.id()))) {
                    return;
                }
                send(out, news ? event(subscription.revision()) : HEARTBEAT);
            }
        }
    }

    private static void headers(HttpServletResponse response) {
        response.setContentType(MediaType.TEXT_EVENT_STREAM_VALUE);
        response.setHeader("Cache-Control", "no-store");
        response.setHeader("X-Accel-Buffering", "no");
    }

    /** A stream must not outlive its token; while the meta database is away nobody can tell, and it goes on. */
    private boolean revoked(UUID token) {
        try {
            return !tokens.isLive(token);
        } catch (RuntimeException e) {
            return false;
        }
    }

    private static byte[] event(long revision) {
        return ("event: revision\ndata: {\"revision\":" + revision + "}\n\n").getBytes(StandardCharsets.US_ASCII);
    }

    private static void send(OutputStream out, byte[] bytes) throws IOException {
        out.write(bytes);
        out.flush();
    }
}
