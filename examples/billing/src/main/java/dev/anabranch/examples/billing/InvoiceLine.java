// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.examples.billing;

import jakarta.persistence.CheckConstraint;
import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.FetchType;
import jakarta.persistence.GeneratedValue;
import jakarta.persistence.GenerationType;
import jakarta.persistence.Id;
import jakarta.persistence.JoinColumn;
import jakarta.persistence.ManyToOne;
import jakarta.persistence.Table;
import jakarta.persistence.UniqueConstraint;
import org.jspecify.annotations.Nullable;

/** One thing on an invoice. */
@Entity
@Table(
        uniqueConstraints = @UniqueConstraint(columnNames = {"invoice_id", "position"}),
        check = @CheckConstraint(name = "invoice_line_quantity_positive", constraint = "quantity > 0"))
class InvoiceLine {
    @Id
    @GeneratedValue(strategy = GenerationType.IDENTITY)
    private @Nullable Long id;

    @ManyToOne(fetch = FetchType.LAZY, optional = false)
    @JoinColumn(name = "invoice_id", nullable = false)
    private Invoice invoice;

    @Column(nullable = false)
    private int position;

    @Column(nullable = false, length = 500)
    private String description;

    @Column(nullable = false)
    private int quantity;

    @Column(nullable = false)
    private long unitCents;

    /** For JPA, which sets the fields. */
    @SuppressWarnings("NullAway.Init")
    protected InvoiceLine() {}

    InvoiceLine(Invoice invoice, int position, String description, int quantity, long unitCents) {
        this.invoice = invoice;
        this.position = position;
        this.description = description;
        this.quantity = quantity;
        this.unitCents = unitCents;
    }

    long totalCents() {
        return Math.multiplyExact(quantity, unitCents);
    }

    Invoice invoice() {
        return invoice;
    }

    int position() {
        return position;
    }

    String description() {
        return description;
    }

    int quantity() {
        return quantity;
    }

    long unitCents() {
        return unitCents;
    }
}
