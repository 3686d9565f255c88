// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.examples.billing;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.swagger.v3.oas.annotations.Operation;
import jakarta.validation.Valid;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.NotEmpty;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Positive;
import jakarta.validation.constraints.Size;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.dao.DataIntegrityViolationException;
import org.springframework.http.HttpStatus;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

/** What is owed. */
@RestController
@RequestMapping("/invoices")
class InvoiceController {
    private final SubscriptionRepository subscriptions;
    private final InvoiceRepository invoices;

    InvoiceController(SubscriptionRepository subscriptions, InvoiceRepository invoices) {
        this.subscriptions = subscriptions;
        this.invoices = invoices;
    }

    @Operation(summary = "Issue an invoice")
    @PostMapping
    @ResponseStatus(HttpStatus.CREATED)
    InvoiceJson issue(@Valid @RequestBody NewInvoice wanted) {
        Subscription subscription = subscriptions
                .findWithPlanById(wanted.subscriptionId())
                .orElseThrow(() -> Refusal.notFound(
                        "subscription " + wanted.subscriptionId(), "Begin one with POST /subscriptions."));
        if (invoices.existsByNumber(wanted.number())) {
            throw taken(wanted);
        }
        Invoice invoice = new Invoice(subscription, wanted.number(), Instant.now());
        wanted.lines().forEach(line -> invoice.add(line.description(), line.quantity(), line.unitCents()));
        try {
            return InvoiceJson.of(invoices.save(invoice));
        } catch (DataIntegrityViolationException e) {
            throw taken(wanted);
        }
    }

    @Operation(summary = "Show an invoice")
    @GetMapping("/{number}")
    InvoiceJson show(@PathVariable String number) {
        return invoices.findByNumber(number)
                .map(InvoiceJson::of)
                .orElseThrow(() -> Refusal.notFound("such invoice", "Check its number."));
    }

    private static Refusal taken(NewInvoice wanted) {
        return Refusal.taken(
                "number_taken", "There is an invoice " + wanted.number() + " already.", "Give the invoice another number.");
    }

    /** An invoice to issue. */
    record NewInvoice(
            @JsonProperty("subscription_id") @NotNull @Positive Long subscriptionId,
            @NotBlank @Size(max = 40) String number,
            @NotEmpty @Size(max = 1_000) List<@Valid @NotNull LineJson> lines) {}

    /** A line of an invoice; a price below zero is a credit. */
    record LineJson(
            @NotBlank @Size(max = 500) String description,
            @NotNull @Positive @Max(1_000_000) Integer quantity,
            @JsonProperty("unit_cents") @NotNull @Min(-1_000_000_000L) @Max(1_000_000_000L) Long unitCents) {
        static LineJson of(InvoiceLine line) {
            return new LineJson(line.description(), line.quantity(), line.unitCents());
        }
    }

    /** An invoice. */
    record InvoiceJson(
            @Nullable Long id,
            @JsonProperty("subscription_id") @Nullable Long subscriptionId,
            String number,
            String currency,
            @JsonProperty("issued_at") Instant issuedAt,
            @JsonProperty("total_cents") long totalCents,
            List<LineJson> lines) {
        static InvoiceJson of(Invoice invoice) {
            return new InvoiceJson(
                    invoice.id(),
                    invoice.subscription().id(),
                    invoice.number(),
                    invoice.currency(),
                    invoice.issuedAt(),
                    invoice.totalCents(),
                    invoice.lines().stream().map(LineJson::of).toList());
        }
    }
}
