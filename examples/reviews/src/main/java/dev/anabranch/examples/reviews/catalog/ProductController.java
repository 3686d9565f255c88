// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.examples.reviews.catalog;

import dev.anabranch.examples.reviews.Refusal;
import io.swagger.v3.oas.annotations.Operation;
import jakarta.validation.Valid;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.Size;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.dao.DataIntegrityViolationException;
import org.springframework.http.HttpStatus;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

/** What is sold. */
@RestController
@RequestMapping("/products")
class ProductController {
    private final ProductRepository products;

    ProductController(ProductRepository products) {
        this.products = products;
    }

    @Operation(summary = "Add a product")
    @PostMapping
    @ResponseStatus(HttpStatus.CREATED)
    ProductJson add(@Valid @RequestBody NewProduct wanted) {
        if (products.existsByName(wanted.name())) {
            throw taken(wanted);
        }
        try {
            return ProductJson.of(products.save(new Product(wanted.name())));
        } catch (DataIntegrityViolationException e) {
            // Somebody else was as fast: the constraint decides.
            throw taken(wanted);
        }
    }

    @Operation(summary = "List the products")
    @GetMapping
    List<ProductJson> list() {
        return products.findAllByOrderByName().stream().map(ProductJson::of).toList();
    }

    private static Refusal taken(NewProduct wanted) {
        return Refusal.conflict(
                "name_taken", "There is a product " + wanted.name() + " already.", "Give the product another name.");
    }

    /** A product to add. */
    record NewProduct(@NotBlank @Size(max = 200) String name) {}

    /** A product. */
    record ProductJson(@Nullable Long id, String name) {
        static ProductJson of(Product product) {
            return new ProductJson(product.id(), product.name());
        }
    }
}
