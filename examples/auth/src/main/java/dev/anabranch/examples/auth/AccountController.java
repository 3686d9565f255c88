// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.examples.auth;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.swagger.v3.oas.annotations.Operation;
import jakarta.validation.Valid;
import jakarta.validation.constraints.Email;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.Size;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.springframework.dao.DataIntegrityViolationException;
import org.springframework.http.HttpStatus;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

/** Accounts, and the API keys of each. */
@RestController
@RequestMapping("/accounts")
class AccountController {
    private final AccountRepository accounts;
    private final ApiKeyRepository keys;
    private final Passwords passwords;
    private final Tokens tokens;

    AccountController(AccountRepository accounts, ApiKeyRepository keys, Passwords passwords, Tokens tokens) {
        this.accounts = accounts;
        this.keys = keys;
        this.passwords = passwords;
        this.tokens = tokens;
    }

    @Operation(summary = "Open an account")
    @PostMapping
    @ResponseStatus(HttpStatus.CREATED)
    AccountJson open(@Valid @RequestBody NewAccount wanted) {
        String email = wanted.email().toLowerCase(Locale.ROOT);
        if (accounts.existsByEmail(email)) {
            throw taken(email);
        }
        try {
            return AccountJson.of(accounts.save(
                    new Account(email, wanted.name(), passwords.hash(wanted.password()), Instant.now())));
        } catch (DataIntegrityViolationException e) {
            // Somebody else was as fast: the constraint decides.
            throw taken(email);
        }
    }

    @Operation(summary = "Show an account")
    @GetMapping("/{account}")
    AccountJson show(@PathVariable long account) {
        return AccountJson.of(required(account));
    }

    @Operation(summary = "Make an API key; the answer is the only one that shows it")
    @PostMapping("/{account}/api-keys")
    @ResponseStatus(HttpStatus.CREATED)
    NewApiKeyJson makeKey(@PathVariable long account, @Valid @RequestBody NewApiKey wanted) {
        Account owner = required(account);
        if (keys.existsByAccountIdAndName(account, wanted.name())) {
            throw keyTaken(wanted);
        }
        String secret = tokens.next();
        try {
            ApiKey saved = keys.save(new ApiKey(owner, wanted.name(), tokens.hash(secret), Instant.now()));
            return new NewApiKeyJson(saved.id(), saved.name(), secret);
        } catch (DataIntegrityViolationException e) {
            throw keyTaken(wanted);
        }
    }

    @Operation(summary = "List an account's API keys, without the keys themselves")
    @GetMapping("/{account}/api-keys")
    List<ApiKeyJson> listKeys(@PathVariable long account) {
        required(account);
        return keys.findByAccountIdOrderById(account).stream().map(ApiKeyJson::of).toList();
    }

    @Operation(summary = "Revoke an API key")
    @DeleteMapping("/{account}/api-keys/{key}")
    @ResponseStatus(HttpStatus.NO_CONTENT)
    void revokeKey(@PathVariable long account, @PathVariable long key) {
        ApiKey revoked = keys.findByIdAndAccountId(key, account)
                .orElseThrow(() -> Refusal.notFound("such API key", "List the account's keys."));
        revoked.revoke(Instant.now());
        keys.save(revoked);
    }

    private Account required(long account) {
        return accounts.findById(account)
                .orElseThrow(() -> Refusal.notFound("account " + account, "Open one with POST /accounts."));
    }

    private static Refusal taken(String email) {
        return Refusal.taken(
                "email_taken", "There is an account for " + email + " already.", "Log in, or give another address.");
    }

    private static Refusal keyTaken(NewApiKey wanted) {
        return Refusal.taken(
                "name_taken", "The account has a key called " + wanted.name() + " already.", "Give the key another name.");
    }

    /** An account to open. */
    record NewAccount(
            @NotBlank @Email @Size(max = Account.LONGEST_EMAIL) String email,
            @NotBlank @Size(max = 200) String name,
            @NotBlank @Size(min = 12, max = 200) String password) {
        @Override
        public String toString() {
            return "NewAccount[email=" + email + "]";
        }
    }

    /** An account, without its password. */
    record AccountJson(@Nullable Long id, String email, String name, @JsonProperty("created_at") Instant createdAt) {
        static AccountJson of(Account account) {
            return new AccountJson(account.id(), account.email(), account.name(), account.createdAt());
        }
    }

    /** An API key to make. */
    record NewApiKey(@NotBlank @Size(max = 100) String name) {}

    /** An API key that was made. */
    record NewApiKeyJson(@Nullable Long id, String name, String key) {}

    /** An API key, without the key itself. */
    record ApiKeyJson(
            @Nullable Long id,
            String name,
            @JsonProperty("created_at") Instant createdAt,
            @JsonProperty("revoked_at") @Nullable Instant revokedAt) {
        static ApiKeyJson of(ApiKey key) {
            return new ApiKeyJson(key.id(), key.name(), key.createdAt(), key.revokedAt());
        }
    }
}
