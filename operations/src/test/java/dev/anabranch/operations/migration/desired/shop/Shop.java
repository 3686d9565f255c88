// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.operations.migration.desired.shop;

import jakarta.persistence.AttributeConverter;
import jakarta.persistence.Column;
import jakarta.persistence.Converter;
import jakarta.persistence.ElementCollection;
import jakarta.persistence.Embeddable;
import jakarta.persistence.Embedded;
import jakarta.persistence.Entity;
import jakarta.persistence.EnumType;
import jakarta.persistence.Enumerated;
import jakarta.persistence.GeneratedValue;
import jakarta.persistence.GenerationType;
import jakarta.persistence.Id;
import jakarta.persistence.Index;
import jakarta.persistence.ManyToMany;
import jakarta.persistence.ManyToOne;
import jakarta.persistence.MappedSuperclass;
import jakarta.persistence.Table;
import jakarta.persistence.UniqueConstraint;
import jakarta.persistence.Version;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.Set;
import java.util.UUID;
import org.hibernate.annotations.JdbcTypeCode;
import org.hibernate.type.SqlTypes;

/** Marks the package of entities with one of each thing that Hibernate has a way of its own with. */
public final class Shop {
    private Shop() {}
}

enum State {
    OPEN,
    PAID,
    LOST
}

enum Colour {
    RED,
    GREEN
}

@Converter(autoApply = true)
class DurationConverter implements AttributeConverter<Duration, Long> {
    @Override
    public Long convertToDatabaseColumn(Duration duration) {
        return duration.toMillis();
    }

    @Override
    public Duration convertToEntityAttribute(Long millis) {
        return Duration.ofMillis(millis);
    }
}

@MappedSuperclass
class Stamped {
    @Column(nullable = false)
    Instant createdAt;

    @Version
    long version;
}

@Embeddable
class Money {
    @Column(precision = 12, scale = 2)
    BigDecimal amount;

    @Column(length = 3)
    String currencyCode;
}

@Entity
@Table(uniqueConstraints = @UniqueConstraint(columnNames = {"firstName", "lastName"}))
class Customer extends Stamped {
    @Id
    @GeneratedValue(strategy = GenerationType.IDENTITY)
    Long id;

    String firstName;

    @Column(length = 40, nullable = false)
    String lastName;

    @Column(unique = true)
    String mailAddress;
}

@Entity
@Table(indexes = @Index(columnList = "state, createdAt desc"))
class CustomerOrder extends Stamped {
    @Id
    @GeneratedValue(strategy = GenerationType.SEQUENCE)
    Long id;

    @Enumerated(EnumType.STRING)
    State state;

    @Enumerated(EnumType.ORDINAL)
    Colour wrapping;

    @ManyToOne(optional = false)
    Customer orderedBy;

    @Embedded
    Money totalPrice;

    @ElementCollection
    Set<String> tagNames;

    @ManyToMany
    Set<Product> products;

    Duration timeLimit;

    UUID trackingId;

    @JdbcTypeCode(SqlTypes.JSON)
    String extraData;
}

@Entity
class Product {
    @Id
    String code;

    byte[] picture;
    double weight;
    String[] otherNames;
}
