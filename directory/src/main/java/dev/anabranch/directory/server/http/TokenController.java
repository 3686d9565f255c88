// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.directory.server.http;

import dev.anabranch.directory.server.problem.ProblemCode;
import dev.anabranch.directory.server.problem.ProblemException;
import dev.anabranch.directory.server.security.Allowed;
import dev.anabranch.directory.server.security.Tokens;
import dev.anabranch.directory.server.store.ChangeRequest;
import dev.anabranch.directory.server.store.Outcome;
import dev.anabranch.directory.server.store.Role;
import dev.anabranch.directory.server.store.TokenRow;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.http.CacheControl;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** The tokens, for admins alone. */
@RestController
@RequestMapping("/v1/tokens")
@Tag(name = "Tokens and audit")
class TokenController {
    private static final int LONGEST_KEY = 255;

    private final Tokens tokens;

    TokenController(Tokens tokens) {
        this.tokens = tokens;
    }

    /**
     * Who is to hold a token.
     *
     * @param name the holder; the audit's {@code who}
     * @param role what the holder may do
     */
    @Schema(name = "TokenBody")
    record Body(
            @Nullable @Schema(example = "people-service") String name,
            @Nullable @Schema(example = "app", allowableValues = {"viewer", "app", "migrator", "operator", "admin"}) String role) {}

    @PostMapping
    @Allowed(Role.ADMIN)
    @Operation(
            summary = "Make a token",
            description = "The secret is in this answer and nowhere else. The same Idempotency-Key again makes no second"
                    + " token and cannot show the first one's secret: it is refused with idempotency_repeated, which names"
                    + " the token, so that it can be revoked.")
    @ApiResponse(
            responseCode = "201",
            description = "Made",
            content = @Content(schema = @Schema(implementation = Tokens.Made.class)))
    ResponseEntity<?> create(
            @RequestBody Body body,
            @RequestHeader(name = "Idempotency-Key", required = false) @Nullable String key,
            ChangeRequest request) {
        if (key != null && (key.isBlank() || key.length() > LONGEST_KEY)) {
            throw new ProblemException(
                    ProblemCode.REQUEST_INVALID, "The Idempotency-Key has not 1 to " + LONGEST_KEY + " characters");
        }
        Role role = Role.of(body.role() == null ? "" : body.role())
                .orElseThrow(() -> new ProblemException(
                        ProblemCode.CONFIGURATION_INVALID,
                        "The token's role is missing or not known",
                        List.of("Use viewer, app, migrator, operator or admin")));
        Tokens.Result result = tokens.create(body.name() == null ? "" : body.name(), role, key, request);
        Tokens.Made made = result.made();
        if (made == null) {
            return Answers.of(result.outcome());
        }
        return ResponseEntity.status(201)
                .eTag("\"" + made.revision() + "\"")
                .cacheControl(CacheControl.noStore())
                .contentType(MediaType.APPLICATION_JSON)
                .body(made);
    }

    @GetMapping
    @Allowed(Role.ADMIN)
    @Operation(summary = "All tokens, without their secrets")
    Page<TokenRow> list() {
        return new Page<>(tokens.all(), null);
    }

    @DeleteMapping("/{id}")
    @Allowed(Role.ADMIN)
    @Operation(summary = "Revoke a token", description = "It is refused from the next request on, on every node")
    ResponseEntity<Outcome> revoke(@PathVariable String id, ChangeRequest request) {
        UUID uuid;
        try {
            uuid = UUID.fromString(id);
        } catch (IllegalArgumentException e) {
            throw new ProblemException(ProblemCode.TOKEN_UNKNOWN, "There is no token with that id");
        }
        return Answers.of(tokens.revoke(uuid, request));
    }
}
