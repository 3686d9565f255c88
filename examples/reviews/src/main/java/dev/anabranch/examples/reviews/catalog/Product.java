// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.examples.reviews.catalog;

import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.GeneratedValue;
import jakarta.persistence.GenerationType;
import jakarta.persistence.Id;
import org.jspecify.annotations.Nullable;

/** What is sold. */
@Entity
class Product {
    @Id
    @GeneratedValue(strategy = GenerationType.IDENTITY)
    private @Nullable Long id;

    @Column(nullable = false, unique = true, length = 200)
    private String name;

    /** For JPA, which sets the fields. */
    @SuppressWarnings("NullAway.Init")
    protected Product() {}

    Product(String name) {
        this.name = name;
    }

    @Nullable Long id() {
        return id;
    }

    String name() {
        return name;
    }
}
