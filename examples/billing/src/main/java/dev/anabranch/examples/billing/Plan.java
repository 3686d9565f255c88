// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.examples.billing;

import jakarta.persistence.CheckConstraint;
import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.GeneratedValue;
import jakarta.persistence.GenerationType;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import org.jspecify.annotations.Nullable;

/** What can be subscribed to, and its price. */
@Entity
@Table(check = @CheckConstraint(name = "plan_price_not_negative", constraint = "price_cents >= 0"))
class Plan {
    @Id
    @GeneratedValue(strategy = GenerationType.IDENTITY)
    private @Nullable Long id;

    @Column(nullable = false, unique = true, length = 50)
    private String code;

    @Column(nullable = false, length = 200)
    private String name;

    @Column(nullable = false)
    private long priceCents;

    @Column(nullable = false, length = 3)
    private String currency;

    /** For JPA, which sets the fields. */
    @SuppressWarnings("NullAway.Init")
    protected Plan() {}

    Plan(String code, String name, long priceCents, String currency) {
        this.code = code;
        this.name = name;
        this.priceCents = priceCents;
        this.currency = currency;
    }

    String code() {
        return code;
    }

    String name() {
        return name;
    }

    long priceCents() {
        return priceCents;
    }

    String currency() {
        return currency;
    }
}
