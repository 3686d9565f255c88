// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.spring.group.shop.catalog;

import java.util.List;
import org.springframework.data.jpa.repository.JpaRepository;

/** The products. */
public interface Products extends JpaRepository<Product, Long> {
    /** Those of a name. */
    List<Product> findByName(String name);
}
