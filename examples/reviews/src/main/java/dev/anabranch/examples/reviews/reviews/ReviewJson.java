// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.examples.reviews.reviews;

import com.fasterxml.jackson.annotation.JsonProperty;
import org.jspecify.annotations.Nullable;

/** A review. */
record ReviewJson(
        @Nullable Long id, @JsonProperty("product_id") long productId, int stars, String text, Status status, int edition) {
    static ReviewJson of(Review review) {
        return new ReviewJson(
                review.id(), review.productId(), review.stars(), review.text(), review.status(), review.edition());
    }
}
