// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.examples.auth;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.anabranch.examples.auth.AccountController.AccountJson;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import jakarta.validation.Valid;
import jakarta.validation.constraints.NotBlank;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

/** Logs accounts in and out. */
@RestController
@RequestMapping("/sessions")
class SessionController {
    private static final Duration LASTS = Duration.ofHours(12);
    private static final String SCHEME = "Bearer ";

    private final AccountRepository accounts;
    private final LoginSessionRepository sessions;
    private final Passwords passwords;
    private final Tokens tokens;

    SessionController(
            AccountRepository accounts, LoginSessionRepository sessions, Passwords passwords, Tokens tokens) {
        this.accounts = accounts;
        this.sessions = sessions;
        this.passwords = passwords;
        this.tokens = tokens;
    }

    @Operation(summary = "Log in; the answer is the only one that shows the session's token")
    @PostMapping
    @ResponseStatus(HttpStatus.CREATED)
    SessionJson logIn(@Valid @RequestBody Credentials shown) {
        Optional<Account> account = accounts.findByEmail(shown.email().toLowerCase(Locale.ROOT));
        boolean right = passwords.matches(
                shown.password(), account.map(Account::passwordHash).orElseGet(passwords::ofNobody));
        if (account.isEmpty() || !right) {
            throw Refusal.unauthorized("The e-mail address or the password is wrong.", "Check both.");
        }
        String token = tokens.next();
        Instant now = Instant.now();
        LoginSession saved =
                sessions.save(new LoginSession(account.get(), tokens.hash(token), now, now.plus(LASTS)));
        return new SessionJson(token, saved.expiresAt());
    }

    @Operation(summary = "Whose session it is")
    @GetMapping("/current")
    AccountJson current(
            @Parameter(description = "Bearer, and the session's token")
                    @RequestHeader(name = HttpHeaders.AUTHORIZATION, required = false)
                    @Nullable String authorization) {
        return AccountJson.of(required(authorization).account());
    }

    @Operation(summary = "Log out")
    @DeleteMapping("/current")
    @ResponseStatus(HttpStatus.NO_CONTENT)
    void logOut(
            @Parameter(description = "Bearer, and the session's token")
                    @RequestHeader(name = HttpHeaders.AUTHORIZATION, required = false)
                    @Nullable String authorization) {
        sessions.delete(required(authorization));
    }

    private LoginSession required(@Nullable String authorization) {
        return Optional.ofNullable(authorization)
                .filter(header -> header.startsWith(SCHEME))
                .flatMap(header -> sessions.findByTokenHashAndExpiresAtAfter(
                        tokens.hash(header.substring(SCHEME.length())), Instant.now()))
                .orElseThrow(() -> Refusal.unauthorized(
                        "The request shows no session that lasts.",
                        "Log in with POST /sessions, and send the header Authorization: Bearer <token>."));
    }

    /** Who wants to log in. */
    record Credentials(@NotBlank String email, @NotBlank String password) {
        @Override
        public String toString() {
            return "Credentials[email=" + email + "]";
        }
    }

    /** A session that has begun. */
    record SessionJson(String token, @JsonProperty("expires_at") Instant expiresAt) {}
}
