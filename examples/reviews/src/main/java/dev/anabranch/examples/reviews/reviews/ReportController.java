// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.examples.reviews.reviews;

import io.swagger.v3.oas.annotations.Operation;
import java.util.List;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** What analysts ask: the audience {@code internal}, by the path, which has a replica of its own. */
@RestController
@RequestMapping("/reports")
class ReportController {
    private final Reviewing reviewing;

    ReportController(Reviewing reviewing) {
        this.reviewing = reviewing;
    }

    @Operation(summary = "Published reviews and their stars, by product")
    @GetMapping("/products")
    List<ProductReport> products() {
        return reviewing.report();
    }
}
