// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.examples.billing;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import jakarta.validation.Valid;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Positive;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

/** Who has which plan. */
@RestController
@RequestMapping("/subscriptions")
class SubscriptionController {
    private final PlanRepository plans;
    private final SubscriptionRepository subscriptions;

    SubscriptionController(PlanRepository plans, SubscriptionRepository subscriptions) {
        this.plans = plans;
        this.subscriptions = subscriptions;
    }

    @Operation(summary = "Subscribe an account to a plan, from today on")
    @PostMapping
    @ResponseStatus(HttpStatus.CREATED)
    SubscriptionJson subscribe(@Valid @RequestBody NewSubscription wanted) {
        Plan plan = plans.findByCode(wanted.plan())
                .orElseThrow(() -> Refusal.notFound("plan " + wanted.plan(), "List the plans with GET /plans."));
        return SubscriptionJson.of(subscriptions.save(new Subscription(wanted.accountId(), plan, today())));
    }

    @Operation(summary = "List an account's subscriptions")
    @GetMapping
    List<SubscriptionJson> list(
            @Parameter(description = "The account's number, as the auth service gave it") @RequestParam("account_id")
                    long account) {
        return subscriptions.findByAccountIdOrderById(account).stream()
                .map(SubscriptionJson::of)
                .toList();
    }

    @Operation(summary = "Cancel a subscription today")
    @DeleteMapping("/{subscription}")
    SubscriptionJson cancel(@PathVariable long subscription) {
        Subscription cancelled = subscriptions
                .findWithPlanById(subscription)
                .orElseThrow(() -> Refusal.notFound(
                        "subscription " + subscription, "List the account's with GET /subscriptions?account_id=."));
        cancelled.cancel(today());
        return SubscriptionJson.of(subscriptions.save(cancelled));
    }

    private static LocalDate today() {
        return LocalDate.now(ZoneOffset.UTC);
    }

    /** A subscription to begin. */
    record NewSubscription(
            @JsonProperty("account_id") @NotNull @Positive Long accountId, @NotBlank String plan) {}

    /** A subscription. */
    record SubscriptionJson(
            @Nullable Long id,
            @JsonProperty("account_id") long accountId,
            String plan,
            @JsonProperty("started_on") LocalDate startedOn,
            @JsonProperty("cancelled_on") @Nullable LocalDate cancelledOn) {
        static SubscriptionJson of(Subscription subscription) {
            return new SubscriptionJson(
                    subscription.id(),
                    subscription.accountId(),
                    subscription.plan().code(),
                    subscription.startedOn(),
                    subscription.cancelledOn());
        }
    }
}
