// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.examples.reviews.reviews;

import dev.anabranch.examples.reviews.Refusal;
import dev.anabranch.examples.reviews.catalog.Catalog;
import io.swagger.v3.oas.annotations.Operation;
import jakarta.validation.Valid;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Size;
import java.util.List;
import org.springframework.http.HttpStatus;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

/** What the public reads and writes. */
@RestController
class ReviewController {
    private final Catalog catalog;
    private final Reviewing reviewing;

    ReviewController(Catalog catalog, Reviewing reviewing) {
        this.catalog = catalog;
        this.reviewing = reviewing;
    }

    @Operation(summary = "List a product's published reviews, the newest 100")
    @GetMapping("/products/{product}/reviews")
    List<ReviewJson> published(@PathVariable long product) {
        return reviewing.published(product);
    }

    @Operation(summary = "Write a review, a draft until an editor publishes it")
    @PostMapping("/products/{product}/reviews")
    @ResponseStatus(HttpStatus.CREATED)
    ReviewJson write(@PathVariable long product, @Valid @RequestBody NewReview wanted) {
        if (!catalog.has(product)) {
            throw Refusal.notFound("product " + product, "Add it with POST /products.");
        }
        return reviewing.write(product, wanted.stars(), wanted.text());
    }

    @Operation(summary = "Rewrite a review, which makes it a draft again")
    @PutMapping("/reviews/{review}")
    ReviewJson rewrite(@PathVariable long review, @Valid @RequestBody NewReview wanted) {
        return reviewing.rewrite(review, wanted.stars(), wanted.text());
    }

    @Operation(summary = "Show a review, whatever has become of it")
    @GetMapping("/reviews/{review}")
    ReviewJson show(@PathVariable long review) {
        return reviewing.show(review);
    }

    /** What somebody has to say. */
    record NewReview(@NotNull @Min(1) @Max(5) Integer stars, @NotBlank @Size(max = 4_000) String text) {}
}
