// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.spring.group.shop.catalog;

import jakarta.persistence.Entity;
import jakarta.persistence.GeneratedValue;
import jakarta.persistence.GenerationType;
import jakarta.persistence.Id;
import org.jspecify.annotations.Nullable;

/** What is sold. */
@Entity
public class Product {
    @Id
    @GeneratedValue(strategy = GenerationType.SEQUENCE)
    @Nullable Long id;

    @Nullable String name;

    /** For Hibernate. */
    protected Product() {}

    Product(String name) {
        this.name = name;
    }

    @Override
    public String toString() {
        return "Product " + name;
    }
}
