// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.spring.group.shop.reviews;

import org.springframework.data.jpa.repository.JpaRepository;

/** The reviews. */
public interface Reviews extends JpaRepository<Review, Long> {}
