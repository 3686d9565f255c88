// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.examples.billing;

import jakarta.persistence.CheckConstraint;
import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.FetchType;
import jakarta.persistence.GeneratedValue;
import jakarta.persistence.GenerationType;
import jakarta.persistence.Id;
import jakarta.persistence.Index;
import jakarta.persistence.JoinColumn;
import jakarta.persistence.ManyToOne;
import jakarta.persistence.Table;
import java.time.LocalDate;
import org.jspecify.annotations.Nullable;

/** An account's plan, from one day on. */
@Entity
@Table(
        indexes = {
            @Index(name = "subscription_account", columnList = "account_id"),
            @Index(name = "subscription_plan", columnList = "plan_id")
        },
        check = @CheckConstraint(name = "subscription_ends_after_start", constraint = "cancelled_on >= started_on"))
class Subscription {
    @Id
    @GeneratedValue(strategy = GenerationType.IDENTITY)
    private @Nullable Long id;

    /** The auth service's: known here by its number alone. */
    @Column(nullable = false)
    private long accountId;

    @ManyToOne(fetch = FetchType.LAZY, optional = false)
    @JoinColumn(name = "plan_id", nullable = false)
    private Plan plan;

    @Column(nullable = false)
    private LocalDate startedOn;

    private @Nullable LocalDate cancelledOn;

    /** For JPA, which sets the fields. */
    @SuppressWarnings("NullAway.Init")
    protected Subscription() {}

    Subscription(long accountId, Plan plan, LocalDate startedOn) {
        this.accountId = accountId;
        this.plan = plan;
        this.startedOn = startedOn;
    }

    /** It ends on this day, unless it has ended. */
    void cancel(LocalDate day) {
        if (cancelledOn == null) {
            cancelledOn = day;
        }
    }

    @Nullable Long id() {
        return id;
    }

    long accountId() {
        return accountId;
    }

    Plan plan() {
        return plan;
    }

    LocalDate startedOn() {
        return startedOn;
    }

    @Nullable LocalDate cancelledOn() {
        return cancelledOn;
    }
}
