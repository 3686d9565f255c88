// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.examples.reviews.catalog;

import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Transactional;

/** What other groups may ask of the products: they hold a product's number, and no foreign key. */
@Service
public class Catalog {
    private final ProductRepository products;

    Catalog(ProductRepository products) {
        this.products = products;
    }

    /** Whether there is such a product. */
    @Transactional(readOnly = true)
    public boolean has(long product) {
        return products.existsById(product);
    }
}
