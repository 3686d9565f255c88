// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.examples.reviews.reviews;

import dev.anabranch.examples.reviews.Refusal;
import java.util.List;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Transactional;

/** What can be done with reviews. What only reads says so, and is answered by a replica where there is one that may. */
@Service
class Reviewing {
    private final ReviewRepository reviews;

    Reviewing(ReviewRepository reviews) {
        this.reviews = reviews;
    }

    @Transactional
    ReviewJson write(long product, int stars, String text) {
        return ReviewJson.of(reviews.save(new Review(product, stars, text)));
    }

    @Transactional
    ReviewJson rewrite(long id, int stars, String text) {
        Review review = find(id);
        review.rewrite(stars, text);
        return ReviewJson.of(review);
    }

    @Transactional
    ReviewJson decide(long id, Status decided) {
        Review review = find(id);
        review.decide(decided);
        return ReviewJson.of(review);
    }

    @Transactional(readOnly = true)
    ReviewJson show(long id) {
        return ReviewJson.of(find(id));
    }

    @Transactional(readOnly = true)
    List<ReviewJson> published(long product) {
        return reviews.findTop100ByProductIdAndStatusOrderByIdDesc(product, Status.PUBLISHED).stream()
                .map(ReviewJson::of)
                .toList();
    }

    @Transactional(readOnly = true)
    List<ReviewJson> drafts() {
        return reviews.findTop100ByStatusOrderById(Status.DRAFT).stream().map(ReviewJson::of).toList();
    }

    @Transactional(readOnly = true)
    List<ProductReport> report() {
        return reviews.report();
    }

    private Review find(long id) {
        return reviews.findById(id).orElseThrow(() -> Refusal.notFound("review " + id, "Check its number."));
    }
}
