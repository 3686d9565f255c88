// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.examples.billing;

import jakarta.persistence.CascadeType;
import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.FetchType;
import jakarta.persistence.GeneratedValue;
import jakarta.persistence.GenerationType;
import jakarta.persistence.Id;
import jakarta.persistence.Index;
import jakarta.persistence.JoinColumn;
import jakarta.persistence.ManyToOne;
import jakarta.persistence.OneToMany;
import jakarta.persistence.OrderBy;
import jakarta.persistence.Table;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a subscription owes, line by line. It never changes. */
@Entity
@Table(indexes = @Index(name = "invoice_subscription", columnList = "subscription_id"))
class Invoice {
    @Id
    @GeneratedValue(strategy = GenerationType.IDENTITY)
    private @Nullable Long id;

    @ManyToOne(fetch = FetchType.LAZY, optional = false)
    @JoinColumn(name = "subscription_id", nullable = false)
    private Subscription subscription;

    @Column(nullable = false, unique = true, length = 40)
    private String number;

    @Column(nullable = false, length = 3)
    private String currency;

    @Column(nullable = false)
    private Instant issuedAt;

    @OneToMany(mappedBy = "invoice", cascade = CascadeType.PERSIST)
    @OrderBy("position")
    private List<InvoiceLine> lines = new ArrayList<>();

    /** For JPA, which sets the fields. */
    @SuppressWarnings("NullAway.Init")
    protected Invoice() {}

    Invoice(Subscription subscription, String number, Instant issuedAt) {
        this.subscription = subscription;
        this.number = number;
        this.currency = subscription.plan().currency();
        this.issuedAt = issuedAt;
    }

    /** One more line, after those that are there. */
    void add(String description, int quantity, long unitCents) {
        lines.add(new InvoiceLine(this, lines.size() + 1, description, quantity, unitCents));
    }

    /** What is owed, in hundredths of the currency. */
    long totalCents() {
        return lines.stream().mapToLong(InvoiceLine::totalCents).reduce(0, Math::addExact);
    }

    @Nullable Long id() {
        return id;
    }

    Subscription subscription() {
        return subscription;
    }

    String number() {
        return number;
    }

    String currency() {
        return currency;
    }

    Instant issuedAt() {
        return issuedAt;
    }

    List<InvoiceLine> lines() {
        return List.copyOf(lines);
    }
}
