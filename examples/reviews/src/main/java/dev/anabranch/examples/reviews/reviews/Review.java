// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.examples.reviews.reviews;

import jakarta.persistence.CheckConstraint;
import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.EnumType;
import jakarta.persistence.Enumerated;
import jakarta.persistence.GeneratedValue;
import jakarta.persistence.GenerationType;
import jakarta.persistence.Id;
import jakarta.persistence.Index;
import jakarta.persistence.Table;
import org.jspecify.annotations.Nullable;

/** What somebody says of a product. */
@Entity
@Table(
        indexes = @Index(name = "review_product", columnList = "product_id, status"),
        check = @CheckConstraint(name = "review_stars_1_to_5", constraint = "stars between 1 and 5"))
class Review {
    @Id
    @GeneratedValue(strategy = GenerationType.IDENTITY)
    private @Nullable Long id;

    /** The product's number, in another database perhaps: neither a foreign key nor a JPA relation leads there. */
    @Column(nullable = false)
    private long productId;

    @Column(nullable = false)
    private int stars;

    @Column(nullable = false, length = 4_000)
    private String text;

    @Enumerated(EnumType.STRING)
    @Column(nullable = false, length = 10)
    private Status status = Status.DRAFT;

    /** Grows with each text. */
    @Column(nullable = false)
    private int edition = 1;

    /** For JPA, which sets the fields. */
    @SuppressWarnings("NullAway.Init")
    protected Review() {}

    Review(long productId, int stars, String text) {
        this.productId = productId;
        this.stars = stars;
        this.text = text;
    }

    /** Takes another text, which an editor has to see again. */
    void rewrite(int newStars, String newText) {
        stars = newStars;
        text = newText;
        edition++;
        status = Status.DRAFT;
    }

    void decide(Status decided) {
        status = decided;
    }

    @Nullable Long id() {
        return id;
    }

    long productId() {
        return productId;
    }

    int stars() {
        return stars;
    }

    String text() {
        return text;
    }

    Status status() {
        return status;
    }

    int edition() {
        return edition;
    }
}
