// SPDX-License-Identifier: Apache-2.0
package dev.anabranch.examples.people;

import org.springframework.data.domain.Page;
import org.springframework.data.domain.Pageable;
import org.springframework.data.jpa.repository.JpaRepository;

/** The table {@code person}. */
interface PersonRepository extends JpaRepository<Person, Long> {
    Page<Person> findByCustomerId(String customerId, Pageable page);
}
