// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.examples.people;

import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.GeneratedValue;
import jakarta.persistence.GenerationType;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import org.jspecify.annotations.Nullable;

/** A customer's person. */
@Entity
@Table(name = "person")
class Person {
    @Id
    @GeneratedValue(strategy = GenerationType.IDENTITY)
    private @Nullable Long id;

    private String name;

    private String address;

    @Column(name = "customer_id")
    private String customerId;

    /** For JPA, which sets the fields. */
    @SuppressWarnings("NullAway.Init")
    protected Person() {}

    Person(String name, String address, String customerId) {
        this.name = name;
        this.address = address;
        this.customerId = customerId;
    }

    @Nullable Long id() {
        return id;
    }

    String name() {
        return name;
    }

    String address() {
        return address;
    }

    String customerId() {
        return customerId;
    }
}
