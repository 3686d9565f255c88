// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.spring.group.shop.reviews;

import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.GeneratedValue;
import jakarta.persistence.GenerationType;
import jakarta.persistence.Id;
import org.jspecify.annotations.Nullable;

/** What a customer says of a product, whose id it keeps. */
@Entity
public class Review {
    @Id
    @GeneratedValue(strategy = GenerationType.IDENTITY)
    @Nullable Long id;

    @Column(name = "customer_id")
    @Nullable String customer;

    @Nullable String text;

    /** For Hibernate. */
    protected Review() {}

    Review(String customer, String text) {
        this.customer = customer;
        this.text = text;
    }
}
