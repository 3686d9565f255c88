// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.spring.hibernate;

import jakarta.persistence.Column;
import jakarta.persistence.Embeddable;
import jakarta.persistence.EmbeddedId;
import jakarta.persistence.Entity;
import jakarta.persistence.GeneratedValue;
import jakarta.persistence.GenerationType;
import jakarta.persistence.Id;
import jakarta.persistence.JoinColumn;
import jakarta.persistence.ManyToOne;
import jakarta.persistence.SequenceGenerator;
import jakarta.persistence.TableGenerator;
import java.io.Serializable;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import org.hibernate.annotations.IdGeneratorType;
import org.hibernate.id.IncrementGenerator;
import org.jspecify.annotations.Nullable;

/** Mappings, good and bad. */
public final class Entities {
    private Entities() {}

    /** A tenant's row. */
    @Entity(name = "note")
    public static class Note {
        @Id
        @GeneratedValue(strategy = GenerationType.IDENTITY)
        @Nullable Long id;

        @Nullable String text;

        @Column(name = "customer_id")
        @Nullable String customer;
    }

    /** A tenant's row, whose key is part of its id. */
    @Entity(name = "entry")
    public static class KeyInEmbeddedId {
        @EmbeddedId
        @Nullable EntryId id;

        @Nullable String text;
    }

    /** Customer and number. */
    @Embeddable
    public record EntryId(@Column(name = "customer_id") @Nullable String customer, int number) implements Serializable {}

    /** Belongs to no tenant. */
    @Entity
    @NoShardKey("Countries are everybody's")
    public static class Country {
        @Id
        @Nullable String code;
    }

    /** Lacks the key. */
    @Entity
    public static class Unkeyed {
        @Id
        @Nullable String code;
    }

    /** The tenant itself, as a row of its own. */
    @Entity
    public static class Customer {
        @Id
        @Column(name = "customer_id")
        @Nullable String id;
    }

    /** Has the key as an association. */
    @Entity
    public static class KeyIsAssociation {
        @Id
        @Nullable String code;

        @ManyToOne
        @JoinColumn(name = "customer_id")
        @Nullable Customer customer;
    }

    /** Has the key as an attribute, and an association that reads it. */
    @Entity
    public static class KeyBesideAssociation {
        @Id
        @Nullable String code;

        @Column(name = "customer_id")
        @Nullable String customerId;

        @ManyToOne
        @JoinColumn(name = "customer_id", insertable = false, updatable = false)
        @Nullable Customer customer;
    }

    /** Has the key for reading alone. */
    @Entity
    public static class KeyNotWritten {
        @Id
        @Nullable String code;

        @Column(name = "customer_id", insertable = false, updatable = false)
        @Nullable String customer;
    }

    /** Takes 50 ids at once. */
    @Entity
    public static class PooledSequence {
        @Id
        @GeneratedValue
        @Nullable Long id;

        @Column(name = "customer_id")
        @Nullable String customer;
    }

    /** Takes one id at a time. */
    @Entity
    public static class SingleSequence {
        @Id
        @GeneratedValue(strategy = GenerationType.SEQUENCE, generator = "single")
        @SequenceGenerator(name = "single", allocationSize = 1)
        @Nullable Long id;

        @Column(name = "customer_id")
        @Nullable String customer;
    }

    /** Takes 10 ids at once, from a table. */
    @Entity
    public static class PooledTable {
        @Id
        @GeneratedValue(strategy = GenerationType.TABLE, generator = "ten")
        @TableGenerator(name = "ten", allocationSize = 10)
        @Nullable Long id;

        @Column(name = "customer_id")
        @Nullable String customer;
    }

    /** Hibernate's own counter. */
    @IdGeneratorType(IncrementGenerator.class)
    @Retention(RetentionPolicy.RUNTIME)
    @interface Counting {}

    /** Counts on from the greatest id found at first. */
    @Entity
    public static class Increments {
        @Id
        @Counting
        @Nullable Long id;

        @Column(name = "customer_id")
        @Nullable String customer;
    }
}
