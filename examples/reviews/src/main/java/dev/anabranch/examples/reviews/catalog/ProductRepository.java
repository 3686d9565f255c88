// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.examples.reviews.catalog;

import java.util.List;
import org.springframework.data.jpa.repository.JpaRepository;

/** The table {@code product}. */
interface ProductRepository extends JpaRepository<Product, Long> {
    boolean existsByName(String name);

    List<Product> findAllByOrderByName();
}
