// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.examples.billing;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.swagger.v3.oas.annotations.Operation;
import jakarta.validation.Valid;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Pattern;
import jakarta.validation.constraints.PositiveOrZero;
import jakarta.validation.constraints.Size;
import java.util.List;
import org.springframework.dao.DataIntegrityViolationException;
import org.springframework.http.HttpStatus;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

/** What can be subscribed to. */
@RestController
@RequestMapping("/plans")
class PlanController {
    private final PlanRepository plans;

    PlanController(PlanRepository plans) {
        this.plans = plans;
    }

    @Operation(summary = "Offer a plan")
    @PostMapping
    @ResponseStatus(HttpStatus.CREATED)
    PlanJson offer(@Valid @RequestBody PlanJson wanted) {
        if (plans.existsByCode(wanted.code())) {
            throw taken(wanted);
        }
        try {
            return PlanJson.of(plans.save(
                    new Plan(wanted.code(), wanted.name(), wanted.priceCents(), wanted.currency())));
        } catch (DataIntegrityViolationException e) {
            // Somebody else was as fast: the constraint decides.
            throw taken(wanted);
        }
    }

    @Operation(summary = "List the plans")
    @GetMapping
    List<PlanJson> list() {
        return plans.findAllByOrderByCode().stream().map(PlanJson::of).toList();
    }

    private static Refusal taken(PlanJson wanted) {
        return Refusal.taken(
                "code_taken", "There is a plan " + wanted.code() + " already.", "Give the plan another code.");
    }

    /** A plan. */
    record PlanJson(
            @NotBlank @Size(max = 50) @Pattern(regexp = "[a-z0-9-]+") String code,
            @NotBlank @Size(max = 200) String name,
            @JsonProperty("price_cents") @NotNull @PositiveOrZero @Max(1_000_000_000_000L) Long priceCents,
            @NotNull @Pattern(regexp = "[A-Z]{3}") String currency) {
        static PlanJson of(Plan plan) {
            return new PlanJson(plan.code(), plan.name(), plan.priceCents(), plan.currency());
        }
    }
}
