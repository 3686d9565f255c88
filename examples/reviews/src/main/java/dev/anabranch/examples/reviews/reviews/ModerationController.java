// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.examples.reviews.reviews;

import io.swagger.v3.oas.annotations.Operation;
import java.util.List;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** What editors do: the audience {@code draft}, by the path. */
@RestController
@RequestMapping("/moderation/drafts")
class ModerationController {
    private final Reviewing reviewing;

    ModerationController(Reviewing reviewing) {
        this.reviewing = reviewing;
    }

    @Operation(summary = "List the drafts, the oldest 100")
    @GetMapping
    List<ReviewJson> drafts() {
        return reviewing.drafts();
    }

    @Operation(summary = "Publish a review")
    @PostMapping("/{review}/publish")
    ReviewJson publish(@PathVariable long review) {
        return reviewing.decide(review, Status.PUBLISHED);
    }

    @Operation(summary = "Reject a review")
    @PostMapping("/{review}/reject")
    ReviewJson reject(@PathVariable long review) {
        return reviewing.decide(review, Status.REJECTED);
    }
}
